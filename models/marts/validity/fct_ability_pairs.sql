-- One row per ordered pair of models: how sure it is that the first is abler, and that it beats the other.
with abilities as (

    select
        model_id,
        ability,
        variance
    from {{ ref('int_abilities') }}
    where scenario = 'all'

),

-- A benchmark that nobody has seen yet is taken for a typical one.
typical as (

    select
        {{ exact_sum('slope') }} / count(*) as slope,
        {{ exact_sum('noise') }} / count(*) as noise
    from {{ ref('int_ability_fits') }}
    where scenario = 'all'

),

parameters as (

    select ability_interval_factor from {{ ref('int_parameters') }}

),

compared as (

    select
        abilities.model_id,
        others.model_id as other_model_id,
        (abilities.ability - others.ability)
        / (parameters.ability_interval_factor * sqrt(abilities.variance + others.variance)) as abler_deviations,
        {{ winning_deviations('typical', 'abilities', 'others') }} as winning_deviations
    from abilities
    inner join abilities as others on abilities.model_id <> others.model_id
    cross join typical
    cross join parameters

),

final as (

    select
        model_id,
        other_model_id,
        {{ normal_cdf('abler_deviations') }} as abler_probability,
        {{ normal_cdf('winning_deviations') }} as winning_probability
    from compared

)

select * from final
