-- One row per check and role: how far a score moves when figures that are known are hidden.
with cells as (

    select * from {{ ref('int_ability_cells') }}
    where is_hidden

),

roles_varied as (

    select * from {{ ref('int_roles_varied') }}

),

gap_filled_roles as (

    select * from {{ ref('int_gap_filled_roles') }}

),

roles_blended as (

    select * from {{ ref('int_roles_blended') }}
    where edition = 'current' and is_ranked

),

metric_weights as (

    select * from {{ ref('int_role_metric_weights') }}

),

capability_metrics as (

    select * from {{ ref('int_capability_metrics') }}

),

-- Every score of a ranked model that a hidden figure weighs in.
masked as (

    select distinct
        cells.scenario,
        cells.model_id,
        metric_weights.role_key
    from cells
    inner join capability_metrics on cells.metric_key = capability_metrics.figures_of
    inner join metric_weights
        on capability_metrics.metric_key = metric_weights.metric_key and metric_weights.effective_weight > 0
    inner join roles_blended
        on cells.model_id = roles_blended.model_id and metric_weights.role_key = roles_blended.role_key
    where starts_with(cells.scenario, 'fold:')

),

errors as (

    select
        masked.role_key,
        abs(roles_varied.score - roles_blended.score) as shrunk_error,
        abs(gap_filled.score - whole.score) as gap_filled_error
    from masked
    inner join roles_varied
        on
            masked.scenario = roles_varied.scenario
            and masked.model_id = roles_varied.model_id
            and masked.role_key = roles_varied.role_key
    inner join roles_blended
        on masked.model_id = roles_blended.model_id and masked.role_key = roles_blended.role_key
    inner join gap_filled_roles as gap_filled
        on
            masked.scenario = gap_filled.scenario
            and masked.model_id = gap_filled.model_id
            and masked.role_key = gap_filled.role_key
    inner join gap_filled_roles as whole
        on
            whole.scenario = 'all'
            and masked.model_id = whole.model_id
            and masked.role_key = whole.role_key

),

means as (

    select
        role_key,
        {{ exact_sum('shrunk_error') }} / count(*) as shrunk_error,
        {{ exact_sum('gap_filled_error') }} / count(*) as gap_filled_error,
        count(*) as sample_size
    from errors
    group by role_key

),

final as (

    select
        unnest(['masking_shrunk', 'masking_gap_filled']) as check_key,
        role_key as subject,
        unnest([shrunk_error, gap_filled_error]) as value,
        null::double as value_low,
        null::double as value_high,
        sample_size,
        null::double as bar_low,
        null::double as bar_high
    from means

)

select * from final
