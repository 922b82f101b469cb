-- One row per task result, or run, and way in which what it says does not go together.
with records as (

    select * from {{ ref('fct_run_records') }}

),

events as (

    select * from {{ ref('fct_run_events') }}

),

runs as (

    select * from {{ ref('fct_runs') }}

),

claims as (

    select
        submission_no,
        task,
        run_no,
        any_value(passed) filter (where kind = 'provisional') as claimed,
        arg_max(passed, event_no) filter (where kind = 'recheck' and is_evidence) as rechecked,
        any_value(score) filter (where kind = 'provisional') as claimed_score,
        arg_max(score, event_no) filter (where kind = 'judge' and is_evidence) as judged_score
    from events
    group by submission_no, task, run_no

),

-- The same output to the same prompt, graded by the same grader, in two ways.
graded_twice as (

    select
        is_sample,
        prompt_sha256,
        output_sha256,
        grader_sha256,
        task
    from records
    where prompt_sha256 is not null and output_sha256 is not null and is_final and grading = 'deterministic'
    group by is_sample, prompt_sha256, output_sha256, grader_sha256, task
    having count(distinct passed) > 1

),

found as (

    select
        submission_no,
        task,
        run_no,
        'passed_without_integrity' as contradiction,
        'passed, and its integrity check says 0' as detail
    from records
    where passed and integrity = 0

    union all

    select
        submission_no,
        task,
        run_no,
        'passed_without_output' as contradiction,
        'passed by a grader of outputs, and no output came with it' as detail
    from records
    where passed and output_sha256 is null and grader_sha256 is not null

    union all

    select
        submission_no,
        task,
        run_no,
        'output_without_tokens' as contradiction,
        'an output came with it, and 0 output tokens are counted' as detail
    from records
    where output_sha256 is not null and output_tokens = 0

    union all

    select
        submission_no,
        task,
        run_no,
        'claim_refuted' as contradiction,
        'the client says ' || if(claimed, 'passed', 'failed') || ', the grader here '
        || if(rechecked, 'passed', 'failed') as detail
    from claims
    where claimed <> rechecked

    union all

    select
        records.submission_no,
        records.task,
        records.run_no,
        'graded_both_ways' as contradiction,
        'the same output to the same prompt passed in one run and failed in another' as detail
    from records
    inner join graded_twice
        on
            records.is_sample = graded_twice.is_sample
            and records.prompt_sha256 = graded_twice.prompt_sha256
            and records.output_sha256 = graded_twice.output_sha256
            and records.grader_sha256 is not distinct from graded_twice.grader_sha256
            and records.task = graded_twice.task
    where records.is_final

    union all

    select
        submission_no,
        null as task,
        null as run_no,
        'lab_without_signature' as contradiction,
        'says that it comes from a lab, and no key of a lab signed it' as detail
    from runs
    where claims_lab and not is_lab

),

final as (

    select
        found.submission_no,
        coalesce(found.task, '') as task,
        coalesce(found.run_no, 0)::integer as run_no,
        found.contradiction,
        runs.is_sample,
        runs.run_sha256,
        runs.nickname,
        runs.model,
        runs.config,
        found.detail
    from found
    inner join runs on found.submission_no = runs.submission_no

)

select * from final
