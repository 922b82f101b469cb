-- One row per model, name field and metric: the mean over its problems.
with source as (

    {{ current_rows('livecodebench', 'models') }}

),

performances as (

    {{ current_rows('livecodebench', 'performances') }}

),

date_marks as (

    {{ current_rows('livecodebench', 'date_marks') }}

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
        {{ json_text('payload', 'model_repr') }} as model_repr,
        {{ json_text('payload', 'model_name') }} as model_name,
        null::string as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        null::date as observed_on,
        case when {{ json_text('payload', 'release_date') }} is null then 'released=unknown' end as row_traits
    from source

),

-- The site shows the problems from the mark at three tenths of its time line on.
window_start as (

    select {{ json_number('payload', 'date_mark') }} as starts_at
    from date_marks
    qualify row_number() over (order by {{ json_number('payload', 'date_mark') }} asc nulls last)
        = 1 + floor(3 * count(*) over () / 10)

),

solved as (

    select
        {{ json_text('payload', 'model') }} as model_repr,
        {{ json_number('payload', '"pass@1"') }} as solved_share,
        {{ json_number('payload', 'date') }} as published_at
    from performances

),

averaged as (

    select
        solved.model_repr,
        {{ exact_sum('solved.solved_share') }} / count(solved.solved_share) as mean_share,
        {{ exact_sum('solved.solved_share', 'solved.published_at >= window_start.starts_at') }}
        / count(solved.solved_share) filter (where solved.published_at >= window_start.starts_at) as window_share
    from solved
    left join window_start on true
    group by solved.model_repr

),

scored as (

    select
        renamed.*,
        averaged.mean_share,
        averaged.window_share
    from renamed
    left join averaged on renamed.model_repr = averaged.model_repr

),

final as (

    {{ score_rows(
        'scored',
        labels={'model_repr': 'model_repr', 'model_name': 'model_name'},
        metrics={'LiveCodeBench': 'mean_share', 'LiveCodeBenchWindow': 'window_share'}
    ) }}

)

select * from final
