-- One row per edition that this method scores: the board, and the one that it is compared with if there is one.
with requested as (

    select
        max(as_of) as as_of,
        max(compared_with) as compared_with
    from {{ source('request', 'board') }}

),

boards as (

    select
        board_key,
        label,
        board_id,
        kind,
        generated_at
    from {{ source('history', 'boards') }}

),

-- Without a wish it is the last snapshot, whatever the clock says today: only that one keeps its figures. A board of a
-- past moment is compared with nothing: it must not depend on what was kept of later days.
previous as (

    select boards.*
    from boards
    cross join requested
    where
        boards.board_key = requested.compared_with
        or (
            requested.compared_with is null
            and requested.as_of is null
            and boards.kind = 'snapshot'
        )
    qualify row_number() over (order by boards.generated_at desc, boards.label desc) = 1

),

final as (

    select
        'current' as edition,
        null::string as board_key,
        null::string as kind,
        null::string as label,
        null::string as board_id,
        null::timestamp as generated_at

    union all

    select
        'previous' as edition,
        board_key,
        kind,
        label,
        board_id,
        generated_at
    from previous

)

select * from final
