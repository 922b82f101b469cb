-- A change that its causes do not make would leave a reader without a reason.
with changes as (

    select
        *,
        data_points + selection_points + price_points + fill_points + method_points as explained
    from {{ ref('fct_role_changes') }}

),

final as (

    select
        model_id,
        role_key,
        change,
        explained
    from changes
    where abs(change - explained) > 1e-9

)

select * from final
