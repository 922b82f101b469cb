-- A metric that the catalogue calls scored and no set weighs would be counted as missing without mattering.
with metrics as (

    select metric_key
    from {{ ref('metrics') }}
    where status in ('scored', 'composite')

),

weights as (

    select distinct input_key from {{ ref('int_weights') }}

),

final as (

    select
        'seeds/catalogue/metrics.csv' as file,
        metrics.metric_key as row_name,
        'its status says that it is scored, and no weight uses it' as problem,
        'Give it a weight, or the status diagnostic or historical' as remedy
    from metrics
    left join weights on metrics.metric_key = weights.input_key
    where weights.input_key is null

)

select * from final
