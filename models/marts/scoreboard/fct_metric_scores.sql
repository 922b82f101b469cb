-- One row per model and metric, composites included: the published figure, its place among the models, and its proof.
with evidence as (

    select * from {{ ref('int_evidence') }}

),

normalized as (

    select
        entries.model_id,
        metrics.metric_key,
        metrics.normalized,
        metrics.score
    from {{ ref('int_metrics_normalized') }} as metrics
    inner join {{ ref('int_entries') }} as entries on metrics.entry_no = entries.entry_no
    where metrics.edition = 'current'

),

composites as (

    select
        model_id,
        composite_key,
        score
    from {{ ref('int_composites_blended') }}
    where edition = 'current'

),

cells as (

    select
        evidence.model_id,
        evidence.metric_key,
        evidence.raw_value,
        evidence.value_low,
        evidence.value_high,
        evidence.uncertainty,
        normalized.normalized,
        normalized.score,
        evidence.evidence_class,
        evidence.pull,
        evidence.source_key,
        evidence.label,
        evidence.effort,
        evidence.agent,
        evidence.variant_count::integer as variant_count,
        evidence.donor_model_id,
        evidence.chain_length,
        evidence.citation,
        evidence.observed_on,
        evidence.source_url,
        evidence.payload_sha256,
        evidence.fetched_at
    from evidence
    left join normalized
        on evidence.model_id = normalized.model_id and evidence.metric_key = normalized.metric_key

),

final as (

    select * from cells

    union all

    select
        model_id,
        composite_key as metric_key,
        null as raw_value,
        null as value_low,
        null as value_high,
        null as uncertainty,
        score as normalized,
        score,
        'composite' as evidence_class,
        null as pull,
        null as source_key,
        null as label,
        null as effort,
        null as agent,
        null as variant_count,
        null as donor_model_id,
        null as chain_length,
        null as citation,
        null as observed_on,
        null as source_url,
        null as payload_sha256,
        null as fetched_at
    from composites

)

select
    model_id,
    metric_key,
    raw_value,
    value_low,
    value_high,
    uncertainty,
    normalized,
    score,
    evidence_class,
    pull,
    source_key,
    label,
    effort,
    agent,
    variant_count,
    donor_model_id,
    chain_length,
    citation,
    observed_on,
    source_url,
    payload_sha256,
    fetched_at
from final
