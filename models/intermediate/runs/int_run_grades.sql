-- One row per task result of an accepted run, and per task of its pack that it left out: the best grade there is.
with results as (

    select * from {{ ref('stg_runs__tasks') }}

),

submissions as (

    select * from {{ ref('stg_runs__submissions') }}
    where is_accepted

),

pack_tasks as (

    select * from {{ ref('dim_run_tasks') }}

),

events as (

    select * from {{ ref('fct_run_events') }}

),

difficulties as (

    select * from {{ ref('run_difficulties') }}

),

known_packs as (

    select distinct pack_sha256
    from pack_tasks

),

-- What a task is, its pack says, if that is known; what no pack has is no task of it.
classed as (

    select
        results.submission_no,
        results.task,
        results.run_no,
        coalesce(pack_tasks.category, results.category) as category,
        coalesce(pack_tasks.difficulty, results.difficulty) as difficulty,
        results.is_error
    from results
    inner join submissions on results.submission_no = submissions.submission_no
    left join known_packs on submissions.pack_sha256 = known_packs.pack_sha256
    left join pack_tasks
        on submissions.pack_sha256 = pack_tasks.pack_sha256 and results.task = pack_tasks.task
    where known_packs.pack_sha256 is null or pack_tasks.task is not null

),

tasks_run as (

    select
        submission_no,
        task,
        category,
        difficulty,
        count(*) as round_count
    from classed
    group by submission_no, task, category, difficulty

),

rounds as (

    select
        submission_no,
        max(round_count) as round_count
    from tasks_run
    group by submission_no

),

last_rounds as (

    select
        submission_no,
        max(run_no) as last_run_no
    from classed
    group by submission_no

),

tasks_left_out as (

    select
        submissions.submission_no,
        pack_tasks.task,
        pack_tasks.category,
        pack_tasks.difficulty,
        0 as round_count
    from submissions
    inner join pack_tasks on submissions.pack_sha256 = pack_tasks.pack_sha256
    left join tasks_run
        on submissions.submission_no = tasks_run.submission_no and pack_tasks.task = tasks_run.task
    where tasks_run.task is null

),

tasks_expected as (

    select * from tasks_run
    union all
    select * from tasks_left_out

),

-- Every task counts as often as the one that was run most often: what is left out stays in the denominator, like what
-- ended in an error, and no task weighs more by being run again and again.
left_out as (

    select
        tasks_expected.submission_no,
        tasks_expected.task,
        last_rounds.last_run_no
        + unnest(range(1, rounds.round_count - tasks_expected.round_count + 1))::integer as run_no,
        tasks_expected.category,
        tasks_expected.difficulty
    from tasks_expected
    inner join rounds on tasks_expected.submission_no = rounds.submission_no
    inner join last_rounds on tasks_expected.submission_no = last_rounds.submission_no
    where tasks_expected.round_count < rounds.round_count

),

expected as (

    select
        submission_no,
        task,
        run_no,
        category,
        difficulty,
        is_error,
        false as is_left_out
    from classed

    union all

    select
        submission_no,
        task,
        run_no,
        category,
        difficulty,
        false as is_error,
        true as is_left_out
    from left_out

),

-- Best evidence first; of one kind, the latest.
best as (

    select
        submission_no,
        task,
        run_no,
        kind,
        is_ranked,
        passed,
        score
    from events
    where is_evidence
    qualify row_number() over (
            partition by submission_no, task, run_no
            order by strength desc, event_no desc
        ) = 1

),

judge_states as (

    select
        submission_no,
        task,
        run_no,
        arg_max(state, event_no) as judge_state
    from events
    where kind = 'judge'
    group by submission_no, task, run_no

),

graded as (

    select
        expected.*,
        case
            when best.kind is not null then best.kind
            when expected.is_left_out or expected.is_error then 'not_earned'
            else coalesce(judge_states.judge_state, 'ungraded')
        end as evidence,
        judge_states.judge_state,
        best.passed,
        best.score,
        coalesce(best.is_ranked, expected.is_left_out or expected.is_error) as is_final,
        (difficulties.multiplier * 100000)::bigint as possible_units,
        case
            when best.passed is not null then (if(best.passed, difficulties.multiplier, 0) * 100000)::bigint
            -- A score of 10 earns what a passed task earns: 100000 units are 100 x 100 x 10.
            when best.score is not null then (difficulties.multiplier * 100)::bigint * (best.score * 100)::bigint
            when expected.is_left_out or expected.is_error then 0
        end as earned_units
    from expected
    inner join difficulties on expected.difficulty = difficulties.difficulty
    left join best
        on
            expected.submission_no = best.submission_no
            and expected.task = best.task
            and expected.run_no = best.run_no
    left join judge_states
        on
            expected.submission_no = judge_states.submission_no
            and expected.task = judge_states.task
            and expected.run_no = judge_states.run_no

),

final as (

    select
        submission_no,
        task,
        run_no,
        category,
        difficulty,
        evidence,
        judge_state,
        possible_units,
        earned_units,
        score,
        passed,
        is_error,
        is_left_out,
        is_final
    from graded

)

select * from final
