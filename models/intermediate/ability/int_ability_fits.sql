-- One row per scenario and metric: how the metric follows the one ability that all of them share.
with recursive parameters as (

    select * from {{ ref('int_parameters') }}

),

cells as (

    select
        scenario,
        model_id,
        metric_key,
        family,
        standing,
        model_count,
        family_cells
    from {{ ref('int_ability_cells') }}
    where not is_hidden

),

scales as (

    select distinct
        scenario,
        metric_key,
        family,
        value_mean,
        value_deviation,
        model_count
    from {{ ref('int_ability_cells') }}
    where model_count > 0

),

-- Likeness inside a family shows only where a family has two metrics.
families as (

    select
        scenario,
        family
    from scales
    group by scenario, family
    having count(*) > 1

),

-- Each round guesses the abilities from slopes and noises, then slopes and noises from the abilities.
fitted as (

    select
        0 as round,
        scales.scenario,
        scales.metric_key,
        0::double as intercept,
        parameters.ability_start_slope as slope,
        parameters.ability_start_noise as noise,
        parameters.ability_start_correlation as correlation
    from scales
    cross join parameters

    union all

    (
        with weighed as (

            select
                cells.*,
                fitted.round,
                fitted.intercept,
                fitted.slope,
                fitted.noise,
                fitted.slope / fitted.noise / (1 + greatest(cells.family_cells - 1, 0) * fitted.correlation) as weight
            from cells
            inner join fitted on cells.scenario = fitted.scenario and cells.metric_key = fitted.metric_key
            inner join parameters on fitted.round < parameters.ability_rounds

        ),

        guessed as (

            select
                scenario,
                model_id,
                {{ exact_sum('weight * (standing - intercept)') }}
                / (1 + {{ exact_sum('weight * slope') }}) as ability,
                1 / (1 + {{ exact_sum('weight * slope') }}) as variance
            from weighed
            group by scenario, model_id

        ),

        sizes as (

            select
                scenario,
                sqrt({{ exact_sum('power(ability, 2) + variance') }} / count(*)) as size
            from guessed
            group by scenario

        ),

        seen as (

            select
                weighed.*,
                guessed.ability / sizes.size as ability,
                guessed.variance / power(sizes.size, 2) as variance
            from weighed
            inner join guessed on weighed.scenario = guessed.scenario and weighed.model_id = guessed.model_id
            inner join sizes on weighed.scenario = sizes.scenario

        ),

        summed as (

            select
                scenario,
                metric_key,
                round,
                slope,
                noise,
                model_count,
                {{ exact_sum('ability') }} as abilities,
                {{ exact_sum('power(ability, 2) + variance') }} as squared_abilities,
                {{ exact_sum('standing * ability') }} as products,
                {{ exact_sum('standing') }} as standings,
                {{ exact_sum('power(standing, 2)') }} as squared_standings
            from seen
            group by scenario, metric_key, round, slope, noise, model_count

        ),

        shifted as (

            select
                *,
                (standings - slope * abilities) / (model_count + 1) as next_intercept
            from summed

        ),

        -- Drawn toward a typical benchmark, as much as a few more models would draw it.
        sloped as (

            select
                shifted.*,
                (
                    shifted.products - shifted.next_intercept * shifted.abilities
                    + parameters.ability_prior_strength * parameters.ability_start_slope * shifted.noise
                )
                / (shifted.squared_abilities + parameters.ability_prior_strength * shifted.noise) as next_slope
            from shifted
            cross join parameters

        ),

        left_over as (

            select
                *,
                squared_standings - 2 * next_intercept * standings - 2 * next_slope * products
                + model_count * power(next_intercept, 2) + 2 * next_intercept * next_slope * abilities
                + power(next_slope, 2) * squared_abilities as squared_rest
            from sloped

        ),

        refitted as (

            select
                left_over.scenario,
                left_over.metric_key,
                left_over.round + 1 as round,
                left_over.next_intercept as intercept,
                left_over.next_slope as slope,
                greatest(
                    parameters.ability_least_noise,
                    (
                        left_over.squared_rest
                        + parameters.ability_prior_strength * parameters.ability_prior_noise
                    ) / (greatest(left_over.model_count - 2, 1) + parameters.ability_prior_strength)
                ) as noise
            from left_over
            cross join parameters

        ),

        rests as (

            select
                seen.scenario,
                seen.model_id,
                seen.family,
                (seen.standing - refitted.intercept - seen.ability * refitted.slope) / sqrt(refitted.noise) as rest
            from seen
            inner join refitted on seen.scenario = refitted.scenario and seen.metric_key = refitted.metric_key
            inner join families on seen.scenario = families.scenario and seen.family = families.family

        ),

        likened as (

            select
                scenario,
                model_id,
                family,
                power({{ exact_sum('rest') }}, 2) - {{ exact_sum('power(rest, 2)') }} as likeness,
                count(*) * (count(*) - 1) as pair_count
            from rests
            group by scenario, model_id, family

        ),

        correlated as (

            select
                scenario,
                {{ exact_sum('likeness') }} as likeness,
                sum(pair_count) as pair_count
            from likened
            group by scenario

        )

        select
            refitted.round,
            refitted.scenario,
            refitted.metric_key,
            refitted.intercept,
            refitted.slope,
            refitted.noise,
            greatest(0, least(
                parameters.ability_most_correlation,
                (
                    coalesce(correlated.likeness, 0)
                    + parameters.ability_correlation_strength * parameters.ability_start_correlation
                ) / (coalesce(correlated.pair_count, 0) + parameters.ability_correlation_strength)
            )) as correlation
        from refitted
        cross join parameters
        left join correlated on refitted.scenario = correlated.scenario
    )

),

final as (

    select
        fitted.scenario,
        fitted.metric_key,
        scales.family,
        scales.model_count,
        scales.value_mean,
        scales.value_deviation,
        fitted.intercept,
        fitted.slope,
        fitted.noise,
        fitted.correlation
    from fitted
    inner join parameters on fitted.round = ceil(parameters.ability_rounds)
    inner join scales on fitted.scenario = scales.scenario and fitted.metric_key = scales.metric_key

)

select * from final
