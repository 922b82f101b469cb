-- One row per accepted run with calls under a load profile: percentiles, and the score against the anchors.
with submissions as (

    select
        submission_no,
        calls
    from {{ source('runs', 'submissions') }}

),

accepted as (

    select
        submission_no,
        load_profile
    from {{ ref('stg_runs__submissions') }}
    where is_accepted and load_profile is not null

),

profiles as (

    select * from {{ ref('run_load_profiles') }}

),

anchors as (

    select * from {{ ref('run_anchors') }}

),

opened as (

    select
        accepted.submission_no,
        accepted.load_profile,
        unnest(from_json(submissions.calls, '[{
            "failed": "boolean", "latency_s": "double", "output_tokens": "bigint"
        }]')) as called
    from submissions
    inner join accepted on submissions.submission_no = accepted.submission_no

),

fields as (

    select
        submission_no,
        load_profile,
        called.*
    from opened

),

calls as (

    select
        submission_no,
        load_profile,
        latency_s,
        output_tokens,
        coalesce(failed, false) as has_failed
    from fields

),

-- Failed calls are counted, and have no part in the times.
timed as (

    select
        submission_no,
        load_profile,
        count(*) as call_count,
        count(*) filter (where has_failed) as failed_count,
        median(latency_s) filter (where not has_failed) as latency_p50_s,
        quantile_cont(latency_s, {{ var('slow_quantile') }}) filter (where not has_failed) as latency_p95_s,
        -- Whoever leaves tokens out of some calls would choose which ones count.
        case
            when count(*) filter (where not has_failed and output_tokens is null) = 0
                then
                    {{ exact_sum('output_tokens', where='not has_failed') }}
                    / nullif({{ exact_sum('latency_s', where='not has_failed') }}, 0)
        end as tokens_per_s
    from calls
    group by submission_no, load_profile

),

profiled as (

    select
        timed.*,
        profiles.anchor_version
    from timed
    inner join profiles on timed.load_profile = profiles.load_profile

),

measured as (

    select
        submission_no,
        anchor_version,
        unnest(['latency_p50_s', 'latency_p95_s', 'tokens_per_s']) as metric,
        unnest([latency_p50_s, latency_p95_s, tokens_per_s]) as value
    from profiled

),

-- Cut off after six places: from here on speed is as exact as the other categories. Where less is better the floor is
-- above the anchor, and the same formula is reversed.
anchored as (

    select
        measured.submission_no,
        floor(round({{ clamp(
            '100 * (measured.value - anchors.floor) / (anchors.anchor - anchors.floor)', '0', '100'
        ) }} * 1000000, 3))::bigint as score_millionths
    from measured
    inner join anchors
        on measured.anchor_version = anchors.anchor_version and measured.metric = anchors.metric

),

scored as (

    select
        submission_no,
        sum(score_millionths) // count(*) as score_millionths,
        count(score_millionths) as figure_count
    from anchored
    group by submission_no

),

final as (

    select
        timed.submission_no,
        timed.load_profile,
        profiles.anchor_version,
        timed.call_count::integer as call_count,
        timed.failed_count::integer as failed_count,
        timed.latency_p50_s,
        timed.latency_p95_s,
        timed.tokens_per_s,
        case
            when profiles.load_profile is null then 'unknown_profile'
            when timed.call_count - timed.failed_count < profiles.min_calls then 'too_few_calls'
            when scored.figure_count = 3 then 'final'
            else 'incomplete_calls'
        end as state,
        case
            when
                timed.call_count - timed.failed_count >= profiles.min_calls and scored.figure_count = 3
                then scored.score_millionths
        end::bigint as score_millionths
    from timed
    left join profiles on timed.load_profile = profiles.load_profile
    left join scored on timed.submission_no = scored.submission_no

)

select * from final
