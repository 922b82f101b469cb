-- A figure outside its metric's range is a changed unit or a broken page, and would move everyone's scale.
with scores as (

    select distinct
        source_key,
        row_ordinal,
        label,
        metric_key,
        raw_value
    from {{ ref('int_scores_published') }}
    where raw_value is not null

),

metrics as (

    select
        metric_key,
        valid_min,
        valid_max
    from {{ ref('metrics') }}

),

final as (

    select
        'payload of ' || scores.source_key as file,
        'row ' || scores.row_ordinal || ' "' || scores.label || '"' as row_name,
        case
            when metrics.metric_key is null then scores.metric_key || ' is not in seeds/catalogue/metrics.csv'
            else scores.metric_key || ' is ' || scores.raw_value
                || ', outside ' || coalesce(metrics.valid_min::string, 'any')
                || ' to ' || coalesce(metrics.valid_max::string, 'any')
        end as problem,
        'Check the unit upstream, then the range in seeds/catalogue/metrics.csv' as remedy
    from scores
    left join metrics on scores.metric_key = metrics.metric_key
    where
        metrics.metric_key is null
        or not isfinite(scores.raw_value)
        or scores.raw_value < metrics.valid_min
        or scores.raw_value > metrics.valid_max

)

select * from final
