-- One row per source whose payload is older than the source promises to stay true.
with sources as (

    select * from {{ ref('dim_sources') }}

),

final as (

    select
        source_key,
        status,
        fetched_at,
        age_hours,
        ttl_hours
    from sources
    where age_hours > ttl_hours

)

select * from final
