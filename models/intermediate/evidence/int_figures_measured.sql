-- One row per model and metric that has a figure of its own: of a live source, or else cited.
with metrics as (

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

evidence_classes as (

    select
        evidence_class,
        pull,
        strength
    from {{ ref('int_evidence_classes') }}

),

-- Two sources may publish one metric; its merge rule says which figure stands.
merged as (

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

claimed as (

    select
        model_id,
        metric_key,
        'direct' as evidence_class,
        raw_value,
        value_low,
        value_high,
        uncertainty,
        source_key,
        endpoint,
        row_ordinal,
        label,
        effort,
        agent,
        variant_count,
        null::string as citation,
        observed_on,
        source_url,
        payload_sha256,
        fetched_at
    from merged

    union all

    select
        model_id,
        metric_key,
        'override' as evidence_class,
        value as raw_value,
        null as value_low,
        null as value_high,
        null as uncertainty,
        'overrides' as source_key,
        null as endpoint,
        null as row_ordinal,
        null as label,
        null as effort,
        null as agent,
        null as variant_count,
        citation,
        observed_on,
        null as source_url,
        null as payload_sha256,
        null as fetched_at
    from overrides

),

-- A figure of a live source retires the override of the same pair.
final as (

    select
        claimed.*,
        evidence_classes.pull
    from claimed
    inner join evidence_classes on claimed.evidence_class = evidence_classes.evidence_class
    qualify row_number() over (
            partition by claimed.model_id, claimed.metric_key order by evidence_classes.strength desc
        ) = 1

)

select * from final
