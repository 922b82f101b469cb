-- One row per task result of an accepted run: the record of what was run, graded how, with which hashes.
with submissions as (

    select * from {{ ref('stg_runs__submissions') }}
    where is_accepted

),

results as (

    select * from {{ ref('stg_runs__tasks') }}

),

grades as (

    select * from {{ ref('int_run_grades') }}

),

pack_tasks as (

    select * from {{ ref('dim_run_tasks') }}

),

final as (

    select
        results.submission_no,
        results.task,
        results.run_no,
        submissions.is_sample,
        submissions.run_sha256,
        results.category,
        results.difficulty,
        results.grading,
        results.grader_kind,
        results.grader_name,
        coalesce(grades.evidence, 'not_in_pack') as evidence,
        coalesce(grades.is_final, false) as is_final,
        grades.passed,
        grades.score,
        grades.earned_units,
        grades.possible_units,
        {{ millionths('grades.earned_units * 10') }} as earned,
        {{ millionths('grades.possible_units * 10') }} as possible,
        results.is_error,
        results.integrity,
        submissions.tui is not null
        or submissions.agent_format_version is not null as is_cell,
        -- The key of a cell in its order; what is missing is null in it.
        sha256(json_array(
            submissions.tui, submissions.behavior_mode, submissions.model, results.task, submissions.plugin_stack
        )::varchar) as cell_id,
        sha256(json_array(
            submissions.tui, submissions.behavior_mode, submissions.model, results.task, submissions.plugin_stack,
            submissions.tui_image_sha, submissions.model_endpoint_sha, submissions.sampling_profile,
            coalesce(results.task_added_date, pack_tasks.added_on)::varchar
        )::varchar) as cell_version_id,
        coalesce(results.task_added_date, pack_tasks.added_on) as task_added_date,
        results.prompt_sha256,
        results.output_sha256,
        results.transcript_sha256,
        results.grader_sha256,
        results.notes_sha256,
        results.grade_sha256,
        results.duration_s,
        results.cost_usd,
        results.input_tokens,
        results.output_tokens
    from results
    inner join submissions on results.submission_no = submissions.submission_no
    left join grades
        on
            results.submission_no = grades.submission_no
            and results.task = grades.task
            and results.run_no = grades.run_no
    left join pack_tasks
        on submissions.pack_sha256 = pack_tasks.pack_sha256 and results.task = pack_tasks.task

)

select * from final
