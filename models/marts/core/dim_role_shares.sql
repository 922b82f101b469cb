-- One row per role and metric, and per role and source, that it hangs on: its share of the role's weight.
with metric_weights as (

    select
        role_key,
        metric_key,
        effective_weight
    from {{ ref('int_role_metric_weights') }}

),

metrics as (

    select
        metric_key,
        source_key
    from {{ ref('metrics') }}

),

final as (

    select
        role_key,
        'metric' as share_of,
        metric_key as share_key,
        effective_weight as weight
    from metric_weights

    union all

    select
        metric_weights.role_key,
        'source' as share_of,
        metrics.source_key as share_key,
        {{ exact_sum('metric_weights.effective_weight') }} as weight
    from metric_weights
    inner join metrics on metric_weights.metric_key = metrics.metric_key
    group by metric_weights.role_key, metrics.source_key

)

select * from final
