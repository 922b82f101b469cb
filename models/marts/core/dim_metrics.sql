-- One row per metric of the catalogue, composites included.
with metrics as (

    select * from {{ ref('metrics') }}

),

final as (

    select
        metric_key,
        label,
        description,
        source_key,
        unit,
        higher_is_better,
        is_log_scale,
        transform,
        valid_min,
        valid_max,
        merge_rule,
        is_synthesizable,
        status
    from metrics

)

select * from final
