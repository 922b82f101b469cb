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
        trim(both ' ' || chr(9) || chr(13) || chr(10) from label) as label,
        trim(both ' ' || chr(9) || chr(13) || chr(10) from model_text) as model_text,
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
