-- One row per distinct published label of every name field: the model it names, or null.
with labels as (

    select * from {{ ref('int_labels_resolved') }}

),

final as (

    select
        source_key,
        label_field,
        label,
        vendor_hint,
        model_id,
        effort,
        agent,
        match_rule,
        exclusion_reason,
        row_count::integer as row_count
    from labels

)

select * from final
