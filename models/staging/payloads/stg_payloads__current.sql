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

last_fetches as (

    select * from fetches
    qualify row_number() over (partition by source_key order by fetch_ordinal desc) = 1

),

-- A board of today works with what its run chose, whatever else was landed; one of a past moment with the newest
-- payload that was fetched by then.
eligible as (

    select
        last_fetches.source_key,
        payloads.payload_sha256,
        payloads.url as source_url,
        payloads.fetched_at,
        payloads.row_count,
        payloads.landing_ordinal,
        if(as_of.as_of is null, last_fetches.status, payloads.status) as status,
        if(as_of.as_of is null, last_fetches.problem, null) as problem
    from last_fetches
    cross join as_of
    left join payloads
        on
            last_fetches.source_key = payloads.source_key
            and if(
                as_of.as_of is null,
                last_fetches.payload_sha256 = payloads.payload_sha256
                and last_fetches.fetched_at = payloads.fetched_at,
                as_of.as_of >= payloads.fetched_at
            )

),

final as (

    select
        source_key,
        payload_sha256,
        source_url,
        fetched_at,
        coalesce(status, 'skipped') as status,
        problem,
        row_count
    from eligible
    qualify row_number() over (
            partition by source_key order by fetched_at desc, landing_ordinal desc
        ) = 1

)

select * from final
