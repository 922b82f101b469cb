-- One row per source that was asked: the payload in force on this board, or why there is none.
with fetches as (

    select * from {{ source('raw', 'fetches') }}

),

payloads as (

    select * from {{ source('raw', 'payloads') }}

),

as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

-- A board of today works with what its run chose, whatever else was landed; one of a past moment with what was chosen
-- by then. A clock that was set back says nothing about today's.
decisions as (

    select fetches.*
    from fetches
    cross join as_of
    where
        as_of.as_of is null
        or (fetches.decided_at <= as_of.as_of and coalesce(fetches.fetched_at <= as_of.as_of, true))
    qualify row_number() over (
            partition by fetches.source_key
            order by if(as_of.as_of is null, null, fetches.decided_at) desc, fetches.fetch_ordinal desc
        ) = 1

),

decided as (

    select
        decisions.source_key,
        payloads.payload_sha256,
        payloads.url as source_url,
        payloads.fetched_at,
        decisions.status,
        decisions.problem,
        payloads.row_count,
        payloads.landing_ordinal
    from decisions
    left join payloads
        on
            decisions.source_key = payloads.source_key
            and decisions.payload_sha256 = payloads.payload_sha256
            and decisions.fetched_at = payloads.fetched_at

),

-- What was landed later as history: nothing was decided then, and the newest payload of the time speaks for it.
remembered as (

    select
        payloads.source_key,
        payloads.payload_sha256,
        payloads.url as source_url,
        payloads.fetched_at,
        payloads.status,
        null as problem,
        payloads.row_count,
        payloads.landing_ordinal
    from payloads
    cross join as_of
    left join decisions on payloads.source_key = decisions.source_key
    where payloads.fetched_at <= as_of.as_of and decisions.source_key is null

),

final as (

    select
        source_key,
        payload_sha256,
        source_url,
        fetched_at,
        status,
        problem,
        row_count
    from (
        select * from decided
        union all
        select * from remembered
    ) as eligible
    qualify row_number() over (
            partition by source_key order by fetched_at desc, landing_ordinal desc
        ) = 1

)

select * from final
