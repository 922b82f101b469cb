-- One row per tagged configuration, pack and category (and total): how many points the tag moved against the base.
with runs as (

    select * from {{ ref('fct_runs') }}
    where not is_withdrawn

),

category_scores as (

    select * from {{ ref('fct_run_categories') }}

),

categories as (

    select
        *,
        count(*) over () as category_count
    from {{ ref('run_categories') }}

),

grades as (

    select * from {{ ref('int_run_grades') }}

),

speeds as (

    select * from {{ ref('int_run_speeds') }}

),

parameters as (

    select * from {{ ref('int_parameters') }}

),

sides as (

    select
        submission_no,
        is_sample,
        nickname,
        model_key,
        coalesce(pack_sha256, '') as task_set,
        config,
        config = 'base' as is_base
    from runs

),

-- The base once for each tag that it is compared with.
compared as (

    select
        row_number() over (order by is_sample, nickname, model_key, task_set, config) as delta_no,
        *
    from (
        select distinct
            is_sample,
            nickname,
            model_key,
            task_set,
            config
        from sides
        where not is_base
    ) as tagged

),

members as (

    select
        compared.delta_no,
        sides.is_base,
        sides.submission_no
    from compared
    inner join sides
        on
            compared.is_sample = sides.is_sample
            and compared.nickname = sides.nickname
            and compared.model_key = sides.model_key
            and compared.task_set = sides.task_set
            and (compared.config = sides.config or sides.is_base)

),

counted as (

    select
        members.delta_no,
        category_scores.category,
        count(*) filter (where not members.is_base) as tagged_runs,
        count(*) filter (where members.is_base) as base_runs
    from members
    inner join category_scores on members.submission_no = category_scores.submission_no
    where category_scores.state = 'final'
    group by members.delta_no, category_scores.category

),

-- A task counts where both sides have it graded for good: what only one side ran says nothing about the tag.
task_sides as (

    select
        members.delta_no,
        grades.category,
        grades.task,
        min(grades.possible_units) as possible_units,
        {{ exact_sum('grades.earned_units / grades.possible_units', where='not members.is_base') }}
        / count(*) filter (where not members.is_base) as tagged_share,
        {{ exact_sum('grades.earned_units / grades.possible_units', where='members.is_base') }}
        / count(*) filter (where members.is_base) as base_share
    from members
    inner join grades on members.submission_no = grades.submission_no
    where grades.is_final
    group by members.delta_no, grades.category, grades.task

),

-- The units that are drawn: pairs of tasks, each with what it counts for; of speed the runs of each side.
units as (

    select
        delta_no,
        category,
        'pair' as side,
        possible_units as unit_weight,
        round(possible_units * 100 * (tagged_share - base_share) * 1000000)::bigint as weighted_millionths,
        row_number() over (partition by delta_no, category order by task) as place,
        count(*) over (partition by delta_no, category) as unit_count
    from task_sides
    where tagged_share is not null and base_share is not null

    union all

    select
        members.delta_no,
        'speed' as category,
        if(members.is_base, 'base', 'tagged') as side,
        1 as unit_weight,
        if(members.is_base, -1, 1) * speeds.score_millionths as weighted_millionths,
        row_number() over (partition by members.delta_no, members.is_base order by members.submission_no) as place,
        count(*) over (partition by members.delta_no, members.is_base) as unit_count
    from members
    inner join speeds on members.submission_no = speeds.submission_no
    where speeds.score_millionths is not null

),

-- Whole numbers add the same in whatever order they come.
lists as (

    select
        delta_no,
        category,
        side,
        any_value(unit_count) as unit_count,
        sum(weighted_millionths) / sum(unit_weight) / 1000000 as seen_value
    from units
    group by delta_no, category, side

),

lengths as (

    select distinct
        category,
        side,
        unit_count
    from lists

),

picked as (

    select
        lengths.category,
        lengths.side,
        lengths.unit_count,
        draws.draw,
        1 + floor({{ uniform_draw(
            'parameters.draw_salt',
            "'delta:' || draws.draw",
            "lengths.category || '|' || lengths.side || '|' || places.place"
        ) }} * lengths.unit_count)::bigint as picked_place
    from lengths
    cross join parameters
    cross join unnest(range(1, parameters.run_delta_draws::bigint + 1)) as draws (draw)
    cross join unnest(range(1, lengths.unit_count + 1)) as places (place)
    -- One unit alone does not say how far another would lie from it.
    where lengths.unit_count > 1

),

-- How often a draw takes each place of a list: one table serves all lists of a length.
picks as (

    select
        category,
        side,
        unit_count,
        draw,
        picked_place,
        count(*) as times
    from picked
    group by category, side, unit_count, draw, picked_place

),

resampled as (

    select
        units.delta_no,
        units.category,
        units.side,
        picks.draw,
        sum(picks.times * units.weighted_millionths) / sum(picks.times * units.unit_weight) / 1000000 as drawn_value
    from units
    inner join picks
        on
            units.category = picks.category
            and units.side = picks.side
            and units.unit_count = picks.unit_count
            and units.place = picks.picked_place
    group by units.delta_no, units.category, units.side, picks.draw

),

