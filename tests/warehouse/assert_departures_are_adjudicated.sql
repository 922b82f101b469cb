-- What leaves the snapshots without a word would read as if it had never been there. A past board answers for nothing.
with requests as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

departures as (

    select departures.*
    from {{ ref('fct_departures') }} as departures
    cross join requests
    where departures.kind = 'snapshot' and departures.reason is null and requests.as_of is null

),

final as (

    select
        'seeds/audits/adjudications.csv' as file,
        concat_ws(', ', model_id, metric_key, source_key) as row_name,
        'the ' || what || ' was in the snapshot of ' || last_seen_on || ' and is not on this board' as problem,
        'Add a row that says why (' || concat_ws(
            ',', what, coalesce(model_id, ''), coalesce(source_key, ''), coalesce(metric_key, ''), last_seen_on
        ) || ',...), or bring it back' as remedy
    from departures

)

select * from final
