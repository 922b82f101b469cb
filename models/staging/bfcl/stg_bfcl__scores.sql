-- One row per leaderboard line and metric; a model that was run in two calling modes has two lines.
with source as (

    {{ current_rows('bfcl', 'rows') }}

),

{% set shares = {
    'overall_accuracy': 'Overall Acc',
    'non_live_ast': 'Non-Live AST Acc',
    'live': 'Live Acc',
    'multi_turn': 'Multi Turn Acc',
    'web_search': 'Web Search Acc',
    'memory': 'Memory Acc',
    'relevance_detection': 'Relevance Detection',
    'irrelevance_detection': 'Irrelevance Detection',
} -%}

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
        null::varchar as effort_text,
        null::varchar as agent,
        null::varchar as row_traits,
        null::date as observed_on,

        -- percent strings such as 77.47%; N/A is missing
        {% for name, column in shares.items() -%}
            try_cast(rtrim({{ json_text('payload', '"' ~ column ~ '"') }}, '%') as double) as {{ name }}{{ ',' if not loop.last }}
        {% endfor %}
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