-- Draw 0 is what was seen. Draws of few units lie too close to it: n of n - 1 parts of the variance are missing.
drawn as (

    select
        delta_no,
        category,
        side,
        0 as draw,
        seen_value as side_value
    from lists

    union all

    select
        resampled.delta_no,
        resampled.category,
        resampled.side,
        resampled.draw,
        lists.seen_value + (resampled.drawn_value - lists.seen_value)
        * sqrt(lists.unit_count / (lists.unit_count - 1)) as side_value
    from resampled
    inner join lists
        on
            resampled.delta_no = lists.delta_no
            and resampled.category = lists.category
            and resampled.side = lists.side

),

category_draws as (

    select
        delta_no,
        category,
        draw,
        sum(side_value) as delta
    from drawn
    group by delta_no, category, draw
    -- Speed needs both of its sides.
    having category <> 'speed' or count(*) = 2

),

with_totals as (

    select * from category_draws

    union all

    select
        category_draws.delta_no,
        'total' as category,
        category_draws.draw,
        {{ exact_sum('categories.weight * category_draws.delta') }} as delta
    from category_draws
    inner join categories on category_draws.category = categories.category
    group by category_draws.delta_no, category_draws.draw
    having count(*) = any_value(categories.category_count)

),

ordered as (

    select
        *,
        row_number() over (partition by delta_no, category order by delta) as place,
        count(*) over (partition by delta_no, category) as draw_count
    from with_totals
    where draw > 0

),

-- The range leaves out at most interval_tail of the draws at each end.
ranges as (

    select
        ordered.delta_no,
        ordered.category,
        min(ordered.delta) filter (
            where ordered.place > floor(parameters.interval_tail * ordered.draw_count)
        ) as delta_low,
        max(ordered.delta) filter (
            where ordered.place <= ordered.draw_count - floor(parameters.interval_tail * ordered.draw_count)
        ) as delta_high
    from ordered
    cross join parameters
    group by ordered.delta_no, ordered.category

),

paired as (

    select
        delta_no,
        category,
        count(*) as paired_tasks
    from units
    where side = 'pair'
    group by delta_no, category

    union all

    select
        delta_no,
        'total' as category,
        count(*) as paired_tasks
    from units
    where side = 'pair'
    group by delta_no

),

scopes as (

    select
        category,
        position
    from categories

    union all

    select
        'total' as category,
        0 as position

),

side_counts as (

    select * from counted

    union all

    -- Of the whole, a side has as many runs as its poorest category.
    select
        counted.delta_no,
        'total' as category,
        case when count(*) = any_value(categories.category_count) then min(counted.tagged_runs) else 0 end
            as tagged_runs,
        case when count(*) = any_value(categories.category_count) then min(counted.base_runs) else 0 end as base_runs
    from counted
    inner join categories on counted.category = categories.category
    group by counted.delta_no

),

judged as (

    select
        compared.*,
        scopes.category,
        scopes.position,
        coalesce(side_counts.tagged_runs, 0) as tagged_runs,
        coalesce(side_counts.base_runs, 0) as base_runs,
        coalesce(paired.paired_tasks, 0) as paired_tasks,
        case
            when
                coalesce(side_counts.tagged_runs, 0) < parameters.run_min_runs_for_delta
                or coalesce(side_counts.base_runs, 0) < parameters.run_min_runs_for_delta
                then 'not_enough_runs'
            when seen.delta is null then 'nothing_shared'
            else 'compared'
        end as state,
        seen.delta,
        -- A handful of pairs may agree by chance, and their draws would agree with them.
        state = 'compared'
        and (paired_tasks >= parameters.run_min_pairs_for_interval or scopes.category = 'speed') as has_interval
    from compared
    cross join scopes
    cross join parameters
    left join side_counts
        on compared.delta_no = side_counts.delta_no and scopes.category = side_counts.category
    left join paired on compared.delta_no = paired.delta_no and scopes.category = paired.category
    left join with_totals as seen
        on
            compared.delta_no = seen.delta_no
            and scopes.category = seen.category
            and seen.draw = 0

),

final as (

    select
        judged.is_sample,
        judged.nickname,
        judged.model_key,
        judged.config,
        nullif(judged.task_set, '') as pack_sha256,
        judged.category,
        judged.position::integer as position,
        judged.state,
        judged.tagged_runs::integer as tagged_runs,
        judged.base_runs::integer as base_runs,
        judged.paired_tasks::integer as paired_tasks,
        case when judged.state = 'compared' then judged.delta end as delta,
        case when judged.has_interval then ranges.delta_low end as delta_low,
        case when judged.has_interval then ranges.delta_high end as delta_high,
        judged.has_interval and (ranges.delta_low > 0 or ranges.delta_high < 0) as is_sure
    from judged
    left join ranges on judged.delta_no = ranges.delta_no and judged.category = ranges.category

)

select * from final
