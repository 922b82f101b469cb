-- One row per task result of an accepted run: what the client says of it, and the hashes of its bodies.
with submissions as (

    select
        submission_no,
        tasks
    from {{ source('runs', 'submissions') }}

),

accepted as (

    select submission_no
    from {{ ref('stg_runs__submissions') }}
    where is_accepted

),

opened as (

    select
        submissions.submission_no,
        unnest(from_json(submissions.tasks, '[{
            "task": "varchar", "run_no": "integer", "category": "varchar", "difficulty": "varchar",
            "grading": "varchar", "grader_kind": "varchar", "grader_name": "varchar",
            "prompt_sha256": "varchar", "output_sha256": "varchar", "transcript_sha256": "varchar",
            "grader_sha256": "varchar", "notes_sha256": "varchar", "grade_sha256": "varchar",
            "score": "double", "duration_s": "double", "cost_usd": "double", "input_tokens": "bigint",
            "output_tokens": "bigint", "passed": "boolean", "is_error": "boolean", "integrity": "integer",
            "task_added_date": "date"
        }]')) as result
    from submissions
    inner join accepted on submissions.submission_no = accepted.submission_no

),

fields as (

    select
        submission_no,
        result.*
    from opened

),

final as (

    select
        submission_no,
        task,
        run_no,
        category,
        difficulty,
        grading,
        grader_kind,
        grader_name,
        prompt_sha256,
        output_sha256,
        transcript_sha256,
        grader_sha256,
        notes_sha256,
        grade_sha256,
        score::decimal(4, 2) as score,
        duration_s,
        cost_usd,
        input_tokens,
        output_tokens,
        passed,
        integrity,
        coalesce(is_error, false) as is_error,
        task_added_date
    from fields

)

select * from final
