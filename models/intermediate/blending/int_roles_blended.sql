-- One row per edition, model and role: the coverage-aware mean of its groups, and how much of its weight is measured.
with entries as (

    select
        entry_no,
        edition,
        model_id
    from {{ ref('int_entries') }}
    where is_scored

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
        entry_no,
        group_key,
        score
    from {{ ref('int_groups_blended') }}

),

metric_weights as (

    select * from {{ ref('int_role_metric_weights') }}

),

measured_evidence as (

    select
        evidence.entry_no,
        evidence.metric_key
    from {{ ref('int_evidence_of_editions') }} as evidence
    inner join {{ ref('int_evidence_classes') }} as evidence_classes
        on evidence.evidence_class = evidence_classes.evidence_class and evidence_classes.is_measured
    where evidence.edition <> 'measured'

),

inputs as (

    select
        groups.entry_no,
        weights.role_key,
        weights.weight,
        groups.score as value
    from groups
    inner join weights on groups.group_key = weights.group_key

),

blended as (

    {{ blend_by_coverage(
        'weights', 'inputs', 'entries', 'entry_no', ['role_key'], labels=['edition', 'model_id']
    ) }}

),

measurable_weights as (

    select
        role_key,
        {{ exact_sum('effective_weight') }} as whole_weight
    from metric_weights
    group by role_key

),

measured_weights as (

    select
        measured_evidence.entry_no,
        metric_weights.role_key,
        {{ exact_sum('metric_weights.effective_weight') }} as measured_weight
    from measured_evidence
    inner join metric_weights on measured_evidence.metric_key = metric_weights.metric_key
    group by measured_evidence.entry_no, metric_weights.role_key

),

shared as (

    select
        blended.*,
        coalesce(measured_weights.measured_weight, 0) / measurable_weights.whole_weight as measured_weight_share
    from blended
    inner join measurable_weights on blended.role_key = measurable_weights.role_key
    left join measured_weights
        on blended.entry_no = measured_weights.entry_no and blended.role_key = measured_weights.role_key

),

parameters as (

    select min_measured_share from {{ ref('int_parameters') }}

),

final as (

    select
        shared.*,
        shared.measured_weight_share >= parameters.min_measured_share as is_ranked
    from shared
    cross join parameters

)

select * from final
