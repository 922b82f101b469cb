-- A decision about a run that nobody knows would silently decide nothing.
with adjudications as (

    select * from {{ ref('run_adjudications') }}

),

decided as (

    select distinct run_sha256 from adjudications

),

submissions as (

    select
        submissions.submission_no,
        submissions.run_sha256
    from {{ source('runs', 'submissions') }} as submissions
    inner join decided on submissions.run_sha256 = decided.run_sha256
    where submissions.is_accepted and not submissions.is_sample

),

-- A board of a past moment has not all of them; the decisions are those of today.
tasks as (

    select
        kept.run_sha256,
        unnest(from_json(kept.tasks, '[{"task": "varchar", "run_no": "integer"}]')) as result
    from {{ source('runs', 'submissions') }} as kept
    inner join submissions on kept.submission_no = submissions.submission_no

),

judged as (

    select
        adjudications.*,
        case
            when coalesce(action, '') not in ('grade', 'withdraw', 'redact')
                then 'has an action that is none of grade, withdraw, redact'
            when decided_on is null or decided_by is null or reason is null or evidence is null
                then 'has an empty decided_on, decided_by, reason or evidence'
            when not exists (
                    select 1 from submissions
                    where submissions.run_sha256 = adjudications.run_sha256
                ) then 'no accepted run has this hash'
            when adjudications.action <> 'grade' then null
            when not exists (
                    select 1 from tasks
                    where
                        tasks.run_sha256 = adjudications.run_sha256
                        and struct_extract(tasks.result, 'task') = adjudications.task
                        and struct_extract(tasks.result, 'run_no') = adjudications.run_no
                ) then 'the run has no such task and run_no'
            when (adjudications.passed is null) = (adjudications.score is null)
                then 'needs passed or score, and not both'
            when adjudications.score < 0 or adjudications.score > 10 then 'has a score outside 0 to 10'
        end as problem
    from adjudications

),

final as (

    select
        'seeds/runs/run_adjudications.csv' as file,
        concat_ws(' ', run_sha256, action, task, run_no) as row_name,
        problem,
        'Copy run_sha256, task and run_no from marts.fct_run_records' as remedy
    from judged
    where problem is not null

)

select * from final
