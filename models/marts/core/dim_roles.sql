-- One row per role that a model is scored for.
with roles as (

    select * from {{ ref('roles') }}

),

final as (

    select
        role_key,
        label,
        question,
        position
    from roles

)

select * from final
