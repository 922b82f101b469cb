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

qualifiers as (

    select phrase from {{ ref('qualifiers') }}
    where effort is not null

),

final as (

    select
        labels.source_key,
        labels.effort_text,
        count(distinct labels.endpoint || ':' || labels.row_ordinal)::integer as row_count
    from labels
    inner join names on labels.effort_text = names.text
    left join qualifiers on names.normalized_name = qualifiers.phrase
    where qualifiers.phrase is null
    group by labels.source_key, labels.effort_text

)

select * from final
