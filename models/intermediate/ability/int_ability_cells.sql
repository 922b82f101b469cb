-- One row per scenario, model and metric that is measured: the figure, and how it stands among those the fit may see.
-- Scenarios: all; without:<family>, which shows how well the others predict it; fold:<n>, which hides a part of each.
with cells as (

    select
        entries.model_id,
        metrics.metric_key,
        capability_metrics.family,
        metrics.normalized as value
    from {{ ref('int_metrics_normalized') }} as metrics
    inner join {{ ref('int_entries') }} as entries on metrics.entry_no = entries.entry_no
    inner join {{ ref('int_capability_metrics') }} as capability_metrics
        on
            metrics.metric_key = capability_metrics.metric_key
            and capability_metrics.metric_key = capability_metrics.figures_of
    where metrics.edition = 'measured' and metrics.normalized is not null

),

parameters as (

    select
        ability_min_models,
        ability_flat_spread,
        fold_count,
        draw_salt
    from {{ ref('int_parameters') }}

),

-- All figures of a model from one family go into one part: they would give each other away.
parted as (

    select
        cells.*,
        floor(
            {{ uniform_draw('parameters.draw_salt', "'fold'", "cells.model_id || '|' || cells.family") }}
            * parameters.fold_count
        )::integer as fold
    from cells
    cross join parameters
    qualify count(*) over (partition by cells.metric_key) >= parameters.ability_min_models

),

scenarios as (

    select
        'all' as scenario,
        null::string as hidden_family,
        null::integer as hidden_fold

    union all

    select distinct
        'without:' || family as scenario,
        family as hidden_family,
        null::integer as hidden_fold
    from parted

    union all

    select distinct
        'fold:' || fold as scenario,
        null::string as hidden_family,
        fold as hidden_fold
    from parted

),

hidden as (

    select
        scenarios.scenario,
        parted.model_id,
        parted.metric_key,
        parted.family,
        parted.value,
        coalesce(parted.family = scenarios.hidden_family or parted.fold = scenarios.hidden_fold, false) as is_hidden
    from scenarios
    cross join parted

),

-- Mean and deviation are those of what is seen; the ends of the scale of 0-100 come from all measured figures.
counted as (

    select
        *,
        count(case when not is_hidden then 1 end) over (partition by scenario, metric_key) as model_count,
        count(case when not is_hidden then 1 end) over (partition by scenario, model_id, family) as family_cells,
        sum(case when not is_hidden then value::decimal(38, 18) end) over (
            partition by scenario, metric_key
        )::double as value_sum
    from hidden

),

centred as (

    select
        *,
        value_sum / nullif(model_count, 0) as value_mean
    from counted

),

spread as (

    select
        centred.*,
        sqrt(sum(
            case when not is_hidden then power(value - value_mean, 2)::decimal(38, 18) end
        ) over (partition by scenario, metric_key)::double / nullif(model_count, 0)) as measured_deviation
    from centred

),

final as (

    select
        spread.scenario,
        spread.model_id,
        spread.metric_key,
        spread.family,
        spread.is_hidden,
        spread.value,
        spread.value_mean,
        case
            when spread.measured_deviation < parameters.ability_flat_spread then 1 else spread.measured_deviation
        end as value_deviation,
        (spread.value - spread.value_mean)
        / case
            when spread.measured_deviation < parameters.ability_flat_spread then 1 else spread.measured_deviation
        end as standing,
        spread.model_count,
        spread.family_cells
    from spread
    cross join parameters

)

select * from final
