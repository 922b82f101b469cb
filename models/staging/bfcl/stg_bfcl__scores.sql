-- One row per leaderboard line and metric; a model that was run in two calling modes has two lines.
with source as (

    {{ current_rows('bfcl', 'rows') }}

),

renamed as (

    select
        source_key,
        endpoint,
        row_ordinal,
        payload_sha256,
        url,
        fetched_at,

        -- names
        {{ json_text('payload', '"Model"') }} as model,
        nullif({{ json_text('payload', '"Organization"') }}, '') as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        null::string as row_traits,
        null::date as observed_on,

        -- percent strings such as 77.47%; N/A is missing
        {{ json_percent('payload', '"Overall Acc"') }} as overall_accuracy,
        {{ json_percent('payload', '"Non-Live AST Acc"') }} as non_live_ast,
        {{ json_percent('payload', '"Live Acc"') }} as live,
        {{ json_percent('payload', '"Multi Turn Acc"') }} as multi_turn,
        {{ json_percent('payload', '"Web Search Acc"') }} as web_search,
        {{ json_percent('payload', '"Memory Acc"') }} as memory,
        {{ json_percent('payload', '"Relevance Detection"') }} as relevance_detection,
        {{ json_percent('payload', '"Irrelevance Detection"') }} as irrelevance_detection
    from source

),

final as (

    {{ score_rows(
        'renamed',
        labels={'model': 'model'},
        metrics={
            'BFCL': 'overall_accuracy',
            'BFCLNonLiveAST': 'non_live_ast',
            'BFCLLive': 'live',
            'BFCLMultiTurn': 'multi_turn',
            'BFCLWebSearch': 'web_search',
            'BFCLMemory': 'memory',
            'BFCLRelevanceDetection': 'relevance_detection',
            'BFCLIrrelevanceDetection': 'irrelevance_detection',
        }
    ) }}

)

select * from final
