-- One row per board, model and role: the score on every snapshot and on this board, and what moved it.
with as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

-- A board of a past moment must not depend on what was kept since.
snapshots as (

    select
        boards.board_key,
        boards.label,
        boards.board_id,
        boards.generated_at,
        boards.method_version
    from {{ source('history', 'boards') }} as boards
    cross join as_of
    where boards.kind = 'snapshot' and as_of.as_of is null

),

board as (

    select
        'current' as board_key,
        strftime(generated_at, '%Y-%m-%d') as label,
        board_id,
        generated_at,
        method_version
    from {{ ref('board') }}

),

-- This board may be that of a snapshot: then the snapshot, which was compared with the one before, speaks for it.
boards as (

    select
        snapshots.*,
        board.board_id is not null as is_current
    from snapshots
    left join board on snapshots.board_id = board.board_id

    union all

    select
        board.*,
        true as is_current
    from board
    left join snapshots on board.board_id = snapshots.board_id
    where snapshots.board_id is null

),

role_scores as (

    select
        board_key,
        model_id,
        role_key,
        score,
        role_rank
    from {{ source('history', 'role_scores') }}

    union all

    select
        'current' as board_key,
        model_id,
        role_key,
        score,
        role_rank
    from {{ ref('fct_role_scores') }}

),

role_changes as (

    select
        board_key,
        model_id,
        role_key,
        change,
        data_points,
        selection_points,
        method_points,
        price_points,
        fill_points
    from {{ source('history', 'role_changes') }}

    union all

    select
        'current' as board_key,
        model_id,
        role_key,
        change,
        data_points,
        selection_points,
        method_points,
        price_points,
        fill_points
    from {{ ref('fct_role_changes') }}

),

final as (

    select
        boards.board_key,
        boards.label,
        boards.board_id,
        boards.generated_at,
        boards.method_version,
        boards.is_current,
        role_scores.model_id,
        role_scores.role_key,
        role_scores.score,
        role_scores.role_rank,
        role_changes.change,
        role_changes.data_points,
        role_changes.selection_points,
        role_changes.method_points,
        role_changes.price_points,
        role_changes.fill_points
    from boards
    inner join role_scores on boards.board_key = role_scores.board_key
    left join role_changes
        on
            role_scores.board_key = role_changes.board_key
            and role_scores.model_id = role_changes.model_id
            and role_scores.role_key = role_changes.role_key

)

select * from final
