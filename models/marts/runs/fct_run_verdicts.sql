-- One row per attempt to hand in a run: every check in its order, and what became of it.
with submissions as (

    select * from {{ ref('stg_runs__submissions') }}

),

nicknames as (

    select * from {{ ref('int_run_nicknames') }}

),

runs as (

    select * from {{ ref('fct_runs') }}

),

grades as (

    select * from {{ ref('int_run_grades') }}

),

judge_states as (

    select
        grades.submission_no,
        case
            when count(*) filter (where not grades.is_final and grades.judge_state = 'judge_failed') > 0
                then 'judge_failed'
            when count(*) filter (where grades.earned_units is null) > 0 then 'waiting'
            when count(*) filter (where grades.evidence = 'provisional') > 0 then 'provisional'
            else 'graded'
        end as judge_state
    from grades
    group by grades.submission_no

),

final as (

    select
        submissions.submission_no,
        submissions.is_sample,
        submissions.run_sha256,
        submissions.route,
        submissions.origin,
        submissions.importer,
        nicknames.shown_nickname as nickname,
        submissions.model,
        submissions.config,
        case
            when submissions.is_accepted and runs.is_withdrawn then 'withdrawn'
            when submissions.is_accepted then 'accepted'
            when submissions.schema_verdict <> 'valid' then 'refused_by_schema'
            when submissions.duplicate_verdict = 'duplicate' then 'refused_as_duplicate'
            when submissions.limit_verdict = 'limited' then 'refused_by_rate_limit'
            when submissions.signature_verdict is not null then 'refused_by_signature'
            else 'refused_by_pack'
        end as verdict,
        submissions.schema_verdict,
        submissions.duplicate_verdict,
        submissions.duplicate_of,
        submissions.pack_verdict,
        submissions.signature_verdict,
        submissions.signed_by,
        submissions.limit_verdict,
        submissions.limit_layer,
        submissions.layers_fired,
        submissions.attempt_limit,
        submissions.window_s,
        submissions.retry_after_s,
        case when submissions.is_accepted then coalesce(judge_states.judge_state, 'graded') end as judge_state,
        submissions.problem,
        submissions.is_accepted,
        submissions.received_at
    from submissions
    left join nicknames
        on submissions.nickname = nicknames.nickname and submissions.is_sample = nicknames.is_sample
    left join runs on submissions.submission_no = runs.submission_no
    left join judge_states on submissions.submission_no = judge_states.submission_no

)

select * from final
