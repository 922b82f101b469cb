-- One row per cited figure that a live source has retired.
with overrides as (

    select * from {{ ref('score_overrides') }}

),

measured as (

    select
        model_id,
        metric_key,
        raw_value,
        source_key,
        label
    from {{ ref('int_figures_measured') }}
    where evidence_class = 'direct'

),

final as (

    select
        overrides.model_id,
        overrides.metric_key,
        overrides.value as cited_value,
        measured.raw_value as measured_value,
        measured.source_key,
        measured.label,
        overrides.citation
    from overrides
    inner join measured
        on overrides.model_id = measured.model_id and overrides.metric_key = measured.metric_key

)

select * from final
