-- A change that its causes do not make would leave a reader without a reason. Scores known from a file are rounded.
with changes as (

    select * from {{ ref('fct_role_changes') }}
    where change is not null

),

boards as (

    select coalesce(max(power(10, -boards.score_decimals)), 1e-9) as tolerance
    from {{ source('history', 'boards') }} as boards
    inner join {{ ref('int_editions') }} as editions on boards.board_key = editions.board_key

),

explained as (

    select
        *,
        data_points + selection_points + price_points + fill_points + method_points as explained
    from changes

),

final as (

    select
        explained.model_id,
        explained.role_key,
        explained.change,
        explained.explained
    from explained
    cross join boards
    where abs(explained.change - explained.explained) > boards.tolerance

)

select * from final
