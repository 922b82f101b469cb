-- One row per source of the catalogue: what it is, and what it gave to this board.
with sources as (

    select * from {{ ref('sources') }}

),

board as (

    select generated_at from {{ ref('board') }}

),

payloads as (

    select * from {{ ref('stg_payloads__current') }}

),

rows_identified as (

    select
        source_key,
        count(model_id) as matched_rows,
        count(exclusion_reason) as excluded_rows
    from {{ ref('int_rows_identified') }}
    group by source_key

),

compared as (

    select
        sources.source_key,
        case
            when not sources.was_there then 'came'
            when not sources.is_there then 'left'
            when sources.is_same_payload then 'stayed'
            else 'changed'
        end as since_compared
    from {{ ref('int_sources_compared') }} as sources
    inner join {{ ref('int_editions') }} as editions on editions.edition = 'previous'

),

overrides as (

    select
        'overrides' as source_key,
        count(*) as row_count
    from {{ ref('score_overrides') }}

),

counted as (

    select
        sources.*,
        board.generated_at,
        payloads.status as fetch_status,
        payloads.problem,
        payloads.fetched_at,
        payloads.payload_sha256,
        compared.since_compared,
        overrides.row_count as override_rows,
        coalesce(payloads.row_count, overrides.row_count, 0) as ingested_rows,
        coalesce(rows_identified.matched_rows, overrides.row_count, 0) as matched_rows,
        coalesce(rows_identified.excluded_rows, 0) as excluded_rows
    from sources
    cross join board
    left join payloads on sources.source_key = payloads.source_key
    left join compared on sources.source_key = compared.source_key
    left join rows_identified on sources.source_key = rows_identified.source_key
    left join overrides on sources.source_key = overrides.source_key

),

final as (

    select
        source_key,
        name,
        url,
        ttl_hours,
        floor_rows,
        secret_env,
        licence,
        attribution,
        family,
        case
            when override_rows is not null then 'verified'
            else coalesce(fetch_status, 'skipped')
        end as status,
        problem,
        ingested_rows::integer as n_rows_ingested,
        matched_rows::integer as n_rows_matched,
        (ingested_rows - matched_rows)::integer as n_rows_unmatched,
        excluded_rows::integer as n_rows_excluded,
        fetched_at,
        date_diff('hour', fetched_at, generated_at)::integer as age_hours,
        payload_sha256,
        since_compared
    from counted

)

select * from final
