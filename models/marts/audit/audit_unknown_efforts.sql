-- One row per source and word of its effort field that no qualifier knows; rows with it count as unstated.
with labels as (

    select
        source_key,
        endpoint,
        row_ordinal,
        effort_text
    from {{ ref('int_labels_published') }}
    where effort_text is not null

),

names as (

    select
        text,
        normalized_name
    from {{ ref('int_names_normalized') }}

),

peeled as (

    select name
    from {{ ref('int_names_peeled') }}
    where form = 'with'

),

final as (

    select
        labels.source_key,
        labels.effort_text,
        count(distinct labels.endpoint || ':' || labels.row_ordinal)::integer as row_count
    from labels
    inner join names on 'with ' || labels.effort_text = names.text
    left join peeled on names.normalized_name = peeled.name
    where peeled.name is null
    group by labels.source_key, labels.effort_text

)

select * from final
