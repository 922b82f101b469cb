-- One row per source row that a pattern leaves out of the scores.
with excluded as (

    select * from {{ ref('int_rows_excluded') }}

),

identified as (

    select
        source_key,
        endpoint,
        row_ordinal,
        label
    from {{ ref('int_rows_identified') }}

),

final as (

    select
        excluded.source_key,
        excluded.endpoint,
        excluded.row_ordinal,
        identified.label,
        excluded.reason,
        excluded.is_system
    from excluded
    inner join identified
        on
            excluded.source_key = identified.source_key
            and excluded.endpoint = identified.endpoint
            and excluded.row_ordinal = identified.row_ordinal

)

select * from final
