-- One row per weight in force on this board.
with weights as (

    select * from {{ ref('int_weights') }}

),

final as (

    select
        level,
        parent_key,
        input_key,
        weight
    from weights

)

select * from final
