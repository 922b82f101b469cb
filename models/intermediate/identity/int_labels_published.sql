-- One row per source row and name field: the label as published, without outer white space.
with scores as (

    select * from {{ ref('int_scores_published') }}

),

trimmed as (

    select distinct
        source_key,
        endpoint,
        row_ordinal,
        label_field,
        trim(label, e' \t\r\n') as label,
        trim(model_text, e' \t\r\n') as model_text,
        vendor_hint,
        effort_text,
        agent,
        row_traits
    from scores

),

final as (

    select
        md5(concat_ws('|', source_key, label_field, coalesce(vendor_hint, ''), label, model_text)) as label_id,
        *
    from trimmed

)

select * from final
