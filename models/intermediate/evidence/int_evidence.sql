-- One row per registry model and metric of the catalogue: the figure that stands for the pair, or that there is none.
with models as (

    select model_id from {{ ref('models') }}

),

metrics as (

    select
        metric_key,
        source_key,
        merge_rule
    from {{ ref('metrics') }}
    where status <> 'composite'

),

selected as (

    select * from {{ ref('int_scores_selected') }}

),

overrides as (

    select * from {{ ref('score_overrides') }}

),

-- Two sources may publish one metric; its merge rule says which figure stands.
direct as (

    select selected.*
    from selected
    inner join metrics on selected.metric_key = metrics.metric_key
    qualify row_number() over (
            partition by selected.model_id, selected.metric_key
            order by
                case metrics.merge_rule
                    when 'min_positive' then case when selected.raw_value > 0 then selected.raw_value end
                    when 'max' then -selected.raw_value
                end asc nulls last,
                selected.source_key = metrics.source_key desc,
                selected.source_key asc,
                selected.endpoint asc
        ) = 1

),

-- A figure of a live source retires the override of the same pair.
final as (

    select
        models.model_id,
        metrics.metric_key,
        coalesce(direct.raw_value, overrides.value) as raw_value,
        case
            when direct.raw_value is not null then 'direct'
            when overrides.value is not null then 'override'
            else 'missing'
        end as evidence_class,
        case
            when direct.raw_value is not null then direct.source_key
            when overrides.value is not null then 'overrides'
        end as source_key,
        direct.label,
        direct.effort,
        direct.agent,
        direct.variant_count,
        null::varchar as donor_model_id,
        case when direct.raw_value is null then overrides.citation end as citation,
        case when direct.raw_value is null then overrides.observed_on else direct.observed_on end as observed_on,
        direct.source_url,
        direct.payload_sha256,
        direct.fetched_at
    from models
    cross join metrics
    left join direct
        on models.model_id = direct.model_id and metrics.metric_key = direct.metric_key
    left join overrides
        on models.model_id = overrides.model_id and metrics.metric_key = overrides.metric_key

)

select * from final
