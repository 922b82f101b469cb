-- Absence is a row: a lost pair of model and metric would read as "not asked" instead of "missing".
with expected as (

    select
        models.model_id,
        metrics.metric_key
    from {{ ref('models') }} as models
    cross join {{ ref('metrics') }} as metrics

),

cells as (

    select
        model_id,
        metric_key
    from {{ ref('fct_metric_scores') }}

),

final as (

    select
        expected.model_id,
        expected.metric_key
    from expected
    full outer join cells on expected.model_id = cells.model_id and expected.metric_key = cells.metric_key
    where expected.model_id is null or cells.model_id is null

)

select * from final
