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
        family_cells,
        value_mean,
        value_deviation
    from {{ ref('int_ability_cells') }}
    where not is_hidden

),

scales as (

    select
        scenario,
        metric_key,
        family,
        value_mean,
        value_deviation,
        model_count,
        {{ exact_sum('standing') }} as standings,
        {{ exact_sum('power(standing, 2)') }} as squared_standings,
        dense_rank() over (order by scenario) as scenario_no,
        row_number() over (order by scenario, metric_key) as scale_no
    from cells
    group by scenario, metric_key, family, value_mean, value_deviation, model_count

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

takers as (

    select
        scenario,
        model_id,
        row_number() over (order by scenario, model_id) as taker_no
    from cells
    group by scenario, model_id

),

blocks as (

    select
        cells.scenario,
        cells.model_id,
        cells.family,
        row_number() over (order by cells.scenario, cells.model_id, cells.family) as block_no
    from cells
    inner join families on cells.scenario = families.scenario and cells.family = families.family
    group by cells.scenario, cells.model_id, cells.family

),

-- Every round joins and groups the same cells: numbers do that several times as fast as names, and
-- cells of one group side by side do it at the same pace whatever the size of the board.
numbered as materialized (

    select
        scales.scenario_no::integer as scenario_no,
        scales.scale_no::integer as scale_no,
        takers.taker_no::integer as taker_no,
        blocks.block_no::integer as block_no,
        cells.standing,
        greatest(cells.family_cells - 1, 0) as relative_count
    from cells
    inner join scales on cells.scenario = scales.scenario and cells.metric_key = scales.metric_key
    inner join takers on cells.scenario = takers.scenario and cells.model_id = takers.model_id
    left join blocks
        on cells.scenario = blocks.scenario and cells.model_id = blocks.model_id and cells.family = blocks.family
    order by taker_no, block_no

),

-- Each round guesses the abilities from slopes and noises, then slopes and noises from the abilities.
fitted as (

    select
        0 as round,
        scales.scale_no::integer as scale_no,
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
                numbered.scenario_no,
                numbered.taker_no,
                numbered.standing - fitted.intercept as excess,
                fitted.slope,
                fitted.slope / fitted.noise / (1 + numbered.relative_count * fitted.correlation) as weight
            from numbered
            inner join fitted on numbered.scale_no = fitted.scale_no
            inner join parameters on fitted.round < parameters.ability_rounds

        ),

        guessed as (

            select
                scenario_no,
                taker_no,
                {{ exact_sum('weight * excess') }}
                / (1 + {{ exact_sum('weight * slope') }}) as ability,
                1 / (1 + {{ exact_sum('weight * slope') }}) as variance
            from weighed
            group by scenario_no, taker_no

        ),

        sizes as (

            select
                scenario_no,
                sqrt({{ exact_sum('power(ability, 2) + variance') }} / count(*)) as size
            from guessed
            group by scenario_no

        ),

        -- Decimals are made here, once for a taker and not for each of its cells.
        sized as (

            select
                guessed.taker_no,
                guessed.ability / sizes.size as ability,
                (guessed.ability / sizes.size)::decimal(38, 18) as exact_ability,
                (
                    power(guessed.ability / sizes.size, 2) + guessed.variance / power(sizes.size, 2)
                )::decimal(38, 18) as exact_square
            from guessed
            inner join sizes on guessed.scenario_no = sizes.scenario_no

        ),

        -- Joined for each of its two readers: millions of rows are not kept from one to the other.
        seen as not materialized (

            select
                numbered.scenario_no,
                numbered.scale_no,
                numbered.block_no,
                numbered.standing,
                sized.ability,
                sized.exact_ability,
                sized.exact_square
            from numbered
            inner join sized on numbered.taker_no = sized.taker_no

        ),

        summed as (

            select
                scale_no,
                {{ exact_sum('exact_ability') }} as abilities,
                {{ exact_sum('exact_square') }} as squared_abilities,
                {{ exact_sum('standing * ability') }} as products
            from seen
            group by scale_no

        ),

        shifted as (

            select
                summed.*,
                scales.scenario_no,
                scales.model_count,
                scales.standings,
                scales.squared_standings,
                fitted.round,
                fitted.slope,
                fitted.noise,
                (scales.standings - fitted.slope * summed.abilities) / (scales.model_count + 1) as next_intercept
            from summed
            inner join scales on summed.scale_no = scales.scale_no
            inner join fitted on summed.scale_no = fitted.scale_no

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
                left_over.scenario_no,
                left_over.scale_no,
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
                seen.scenario_no,
                seen.block_no,
                (seen.standing - refitted.intercept - seen.ability * refitted.slope) / sqrt(refitted.noise) as rest
            from seen
            inner join refitted on seen.scale_no = refitted.scale_no
            where seen.block_no is not null

        ),

        likened as (

            select
                scenario_no,
                block_no,
                power({{ exact_sum('rest') }}, 2) - {{ exact_sum('power(rest, 2)') }} as likeness,
                count(*) * (count(*) - 1) as pair_count
            from rests
            group by scenario_no, block_no

        ),

        correlated as (

            select
                scenario_no,
                {{ exact_sum('likeness') }} as likeness,
                sum(pair_count) as pair_count
            from likened
            group by scenario_no

        )

        select
            refitted.round,
            refitted.scale_no,
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
        left join correlated on refitted.scenario_no = correlated.scenario_no
    )

),

final as (

    select
        scales.scenario,
        scales.metric_key,
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
    inner join scales on fitted.scale_no = scales.scale_no

)

select * from final
