-- A model that grades its own outputs is no evidence, however its name is spelt.
with grades as (

    select * from {{ ref('int_run_grades') }}
    where evidence = 'judge'

),

events as (

    select * from {{ ref('fct_run_events') }}
    where kind = 'judge' and is_evidence

),

submissions as (

    select * from {{ ref('stg_runs__submissions') }}

)

select
    grades.submission_no,
    grades.task,
    events.grader
from grades
inner join events
    on
        grades.submission_no = events.submission_no
        and grades.task = events.task
        and grades.run_no = events.run_no
inner join submissions on grades.submission_no = submissions.submission_no
where lower(string_split(events.grader, '/')[-1]) = lower(string_split(submissions.model, '/')[-1])
