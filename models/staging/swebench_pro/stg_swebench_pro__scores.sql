-- One row per leaderboard entry.
with source as (

    {{ current_rows('swebench_pro', 'entries') }}

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
        {{ json_text('payload', 'model') }} as model,
        nullif({{ json_text('payload', 'company') }}, '') as vendor_hint,
        null::varchar as effort_text,
        null::varchar as agent,
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
        metrics={'SWEBenchPro': {'value': 'score', 'low': 'score_low', 'high': 'score_high'}}
    ) }}

)

select * from final
