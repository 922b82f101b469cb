-- One row per model, role and metric with weight: the points it adds, so that 50 and all of them are the score.
with contributions as (

    select * from {{ ref('int_contributions') }}
    where edition = 'current'

),

final as (

    select
        model_id,
        role_key,
        metric_key,
        score,
        factor,
        points
    from contributions

)

select * from final
