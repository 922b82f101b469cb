-- One row per scenario, model and role: its own weights over what is measured, the gaps filled with what to expect.
with measured as (

    select
        entries.model_id,
        metrics.metric_key,
        metrics.score
    from {{ ref('int_metrics_normalized') }} as metrics
    inner join {{ ref('int_entries') }} as entries on metrics.entry_no = entries.entry_no
    where metrics.edition = 'measured'

),

capability_metrics as (

    select
        metric_key,
        figures_of,
        family
    from {{ ref('int_capability_metrics') }}

),

hidden as (

    select
        scenario,
        model_id,
        metric_key
    from {{ ref('int_ability_cells') }}
    where is_hidden

),

predicted as (

    select
        scenario,
        model_id,
        metric_key,
        predicted
    from {{ ref('int_cells_predicted') }}

),

weights as (

    select
        role_key,
        metric_key,
        effective_weight
    from {{ ref('int_role_metric_weights') }}

),

models as (

    select
        scenario,
        model_id
    from {{ ref('int_abilities') }}

),

-- Prices and speeds follow no ability, and a benchmark of few models says too little: where one is missing, the rest of
-- the role speaks for the model.
filled as (

    select
        models.scenario,
        models.model_id,
        weights.role_key,
        weights.effective_weight,
        coalesce(case when hidden.model_id is null then measured.score end, predicted.predicted) as score
    from models
    cross join weights
    left join capability_metrics on weights.metric_key = capability_metrics.metric_key
    left join measured
        on models.model_id = measured.model_id and weights.metric_key = measured.metric_key
    left join hidden
        on
            models.scenario = hidden.scenario
            and models.model_id = hidden.model_id
            and capability_metrics.figures_of = hidden.metric_key
    left join predicted
        on
            models.scenario = predicted.scenario
            and models.model_id = predicted.model_id
            and capability_metrics.figures_of = predicted.metric_key
    where
        weights.effective_weight > 0
        and models.scenario is distinct from 'without:' || capability_metrics.family

),

final as (

    select
        scenario,
        model_id,
        role_key,
        {{ exact_sum('effective_weight * score') }} / {{ exact_sum('effective_weight', 'score is not null') }} as score
    from filled
    group by scenario, model_id, role_key

)

select * from final
