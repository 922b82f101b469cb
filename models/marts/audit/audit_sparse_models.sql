-- One row per model that says little: ranked in no role, or estimated more than measured.
with scoreboard as (

    select * from {{ ref('scoreboard') }}

),

roles as (

    select
        model_id,
        count(role_rank) as ranked_roles,
        max(measured_weight_share) as best_measured_share
    from {{ ref('fct_role_scores') }}
    group by model_id

),

final as (

    select
        scoreboard.model_id,
        roles.ranked_roles::integer as ranked_roles,
        roles.best_measured_share,
        scoreboard.measured_metrics,
        scoreboard.reported_metrics,
        scoreboard.estimated_metrics,
        scoreboard.missing_metrics,
        scoreboard.is_synthesis_dominant
    from scoreboard
    inner join roles on scoreboard.model_id = roles.model_id
    where roles.ranked_roles = 0 or scoreboard.is_synthesis_dominant

)

select * from final
