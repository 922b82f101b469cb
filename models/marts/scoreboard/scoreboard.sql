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

{% set roles = {'i': 'I_raw', 'p': 'P_raw', 'b': 'B_raw', 'r': 'R'} -%}

widened as (

    select
        model_id,
        {% for name, role_key in roles.items() -%}
            max(score) filter (where role_key = '{{ role_key }}') as {{ name }}_score,
            max(role_rank) filter (where role_key = '{{ role_key }}') as {{ name }}_rank,
            max(measured_weight_share) filter (where role_key = '{{ role_key }}') as {{ name }}_measured{{ ',' if not loop.last }}
        {% endfor %}
    from role_scores
    group by model_id

),

-- Prices and speeds are quoted only when they were measured.
final as (

    select
        models.model_id,
        models.display_name,
        models.vendor,
        widened.i_score as i_raw,
        widened.p_score as p_raw,
        widened.b_score as b_raw,
        widened.r_score as r,
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
        measured.context_window
    from models
    inner join widened on models.model_id = widened.model_id
    left join measured on models.model_id = measured.model_id

)

select * from final order by model_id
