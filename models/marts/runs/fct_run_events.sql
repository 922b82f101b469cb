-- One row per grade of a task result, by whom and why; nothing is changed, a later row follows.
with submissions as (

    select * from {{ ref('stg_runs__submissions') }}
    where is_accepted

),

results as (

    select * from {{ ref('stg_runs__tasks') }}

),

appended as (

    select * from {{ source('runs', 'events') }}

),

as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

adjudications as (

    select * from {{ ref('run_adjudications') }}
    where action = 'grade'

),

known_packs as (

    select distinct pack_sha256
    from {{ ref('dim_run_tasks') }}

),

evidence_kinds as (

    select * from {{ ref('run_evidence_kinds') }}

),

names as (

    select * from {{ ref('int_run_models') }}

),

provisional as (

    select
        results.submission_no,
        0 as event_no,
        results.task,
        results.run_no,
        'provisional' as kind,
        'graded' as state,
        coalesce(results.grader_name, results.grader_kind, results.grading) as grader,
        null as grader_version,
        'run' as grader_origin,
        'client' as actor,
        results.passed,
        results.score,
        'what the client says' as reason,
        null as input_sha256,
        null as rationale_sha256,
        submissions.received_at as decided_at
    from results
    inner join submissions on results.submission_no = submissions.submission_no
    where not results.is_error and (results.passed is not null or results.score is not null)

),

regraded as (

    select
        submissions.submission_no,
        appended.event_no,
        appended.task,
        appended.run_no,
        appended.kind,
        appended.state,
        appended.grader,
        appended.grader_version,
        appended.grader_origin,
        appended.actor,
        appended.passed,
        appended.score,
        appended.reason,
        appended.input_sha256,
        appended.rationale_sha256,
        appended.decided_at
    from appended
    inner join submissions
        on appended.run_sha256 = submissions.run_sha256 and appended.is_sample = submissions.is_sample
    cross join as_of
    where appended.is_sample or as_of.as_of is null or appended.decided_at <= as_of.as_of

),

adjudicated as (

    select
        submissions.submission_no,
        row_number() over (
            partition by submissions.submission_no, adjudications.task, adjudications.run_no
            order by adjudications.decided_on, adjudications.reason
        ) as event_no,
        adjudications.task,
        adjudications.run_no,
        'adjudication' as kind,
        'graded' as state,
        'person' as grader,
        null as grader_version,
        null as grader_origin,
        adjudications.decided_by as actor,
        adjudications.passed,
        adjudications.score,
        adjudications.reason,
        null as input_sha256,
        null as rationale_sha256,
        adjudications.decided_on::timestamp as decided_at
    from adjudications
    inner join submissions on adjudications.run_sha256 = submissions.run_sha256
    cross join as_of
    where not submissions.is_sample and (as_of.as_of is null or adjudications.decided_on <= as_of.as_of)

),

events as (

    select * from provisional
    union all
    select * from regraded
    union all
    select * from adjudicated

),

final as (

    select
        events.submission_no,
        events.task,
        events.run_no,
        events.kind,
        events.event_no,
        submissions.run_sha256,
        events.state,
        events.grader,
        events.grader_version,
        events.actor,
        coalesce(
            events.reason,
            case when events.kind = 'recheck' then 'by the grader of the ' || events.grader_origin end
        ) as reason,
        events.input_sha256,
        events.rationale_sha256,
        events.passed,
        events.score::decimal(4, 2) as score,
        evidence_kinds.strength,
        -- A judge that is the graded model itself says nothing, whatever let it through.
        events.kind = 'judge'
        and (judges.model_key = graded.model_key or judges.bare_name = graded.bare_name) as is_self_judged,
        (events.passed is not null or events.score is not null)
        and not (
            events.kind = 'judge'
            and (judges.model_key = graded.model_key or judges.bare_name = graded.bare_name)
        )
        -- Where the pack is known its own graders are the measure.
        and not (
            events.kind = 'recheck'
            and events.grader_origin = 'run'
            and known_packs.pack_sha256 is not null
        ) as is_evidence,
        evidence_kinds.is_ranked,
        events.decided_at
    from events
    inner join submissions on events.submission_no = submissions.submission_no
    inner join evidence_kinds on events.kind = evidence_kinds.kind
    inner join names as graded on submissions.model = graded.model
    left join known_packs on submissions.pack_sha256 = known_packs.pack_sha256
    left join names as judges on events.kind = 'judge' and events.grader = judges.model

)

select * from final
