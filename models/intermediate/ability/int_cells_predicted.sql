-- One row per scenario, model and metric of its fit: the figure to expect there, 0-100, and its standard deviation.
with abilities as (

    select * from {{ ref('int_abilities') }}

),

fits as (

    select * from {{ ref('int_ability_fits') }}

),

parameters as (

    select ability_most_correlation from {{ ref('int_parameters') }}

),

rests as (

    select
        cells.scenario,
        cells.model_id,
        cells.family,
        (cells.standing - fits.intercept - abilities.ability * fits.slope) / sqrt(fits.noise) as rest
    from {{ ref('int_ability_cells') }} as cells
    inner join fits on cells.scenario = fits.scenario and cells.metric_key = fits.metric_key
    inner join abilities on cells.scenario = abilities.scenario and cells.model_id = abilities.model_id
    where not cells.is_hidden

),

-- What a model does better than its ability says on one metric of a family, it does on the others in part.
leanings as (

    select
        scenario,
        model_id,
        family,
        count(*) as cell_count,
        {{ exact_sum('rest') }} as rest_sum
    from rests
    group by scenario, model_id, family

),

expected as (

    select
        fits.scenario,
        abilities.model_id,
        fits.metric_key,
        fits.value_mean,
        fits.value_deviation,
        fits.intercept
        + abilities.ability * fits.slope
        + sqrt(fits.noise) * coalesce(
            fits.correlation * leanings.rest_sum / (1 + (leanings.cell_count - 1) * fits.correlation), 0
        ) as standing,
        abilities.variance * power(fits.slope, 2)
        + fits.noise * (
            1
            - least(
                parameters.ability_most_correlation,
                coalesce(
                    leanings.cell_count * power(fits.correlation, 2)
                    / (1 + (leanings.cell_count - 1) * fits.correlation),
                    0
                )
            )
            + (1 + power(abilities.ability, 2)) / fits.model_count
        ) as variance
    from fits
    inner join abilities on fits.scenario = abilities.scenario
    cross join parameters
    left join leanings
        on
            fits.scenario = leanings.scenario
            and abilities.model_id = leanings.model_id
            and fits.family = leanings.family

),

final as (

    select
        scenario,
        model_id,
        metric_key,
        value_mean + standing * value_deviation as unbounded,
        {{ clamp('value_mean + standing * value_deviation', 0, 100) }} as predicted,
        sqrt(variance) * value_deviation as deviation
    from expected

)

select * from final
