-- One row per model and group, 0-100.
with groups_blended as (

    select * from {{ ref('int_groups_blended') }}
    where edition = 'current'

),

final as (

    select
        model_id,
        group_key,
        score,
        coverage,
        is_shrunk
    from groups_blended

)

select * from final
