-- One row per scenario and model with a measured capability: its ability in standard deviations, and how unsure it is.
with cells as (

    select * from {{ ref('int_ability_cells') }}

),

fits as (

    select * from {{ ref('int_ability_fits') }}

),

weighed as (

    select
        cells.scenario,
        cells.model_id,
        cells.standing,
        fits.intercept,
        fits.slope,
        fits.slope / fits.noise / (1 + greatest(cells.family_cells - 1, 0) * fits.correlation) as weight
    from cells
    inner join fits on cells.scenario = fits.scenario and cells.metric_key = fits.metric_key
    where not cells.is_hidden

),

guessed as (

    select
        scenario,
        model_id,
        count(*) as cell_count,
        {{ exact_sum('weight * (standing - intercept)') }} / (1 + {{ exact_sum('weight * slope') }}) as ability,
        1 / (1 + {{ exact_sum('weight * slope') }}) as variance
    from weighed
    group by scenario, model_id

),

models as (

    select distinct
        scenario,
        model_id
    from cells

),

-- A model whose every figure is hidden is an average one, as far as the scenario knows.
final as (

    select
        models.scenario,
        models.model_id,
        coalesce(guessed.cell_count, 0) as cell_count,
        coalesce(guessed.ability, 0) as ability,
        coalesce(guessed.variance, 1) as variance
    from models
    left join guessed on models.scenario = guessed.scenario and models.model_id = guessed.model_id

)

select * from final
