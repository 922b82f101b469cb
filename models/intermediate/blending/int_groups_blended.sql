-- One row per edition, model and group: the coverage-aware mean of its metrics and composites.
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
        parent_key as group_key,
        input_key,
        weight
    from {{ ref('int_weights') }}
    where level = 'group'

),

scores as (

    select
        entry_no,
        metric_key as input_key,
        score
    from {{ ref('int_metrics_normalized') }}
    where edition <> 'measured'

    union all

    select
        entry_no,
        composite_key as input_key,
        score
    from {{ ref('int_composites_blended') }}

),

inputs as (

    select
        scores.entry_no,
        weights.group_key,
        weights.weight,
        scores.score as value
    from scores
    inner join weights on scores.input_key = weights.input_key

),

final as (

    {{ blend_by_coverage(
        'weights', 'inputs', 'entries', 'entry_no', ['group_key'], labels=['edition', 'model_id']
    ) }}

)

select * from final
