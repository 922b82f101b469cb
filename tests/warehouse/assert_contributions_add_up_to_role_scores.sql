-- A score that its parts do not make could not be opened: points were lost, or counted twice.
with parts as (

    select
        'metrics' as opened_by,
        model_id,
        role_key,
        points
    from {{ ref('fct_contributions') }}

    union all

    select
        'groups' as opened_by,
        model_id,
        role_key,
        points
    from {{ ref('fct_group_contributions') }}

),

ways as (

    select distinct opened_by
    from parts

),

added_up as (

    select
        opened_by,
        model_id,
        role_key,
        sum(points) as points
    from parts
    group by opened_by, model_id, role_key

),

role_scores as (

    select * from {{ ref('fct_role_scores') }}

),

final as (

    select
        ways.opened_by,
        role_scores.model_id,
        role_scores.role_key,
        role_scores.score,
        50 + added_up.points as added_up
    from role_scores
    cross join ways
    left join added_up
        on
            ways.opened_by = added_up.opened_by
            and role_scores.model_id = added_up.model_id
            and role_scores.role_key = added_up.role_key
    where coalesce(abs(role_scores.score - 50 - added_up.points) > 1e-9, true)

)

select * from final
