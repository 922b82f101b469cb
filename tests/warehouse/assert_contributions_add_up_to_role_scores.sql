-- A score that its parts do not make could not be opened: points were lost, or counted twice.
with contributions as (

    select
        model_id,
        role_key,
        sum(points) as points
    from {{ ref('fct_contributions') }}
    group by model_id, role_key

),

role_scores as (

    select * from {{ ref('fct_role_scores') }}

),

final as (

    select
        role_scores.model_id,
        role_scores.role_key,
        role_scores.score,
        50 + contributions.points as added_up
    from role_scores
    left join contributions
        on role_scores.model_id = contributions.model_id and role_scores.role_key = contributions.role_key
    where coalesce(abs(role_scores.score - 50 - contributions.points) > 1e-9, true)

)

select * from final
