-- One row per model, role and metric with weight: the points it adds, so that 50 and all of them are the score.
with contributions as (

    select * from {{ ref('int_contributions') }}

),

entries as (

    select
        entry_no,
        model_id
    from {{ ref('int_entries') }}
    where edition = 'current'

),

metric_weights as (

    select * from {{ ref('int_role_metric_weights') }}

),

final as (

    select
        entries.model_id,
        contributions.role_key,
        contributions.metric_key,
        metric_weights.effective_weight,
        contributions.score,
        contributions.factor,
        contributions.points
    from contributions
    inner join entries on contributions.entry_no = entries.entry_no
    inner join metric_weights
        on
            contributions.role_key = metric_weights.role_key
            and contributions.metric_key = metric_weights.metric_key

)

select * from final
