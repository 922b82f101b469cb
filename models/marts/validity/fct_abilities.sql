-- One row per model: its ability over all that is measured of it, how unsure that is, and which ranks it may hold.
with models as (

    select model_id
    from {{ ref('models') }}

),

abilities as (

    select * from {{ ref('int_abilities') }}
    where scenario = 'all'

),

parameters as (

    select * from {{ ref('int_parameters') }}

),

unsure as (

    select
        abilities.model_id,
        abilities.cell_count,
        abilities.ability,
        sqrt(abilities.variance) * parameters.ability_interval_factor as deviation
    from abilities
    cross join parameters

),

-- Two uniform draws make a normal one (Box and Muller).
drawn as (

    select
        unsure.model_id,
        draws.draw,
        unsure.ability
        + unsure.deviation
        * sqrt(-2 * ln(1 - {{ uniform_draw(
            'parameters.draw_salt', "'ability:' || draws.draw", "unsure.model_id || '|1'"
        ) }}))
        * cos(2 * pi() * {{ uniform_draw(
            'parameters.draw_salt', "'ability:' || draws.draw", "unsure.model_id || '|2'"
        ) }}) as ability
    from unsure
    cross join parameters
    cross join unnest(range(1, parameters.ability_draws::bigint + 1)) as draws (draw)

),

ranked_draws as (

    select
        model_id,
        draw,
        rank() over (partition by draw order by ability desc) as draw_rank
    from drawn

),

ordered_draws as (

    select
        *,
        row_number() over (partition by model_id order by draw_rank) as place,
        count(*) over (partition by model_id) as draw_count
    from ranked_draws

),

-- The range leaves out at most interval_tail of the draws at each end.
ranges as (

    select
        ordered_draws.model_id,
        min(ordered_draws.draw_rank) filter (
            where ordered_draws.place > floor(parameters.interval_tail * ordered_draws.draw_count)
        ) as rank_low,
        max(ordered_draws.draw_rank) filter (
            where ordered_draws.place <= ordered_draws.draw_count
            - floor(parameters.interval_tail * ordered_draws.draw_count)
        ) as rank_high,
        count(*) filter (where ordered_draws.draw_rank = 1) / count(*) as best_share
    from ordered_draws
    cross join parameters
    group by ordered_draws.model_id

),

best as (

    select
        model_id,
        ability,
        deviation
    from unsure
    qualify row_number() over (order by ability desc, model_id asc) = 1

),

final as (

    select
        models.model_id,
        coalesce(unsure.cell_count, 0)::integer as measured_cells,
        parameters.ability_middle + parameters.ability_points * unsure.ability as ability,
        parameters.ability_middle + parameters.ability_points
        * (unsure.ability - parameters.interval_deviations * unsure.deviation) as ability_low,
        parameters.ability_middle + parameters.ability_points
        * (unsure.ability + parameters.interval_deviations * unsure.deviation) as ability_high,
        case
            when unsure.model_id is not null
                then rank() over (partition by unsure.model_id is null order by unsure.ability desc)
        end::integer as ability_rank,
        ranges.rank_low::integer as rank_low,
        ranges.rank_high::integer as rank_high,
        ranges.best_share,
        best.ability - unsure.ability
        < parameters.interval_deviations * sqrt(power(best.deviation, 2) + power(unsure.deviation, 2))
        or best.model_id = unsure.model_id as is_tied_with_best
    from models
    cross join parameters
    left join best on true
    left join unsure on models.model_id = unsure.model_id
    left join ranges on models.model_id = ranges.model_id

)

select * from final
