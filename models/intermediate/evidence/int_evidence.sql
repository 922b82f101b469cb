-- One row per registry model and metric of the catalogue: the figure that stands for the pair, or that there is none.
with models as (

    select model_id from {{ ref('models') }}

),

metrics as (

    select metric_key
    from {{ ref('metrics') }}
    where status <> 'composite'

),

measured as (

    select * from {{ ref('int_figures_measured') }}

),

filled as (

    select * from {{ ref('int_figures_filled') }}
    where not is_cap_blocked

),

evidence_classes as (

    select
        evidence_class,
        pull
    from {{ ref('int_evidence_classes') }}

),

-- A board that is known from its snapshot or its file brings its figures along: those, and no others, stand.
requested as (

    select * from {{ source('request', 'figures') }}

),

found as (

    select
        model_id,
        metric_key,
        evidence_class,
        raw_value,
        value_low,
        value_high,
        uncertainty,
        source_key,
        label,
        effort,
        agent,
        variant_count,
        citation,
        observed_on,
        source_url,
        payload_sha256,
        fetched_at,
        pull,
        null::string as donor_model_id,
        null::integer as chain_length
    from measured

    union all

    -- A fill is its donor's figure and carries the donor's proof; what the donor's interval says holds for the donor.
    select
        filled.model_id,
        filled.metric_key,
        filled.evidence_class,
        measured.raw_value,
        null as value_low,
        null as value_high,
        null as uncertainty,
        measured.source_key,
        measured.label,
        measured.effort,
        measured.agent,
        null as variant_count,
        measured.citation,
        measured.observed_on,
        measured.source_url,
        measured.payload_sha256,
        measured.fetched_at,
        filled.pull,
        filled.donor_model_id,
        filled.chain_length::integer as chain_length
    from filled
    inner join measured
        on filled.donor_model_id = measured.model_id and filled.metric_key = measured.metric_key

),

standing as (

    select * from found
    where not exists (select 1 from requested)

    union all

    select
        model_id,
        metric_key,
        evidence_class,
        raw_value,
        null as value_low,
        null as value_high,
        null as uncertainty,
        source_key,
        label,
        effort,
        agent,
        null as variant_count,
        citation,
        null as observed_on,
        null as source_url,
        null as payload_sha256,
        null as fetched_at,
        pull,
        donor_model_id,
        null as chain_length
    from requested

),

final as (

    select
        models.model_id,
        metrics.metric_key,
        standing.raw_value,
        standing.value_low,
        standing.value_high,
        standing.uncertainty,
        coalesce(standing.evidence_class, 'missing') as evidence_class,
        coalesce(standing.pull, evidence_classes.pull) as pull,
        standing.source_key,
        standing.label,
        standing.effort,
        standing.agent,
        standing.variant_count,
        standing.donor_model_id,
        standing.chain_length,
        standing.citation,
        standing.observed_on,
        standing.source_url,
        standing.payload_sha256,
        standing.fetched_at
    from models
    cross join metrics
    left join standing
        on models.model_id = standing.model_id and metrics.metric_key = standing.metric_key
    left join evidence_classes on evidence_classes.evidence_class = 'missing'

)

select * from final
