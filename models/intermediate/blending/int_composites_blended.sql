-- One row per edition, model and composite: the coverage-aware mean of its metrics.
with models as (

    select
        editions.edition,
        models.model_id
    from {{ ref('models') }} as models
    cross join {{ ref('int_editions') }} as editions

),

weights as (

    select
        parent_key as composite_key,
        input_key as metric_key,
        weight
    from {{ ref('int_weights') }}
    where level = 'composite'

),

metrics as (

    select
        edition,
        model_id,
        metric_key,
        score
    from {{ ref('int_metrics_normalized') }}

),

parameters as (

    select empty_composite from {{ ref('int_parameters') }}

),

expected_inputs as (

    select
        models.edition,
        models.model_id,
        weights.composite_key,
        weights.weight,
        metrics.score as value
    from models
    cross join weights
    left join metrics
        on
            models.edition = metrics.edition
            and models.model_id = metrics.model_id
            and weights.metric_key = metrics.metric_key

),

blended as (

    {{ blend_by_coverage('expected_inputs', ['edition', 'model_id', 'composite_key']) }}

),

-- Without any input a composite is neutral and counts as present, unless the parameter says that it is absent.
final as (

    select
        blended.edition,
        blended.model_id,
        blended.composite_key,
        case when blended.coverage > 0 or parameters.empty_composite = 'neutral' then blended.score end as score,
        blended.coverage,
        blended.is_shrunk,
        blended.weight_factor
    from blended
    cross join parameters

)

select * from final
