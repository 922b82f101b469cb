-- One row per model: four role scores, and what a person weighs beside them.
with models as (

    select
        model_id,
        display_name,
        vendor
    from {{ ref('models') }}

),

role_scores as (

    select * from {{ ref('fct_role_scores') }}

),

measured as (

    select
        model_id,
        max(raw_value) filter (where metric_key = 'BlendedCost') as blended_cost,
        max(raw_value) filter (where metric_key = 'OutputSpeed') as output_speed,
        max(raw_value) filter (where metric_key = 'ContextWindow') as context_window
    from {{ ref('int_evidence') }}
    where evidence_class = 'direct'
    group by model_id

),

evidence as (

    select
        evidence.model_id,
        count(*) filter (where evidence.evidence_class = 'direct') as measured_metrics,
        count(*) filter (where evidence.evidence_class = 'override') as reported_metrics,
        count(*) filter (where starts_with(evidence.evidence_class, 'fill_')) as estimated_metrics,
        count(*) filter (where evidence.evidence_class = 'missing') as missing_metrics
    from {{ ref('int_evidence') }} as evidence
    inner join {{ ref('metrics') }} as metrics
        on evidence.metric_key = metrics.metric_key and metrics.status = 'scored'
    group by evidence.model_id

),

parameters as (

    select synthesis_per_model_cap from {{ ref('int_parameters') }}

),

widened as (

    select
        model_id,
        max(score) filter (where role_key = 'I_raw') as i_raw,
        max(score) filter (where role_key = 'P_raw') as p_raw,
        max(score) filter (where role_key = 'B_raw') as b_raw,
        max(score) filter (where role_key = 'R') as r,
        max(role_rank) filter (where role_key = 'I_raw') as i_rank,
        max(role_rank) filter (where role_key = 'P_raw') as p_rank,
        max(role_rank) filter (where role_key = 'B_raw') as b_rank,
        max(role_rank) filter (where role_key = 'R') as r_rank,
        max(measured_weight_share) filter (where role_key = 'I_raw') as i_measured,
        max(measured_weight_share) filter (where role_key = 'P_raw') as p_measured,
        max(measured_weight_share) filter (where role_key = 'B_raw') as b_measured,
        max(measured_weight_share) filter (where role_key = 'R') as r_measured
    from role_scores
    group by model_id

),

-- Prices and speeds are quoted only when they were measured.
final as (

    select
        models.model_id,
        models.display_name,
        models.vendor,
        widened.i_raw,
        widened.p_raw,
        widened.b_raw,
        widened.r,
        widened.i_rank,
        widened.p_rank,
        widened.b_rank,
        widened.r_rank,
        widened.i_measured,
        widened.p_measured,
        widened.b_measured,
        widened.r_measured,
        measured.blended_cost,
        measured.output_speed,
        measured.context_window,
        evidence.measured_metrics::integer as measured_metrics,
        evidence.reported_metrics::integer as reported_metrics,
        evidence.estimated_metrics::integer as estimated_metrics,
        evidence.missing_metrics::integer as missing_metrics,
        evidence.estimated_metrics > parameters.synthesis_per_model_cap
        * (evidence.measured_metrics + evidence.reported_metrics + evidence.estimated_metrics)
            as is_synthesis_dominant
    from models
    cross join parameters
    inner join widened on models.model_id = widened.model_id
    inner join evidence on models.model_id = evidence.model_id
    left join measured on models.model_id = measured.model_id

)

select * from final
