-- One row per check and subject: whether intervals and probabilities hold what they promise, on what was hidden.
with parameters as (

    select * from {{ ref('int_parameters') }}

),

cells as (

    select * from {{ ref('int_ability_cells') }}
    where is_hidden

),

cells_predicted as (

    select * from {{ ref('int_cells_predicted') }}

),

abilities as (

    select * from {{ ref('int_abilities') }}

),

fits as (

    select * from {{ ref('int_ability_fits') }}

),

-- Calibration: each figure is hidden once, with all that the model has of its family, and its interval has to hold it.
foretold as (

    select
        cells.model_id,
        case when cells.value > 0 and cells.value < 100 then 'between the ends' else 'at an end' end as place,
        (
            cells.value between
            {{ clamp(
                'cells_predicted.unbounded - parameters.interval_deviations * cells_predicted.deviation', 0, 100
            ) }}
            and {{ clamp(
                'cells_predicted.unbounded + parameters.interval_deviations * cells_predicted.deviation', 0, 100
            ) }}
        )::integer as is_inside
    from cells
    cross join parameters
    inner join cells_predicted
        on
            cells.scenario = cells_predicted.scenario
            and cells.model_id = cells_predicted.model_id
            and cells.metric_key = cells_predicted.metric_key
    where starts_with(cells.scenario, 'fold:')

),

held as (

    select
        'all' as subject,
        sum(is_inside) / nullif(count(*), 0) as share,
        count(*) as cell_count
    from foretold

    union all

    select
        place as subject,
        sum(is_inside) / count(*) as share,
        count(*) as cell_count
    from foretold
    group by place

),

-- Figures of one model miss together: the doubt about the share is that of so many models, not of so many cells.
held_by_model as (

    select
        held.subject,
        foretold.model_id,
        sum(foretold.is_inside) - count(*) * held.share as surplus
    from foretold
    inner join held on held.subject in ('all', foretold.place)
    group by held.subject, held.share, foretold.model_id

),

held_doubts as (

    select
        subject,
        sqrt({{ exact_sum('power(surplus, 2)') }}) as surplus
    from held_by_model
    group by subject

),

intervals as (

    select
        'cell_intervals' as check_key,
        held.subject,
        held.share as value,
        held.share - parameters.interval_deviations * held_doubts.surplus / held.cell_count as value_low,
        held.share + parameters.interval_deviations * held_doubts.surplus / held.cell_count as value_high,
        held.cell_count as sample_size,
        case when held.subject = 'all' then parameters.calibration_low end as bar_low,
        case when held.subject = 'all' then parameters.calibration_high end as bar_high
    from held
    cross join parameters
    left join held_doubts on held.subject = held_doubts.subject

),

-- Statements: which of two models wins on a benchmark of a family that the fit has not seen.
typical as (

    select
        scenario,
        {{ exact_sum('slope') }} / count(*) as slope,
        {{ exact_sum('noise') }} / count(*) as noise
    from fits
    group by scenario

),

stated as (

    select
        cells.value > others.value as is_true,
        {{ winning_deviations('typical', 'abilities', 'other_abilities') }} as deviations
    from cells
    inner join cells as others
        on
            cells.scenario = others.scenario
            and cells.metric_key = others.metric_key
            and cells.value <> others.value
    inner join abilities on cells.scenario = abilities.scenario and cells.model_id = abilities.model_id
    inner join abilities as other_abilities
        on others.scenario = other_abilities.scenario and others.model_id = other_abilities.model_id
    inner join typical on cells.scenario = typical.scenario
    where starts_with(cells.scenario, 'without:')

),

assured as (

    select
        is_true,
        {{ normal_cdf('deviations') }} as probability
    from stated
    where deviations > 0

),

statements as (

    select
        'sure_statements' as check_key,
        'all' as subject,
        count(*) filter (where assured.is_true) / nullif(count(assured.is_true), 0) as value,
        null::double as value_low,
        null::double as value_high,
        count(assured.is_true) as sample_size,
        parameters.sure_low as bar_low,
        null::double as bar_high
    from parameters
    left join assured on parameters.sure_probability <= assured.probability
    group by parameters.sure_low

    union all

    -- Said with a probability between two tenths, and come true as often?
    select
        'statements' as check_key,
        'said ' || floor(probability * 10)::integer * 10 || ' %' as subject,
        count(*) filter (where is_true) / count(*) as value,
        null::double as value_low,
        null::double as value_high,
        count(*) as sample_size,
        null::double as bar_low,
        null::double as bar_high
    from assured
    group by floor(probability * 10)

),

final as (

    select * from intervals
    union all
    select * from statements

)

select * from final
