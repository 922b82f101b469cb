-- One row per group of metrics.
with groups as (

    select * from {{ ref('groups') }}

),

final as (

    select
        group_key,
        label,
        description,
        is_capability,
        position
    from groups

)

select * from final
