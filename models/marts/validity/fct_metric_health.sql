-- One row per capability benchmark: what it says about ability, and whether it agrees with the benchmarks of others.
with fits as (

    select * from {{ ref('int_ability_fits') }}
    where scenario = 'all'

),

held_out as (

    select
        metric_key,
        model_count,
        spearman
    from {{ ref('fct_held_out') }}
    where predictor = 'ability'

),

parameters as (

    select
        interval_deviations,
        weak_correlation
    from {{ ref('int_parameters') }}

),

-- Fisher's transform with the variance of Bonett and Wright (2000) for ranks. Three models or fewer bound nothing, and
-- a perfect order of few is no certainty: it is taken for one that misses by the share of one model.
bounded as (

    select
        held_out.*,
        case
            when held_out.model_count <= 3 then 1
            else tanh(
                    atanh(
                        greatest(-1 + 1 / held_out.model_count, least(1 - 1 / held_out.model_count, held_out.spearman))
                    )
                    + parameters.interval_deviations
                    * sqrt((1 + power(held_out.spearman, 2) / 2) / (held_out.model_count - 3))
                )
        end as upper_bound
    from held_out
    cross join parameters

),

final as (

    select
        fits.metric_key,
        fits.family,
        fits.model_count::integer as model_count,
        fits.slope,
        fits.noise,
        bounded.model_count::integer as held_out_model_count,
        bounded.spearman as held_out_spearman,
        bounded.upper_bound as held_out_upper_bound,
        coalesce(bounded.upper_bound < parameters.weak_correlation, false) as is_flagged
    from fits
    cross join parameters
    left join bounded on fits.metric_key = bounded.metric_key

)

select * from final
