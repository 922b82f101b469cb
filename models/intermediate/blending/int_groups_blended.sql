-- One row per edition, model and group: the coverage-aware mean of its metrics and composites.
with models as (

    select
        editions.edition,
        models.model_id
    from {{ ref('models') }} as models
    cross join {{ ref('int_editions') }} as editions

),

weights as (

    select
        parent_key as group_key,
        input_key,
        weight
    from {{ ref('int_weights') }}
    where level = 'group'

),

inputs as (

    select
        edition,
        model_id,
        metric_key as input_key,
        score
    from {{ ref('int_metrics_normalized') }}

    union all

    select
        edition,
        model_id,
        composite_key as input_key,
        score
    from {{ ref('int_composites_blended') }}

),

expected_inputs as (

    select
        models.edition,
        models.model_id,
        weights.group_key,
        weights.weight,
        inputs.score as value
    from models
    cross join weights
    left join inputs
        on
            models.edition = inputs.edition
            and models.model_id = inputs.model_id
            and weights.input_key = inputs.input_key

),

final as (

    {{ blend_by_coverage('expected_inputs', ['edition', 'model_id', 'group_key']) }}

)

select * from final
