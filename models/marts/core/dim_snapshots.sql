-- One row per snapshot that this warehouse knows, with the hash of its receipt.
with boards as (

    select * from {{ source('history', 'boards') }}
    where kind = 'snapshot'

),

as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

final as (

    select
        boards.label as snapshot_date,
        boards.board_id,
        boards.generated_at,
        boards.method_version,
        boards.receipt_sha256,
        boards.signed_by
    from boards
    cross join as_of
    -- A board of a past moment must not depend on what was kept since.
    where as_of.as_of is null

)

select * from final
