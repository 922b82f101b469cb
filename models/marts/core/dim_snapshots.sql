-- One row per snapshot that this warehouse knows, with the hash of its receipt.
with boards as (

    select * from {{ source('history', 'boards') }}
    where kind = 'snapshot'

),

final as (

    select
        label as snapshot_date,
        board_id,
        generated_at,
        method_version,
        receipt_sha256,
        signed_by
    from boards

)

select * from final
