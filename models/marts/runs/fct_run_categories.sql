-- One row per accepted run and category: points of 100, or why there are none.
with submissions as (

    select * from {{ ref('stg_runs__submissions') }}
    where is_accepted

),

categories as (

    select * from {{ ref('run_categories') }}

),

grades as (

    select * from {{ ref('int_run_grades') }}

),

speeds as (

    select * from {{ ref('int_run_speeds') }}

),

expected as (

    select
        submissions.submission_no,
        categories.category,
        categories.title,
        categories.position,
        categories.weight
    from submissions
    cross join categories

),

graded as (

    select
        submission_no,
        category,
        count(*) as task_count,
        count(earned_units) as graded_count,
        count(*) filter (where is_final) as final_count,
        count(*) filter (where is_error) as error_count,
        count(*) filter (where is_left_out) as left_out_count,
        sum(earned_units) as earned_units,
        sum(possible_units) as possible_units
    from grades
    group by submission_no, category

),

-- Tasks and calls in one shape: speed is a decimal of its own, in millionths of 100 points.
scored as (

    select
        expected.submission_no,
        expected.category,
        expected.title,
        expected.position,
        expected.weight,
        case
            when graded.task_count is not null
                then
                    case
                        when graded.graded_count < graded.task_count then 'ungraded'
                        when graded.final_count < graded.task_count then 'provisional'
                        else 'final'
                    end
            else coalesce(speeds.state, 'missing')
        end as state,
        coalesce(graded.task_count, speeds.call_count, 0)::integer as task_count,
        coalesce(graded.graded_count, speeds.call_count - speeds.failed_count, 0)::integer as graded_count,
        coalesce(graded.final_count, speeds.call_count - speeds.failed_count, 0)::integer as final_count,
        coalesce(graded.error_count, speeds.failed_count, 0)::integer as error_count,
        coalesce(graded.left_out_count, 0)::integer as left_out_count,
        case when graded.graded_count = graded.task_count then graded.earned_units else speeds.score_millionths end
            as earned_units,
        case
            when graded.graded_count = graded.task_count then graded.possible_units
            when speeds.score_millionths is not null then 100000000
        end as possible_units
    from expected
    left join graded
        on expected.submission_no = graded.submission_no and expected.category = graded.category
    left join speeds on expected.submission_no = speeds.submission_no and expected.category = 'speed'

),

final as (

    select
        submission_no,
        category,
        title,
        position,
        state,
        task_count,
        graded_count,
        final_count,
        error_count,
        left_out_count,
        -- Cut off after six places and never rounded up, so that no score enters a tier that it has not reached.
        {{ millionths('earned_units::hugeint * 100000000 // possible_units') }} as score,
        {{ millionths('(weight * 1000000)::bigint * earned_units::hugeint * 100 // possible_units') }} as points,
        weight,
        earned_units::bigint as earned_units,
        possible_units::bigint as possible_units,
        -- Speed has no tasks: what it earned is its score.
        case when category <> 'speed' then {{ millionths('earned_units * 10') }} end as earned,
        case when category <> 'speed' then {{ millionths('possible_units * 10') }} end as possible
    from scored

)

select * from final
