-- One row per source row whose name fields name two models, or a model and something else; it is not scored.
with conflicts as (

    select
        source_key,
        endpoint,
        row_ordinal
    from {{ ref('int_rows_identified') }}
    where is_conflict

),

labels as (

    select
        published.source_key,
        published.endpoint,
        published.row_ordinal,
        published.label_field,
        published.label,
        resolved.model_id
    from {{ ref('int_labels_published') }} as published
    inner join {{ ref('int_labels_resolved') }} as resolved on published.label_id = resolved.label_id

),

final as (

    select
        conflicts.source_key,
        conflicts.endpoint,
        conflicts.row_ordinal,
        string_agg(
            labels.label_field || ' "' || labels.label || '" names ' || coalesce(labels.model_id, 'no model'),
            ', ' order by labels.label_field
        ) as claims
    from conflicts
    inner join labels
        on
            conflicts.source_key = labels.source_key
            and conflicts.endpoint = labels.endpoint
            and conflicts.row_ordinal = labels.row_ordinal
    group by conflicts.source_key, conflicts.endpoint, conflicts.row_ordinal

)

select * from final
