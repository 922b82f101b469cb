-- What leaves the snapshots without a word would read as if it had never been there.
with snapshots as (

    select board_key from {{ ref('int_editions') }}
    where kind = 'snapshot'

),

departures as (

    select * from {{ ref('fct_departures') }}
    where reason is null and (select count(*) from snapshots) > 0

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
