-- One row per model and role: the coverage-aware mean of its groups, with how much of the role's weight is measured.
with models as (

    select model_id from {{ ref('models') }}

),

weights as (

    select
        parent_key as role_key,
        input_key as group_key,
        weight
    from {{ ref('int_weights') }}
    where level = 'role'

),

groups as (

    select
        model_id,
        group_key,
        score
    from {{ ref('int_groups_blended') }}

),

metric_weights as (

    select * from {{ ref('int_role_metric_weights') }}

),

evidence as (

    select
        evidence.model_id,
        evidence.metric_key,
        evidence_classes.is_measured
    from {{ ref('int_evidence') }} as evidence
    inner join {{ ref('int_evidence_classes') }} as evidence_classes
        on evidence.evidence_class = evidence_classes.evidence_class

),

expected_inputs as (

    select
        models.model_id,
        weights.role_key,
        weights.weight,
        groups.score as value
    from models
    cross join weights
    left join groups on models.model_id = groups.model_id and weights.group_key = groups.group_key

),

blended as (

    {{ blend_by_coverage('expected_inputs', ['model_id', 'role_key']) }}

),

measured as (

    select
        evidence.model_id,
        metric_weights.role_key,
        coalesce({{ exact_sum('metric_weights.effective_weight', 'evidence.is_measured') }}, 0)
        / {{ exact_sum('metric_weights.effective_weight') }} as measured_weight_share
    from evidence
    inner join metric_weights on evidence.metric_key = metric_weights.metric_key
    group by evidence.model_id, metric_weights.role_key

),

final as (

    select
        blended.*,
        measured.measured_weight_share
    from blended
    inner join measured
        on blended.model_id = measured.model_id and blended.role_key = measured.role_key

)

select * from final
