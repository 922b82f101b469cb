-- One row per source: the payload in force on this board, the newest fetched by its as-of moment.
with payloads as (

    select * from {{ source('raw', 'payloads') }}

),

board_requests as (

    select * from {{ source('request', 'board') }}

),

as_of as (

    select max(as_of) as as_of from board_requests

),

known_by_then as (

    select payloads.*
    from payloads
    cross join as_of
    where as_of.as_of is null or payloads.fetched_at <= as_of.as_of

),

final as (

    select
        source_key,
        payload_sha256,
        url as source_url,
        fetched_at,
        status,
        row_count
    from known_by_then
    qualify row_number() over (
            partition by source_key order by fetched_at desc, landing_ordinal desc
        ) = 1

)

select * from final
