-- One row per model and source of which a scored metric is missing, with the siblings that the source does have.
with models as (

    select
        model_id,
        vendor,
        regexp_extract_all(lower(display_name), '[a-z0-9]+') as words
    from {{ ref('models') }}

),

metrics as (

    select
        metric_key,
        source_key
    from {{ ref('metrics') }}
    where status = 'scored' and source_key <> 'overrides'

),

evidence as (

    select
        model_id,
        metric_key,
        evidence_class,
        source_key
    from {{ ref('int_evidence') }}

),

blocked as (

    select
        model_id,
        metric_key
    from {{ ref('int_figures_filled') }}
    where is_cap_blocked

),

gaps as (

    select
        evidence.model_id,
        metrics.source_key,
        count(*) as missing_metrics,
        count(blocked.metric_key) > 0 as is_cap_blocked
    from evidence
    inner join metrics on evidence.metric_key = metrics.metric_key
    left join blocked on evidence.model_id = blocked.model_id and evidence.metric_key = blocked.metric_key
    where evidence.evidence_class = 'missing'
    group by evidence.model_id, metrics.source_key

),

present as (

    select distinct
        evidence.model_id,
        evidence.source_key
    from evidence
    inner join metrics on evidence.metric_key = metrics.metric_key
    where evidence.evidence_class = 'direct'

),

compared as (

    select
        gaps.model_id,
        gaps.source_key,
        present.model_id as candidate_model_id,
        len(list_intersect(models.words, candidates.words))
        / len(list_distinct(list_concat(models.words, candidates.words))) as overlap
    from gaps
    inner join models on gaps.model_id = models.model_id
    inner join present on gaps.source_key = present.source_key and gaps.model_id <> present.model_id
    inner join models as candidates
        on present.model_id = candidates.model_id and models.vendor = candidates.vendor

),

parameters as (

    select candidate_overlap from {{ ref('int_parameters') }}

),

likely as (

    select
        compared.model_id,
        compared.source_key,
        compared.candidate_model_id,
        compared.overlap
    from compared
    cross join parameters
    where compared.overlap >= parameters.candidate_overlap
    qualify row_number() over (
            partition by compared.model_id, compared.source_key
            order by compared.overlap desc, compared.candidate_model_id asc
        ) <= 3

),

proposed as (

    select
        model_id,
        source_key,
        list(candidate_model_id order by overlap desc, candidate_model_id asc) as candidates,
        list(round(overlap, 2) order by overlap desc, candidate_model_id asc) as candidate_overlaps
    from likely
    group by model_id, source_key

),

final as (

    select
        gaps.model_id,
        gaps.source_key,
        gaps.missing_metrics::integer as missing_metrics,
        gaps.is_cap_blocked,
        coalesce(proposed.candidates, []) as candidates,
        coalesce(proposed.candidate_overlaps, []) as candidate_overlaps
    from gaps
    left join proposed on gaps.model_id = proposed.model_id and gaps.source_key = proposed.source_key

)

select * from final
