-- One row per model, role and metric with weight: the points it adds, so that 50 and all of them are the score.
with contributions as (

    select * from {{ ref('int_contributions') }}
    where edition = 'current'

),

metric_weights as (

    select * from {{ ref('int_role_metric_weights') }}

),

final as (

    select
        contributions.model_id,
        contributions.role_key,
        contributions.metric_key,
        metric_weights.effective_weight,
        contributions.score,
        contributions.factor,
        contributions.points
    from contributions
    inner join metric_weights
        on
            contributions.role_key = metric_weights.role_key
            and contributions.metric_key = metric_weights.metric_key

)

select * from final
