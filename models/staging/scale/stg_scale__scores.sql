-- One row per entry of a Scale leaderboard; the six boards have one shape.
with source as (

    {{ rows_of_boards([
        ('swebench_pro', 'entries', 'SWEBenchPro'),
        ('sweatlas_qna', 'entries', 'SWEAtlasQnA'),
        ('sweatlas_test_writing', 'entries', 'SWEAtlasTestWriting'),
        ('sweatlas_refactoring', 'entries', 'SWEAtlasRefactoring'),
        ('mcp_atlas', 'entries', 'MCPAtlas'),
        ('hil_bench', 'entries', 'HiLBench'),
    ]) }}

),

renamed as (

    select
        source_key,
        endpoint,
        row_ordinal,
        payload_sha256,
        url,
        fetched_at,
        board_metric_key,

        -- names
        {{ json_text('payload', 'model') }} as model,
        nullif({{ json_text('payload', 'company') }}, '') as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        'deprecated=' || coalesce({{ json_text('payload', 'deprecated') }}, 'false') as row_traits,
        null::date as observed_on,

        -- percent; the published bound is the half-width of the interval
        {{ json_number('payload', 'score') }} as score,
        {{ json_number('payload', 'confidenceInterval_upper') }} as half_width
    from source

),

bounded as (

    select
        *,
        score - half_width as score_low,
        score + half_width as score_high
    from renamed

),

final as (

    {{ score_rows(
        'bounded',
        labels={'model': 'model'},
        metrics={'board': {
            'key': 'board_metric_key', 'value': 'score', 'low': 'score_low', 'high': 'score_high',
        }}
    ) }}

)

select * from final
