-- One row per source that either edition has a payload of: whether it is the same one.
with previous as (

    select sources.*
    from {{ source('history', 'sources') }} as sources
    inner join {{ ref('int_editions') }} as editions on sources.board_key = editions.board_key
    where sources.payload_sha256 is not null

),

requested as (

    select
        source_key,
        payload_sha256
    from {{ source('request', 'payloads') }}

),

payloads as (

    select
        source_key,
        payload_sha256
    from {{ ref('stg_payloads__current') }}
    where payload_sha256 is not null and not exists (select 1 from requested)

    union all

    select * from requested

),

final as (

    select
        coalesce(previous.source_key, payloads.source_key) as source_key,
        previous.source_key is not null as was_there,
        payloads.source_key is not null as is_there,
        coalesce(previous.payload_sha256 = payloads.payload_sha256, false) as is_same_payload
    from previous
    full outer join payloads on previous.source_key = payloads.source_key

)

select * from final
