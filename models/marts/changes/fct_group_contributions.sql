-- One row per model, role and group with weight: the points it adds, so that 50 and all of them are the score.
with roles as (

    select
        model_id,
        role_key,
        weight_factor
    from {{ ref('int_roles_blended') }}
    where edition = 'current'

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
    from {{ ref('fct_group_scores') }}

),

final as (

    select
        roles.model_id,
        roles.role_key,
        weights.group_key,
        weights.weight,
        groups.score,
        weights.weight * roles.weight_factor * (groups.score - 50) as points
    from roles
    inner join weights on roles.role_key = weights.role_key
    inner join groups
        on
            roles.model_id = groups.model_id
            and weights.group_key = groups.group_key

)

select * from final
