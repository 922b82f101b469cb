-- One row per edition, model, role and metric with weight: the points that the metric adds to the score, from 50.
with roles as (

    select
        blended.edition,
        blended.model_id,
        weights.parent_key as role_key,
        weights.input_key as group_key,
        weights.weight * blended.weight_factor as factor
    from {{ ref('int_roles_blended') }} as blended
    inner join {{ ref('int_weights') }} as weights
        on weights.level = 'role' and blended.role_key = weights.parent_key

),

groups as (

    select
        blended.edition,
        blended.model_id,
        weights.parent_key as group_key,
        weights.input_key,
        weights.weight * blended.weight_factor as factor
    from {{ ref('int_groups_blended') }} as blended
    inner join {{ ref('int_weights') }} as weights
        on weights.level = 'group' and blended.group_key = weights.parent_key

),

composites as (

    select
        blended.edition,
        blended.model_id,
        weights.parent_key as composite_key,
        weights.input_key as metric_key,
        weights.weight * blended.weight_factor as factor
    from {{ ref('int_composites_blended') }} as blended
    inner join {{ ref('int_weights') }} as weights
        on weights.level = 'composite' and blended.composite_key = weights.parent_key

),

metrics as (

    select
        edition,
        model_id,
        metric_key,
        score
    from {{ ref('int_metrics_normalized') }}

),

-- Every way from a metric to a role: straight into a group, or through a composite.
opened as (

    select
        roles.edition,
        roles.model_id,
        roles.role_key,
        coalesce(composites.metric_key, groups.input_key) as metric_key,
        roles.factor * groups.factor * if(composites.metric_key is null, 1, composites.factor) as factor
    from roles
    inner join groups
        on
            roles.edition = groups.edition
            and roles.model_id = groups.model_id
            and roles.group_key = groups.group_key
    left join composites
        on
            groups.edition = composites.edition
            and groups.model_id = composites.model_id
            and groups.input_key = composites.composite_key

),

scored as (

    select
        opened.*,
        metrics.score
    from opened
    left join metrics
        on
            opened.edition = metrics.edition
            and opened.model_id = metrics.model_id
            and opened.metric_key = metrics.metric_key

),

-- A metric without a value adds nothing: what it would have weighed is in the factors of the others.
final as (

    select
        edition,
        model_id,
        role_key,
        metric_key,
        max(score) as score,
        coalesce({{ exact_sum('factor', 'score is not null') }}, 0) as factor,
        coalesce({{ exact_sum('factor * (score - 50)') }}, 0) as points
    from scored
    group by edition, model_id, role_key, metric_key

)

select * from final
