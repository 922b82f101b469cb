-- An override without a citation, or for a name that does not exist, is a number without proof or without effect.
with overrides as (

    select
        *,
        count(*) over (partition by model_id, metric_key) as claim_count
    from {{ ref('score_overrides') }}

),

models as (

    select model_id from {{ ref('models') }}

),

metrics as (

    select
        metric_key,
        status,
        valid_min,
        valid_max
    from {{ ref('metrics') }}

),

judged as (

    select
        overrides.model_id,
        overrides.metric_key,
        case
            when models.model_id is null then 'no model of the registry has this id'
            when metrics.metric_key is null or metrics.status = 'composite'
                then 'no metric of the catalogue has this key'
            when trim(coalesce(overrides.citation, '')) = '' then 'the citation is empty'
            when overrides.value is null or not isfinite(overrides.value) then 'the value is not a number'
            when overrides.value < metrics.valid_min or overrides.value > metrics.valid_max
                then 'the value ' || overrides.value || ' is outside the range of the metric'
            when overrides.claim_count > 1 then 'the pair stands ' || overrides.claim_count || ' times'
            when overrides.date_precision not in ('day', 'month', 'none') then 'the date precision is unknown'
        end as problem
    from overrides
    left join models on overrides.model_id = models.model_id
    left join metrics on overrides.metric_key = metrics.metric_key

),

final as (

    select
        'seeds/overrides/score_overrides.csv' as file,
        coalesce(model_id, '(no model)') || ', ' || coalesce(metric_key, '(no metric)') as row_name,
        problem,
        'Correct the row or remove it' as remedy
    from judged
    where problem is not null

)

select * from final
