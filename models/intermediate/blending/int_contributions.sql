-- One row per entry, role and metric with weight: the points that the metric adds to the score, from 50.
with weights as (

    select
        level,
        parent_key,
        input_key,
        weight
    from {{ ref('int_weights') }}

),

roles as (

    select
        entry_no,
        role_key,
        weight_factor
    from {{ ref('int_roles_blended') }}

),

groups as (

    select
        entry_no,
        group_key,
        weight_factor
    from {{ ref('int_groups_blended') }}

),

-- Every way from a metric into a group of a role: straight, or through a composite.
ways as (

    select
        of_roles.parent_key as role_key,
        of_roles.input_key as group_key,
        of_composites.parent_key as composite_key,
        coalesce(of_composites.input_key, of_groups.input_key) as metric_key,
        of_groups.weight as group_weight,
        of_composites.weight as composite_weight,
        count(*) over (
            partition by of_roles.parent_key, coalesce(of_composites.input_key, of_groups.input_key)
        ) > 1 as has_others
    from weights as of_roles
    inner join weights as of_groups
        on of_groups.level = 'group' and of_roles.input_key = of_groups.parent_key
    left join weights as of_composites
        on of_composites.level = 'composite' and of_groups.input_key = of_composites.parent_key
    where of_roles.level = 'role'

),

grouped as (

    select
        roles.entry_no,
        roles.role_key,
        groups.group_key,
        weights.weight * roles.weight_factor as role_factor,
        groups.weight_factor
    from roles
    inner join weights on weights.level = 'role' and roles.role_key = weights.parent_key
    inner join groups
        on roles.entry_no = groups.entry_no and weights.input_key = groups.group_key

),

-- Most metrics have one way into a role and nothing to add up, which a query over all of them would take long to find.
-- Every way of an entry has its row in grouped: the left join finds the same as an inner one, and lets the many metrics
-- pass by the few groups.
{% for has_others in ['false', 'true'] -%}
{% set kind = 'shared' if has_others == 'true' else 'single' -%}
{{ kind }}_ways as (

    select
        metrics.entry_no,
        ways.role_key,
        metrics.metric_key,
        metrics.score,
        grouped.role_factor
        * (ways.group_weight * grouped.weight_factor)
        * if(ways.composite_key is null, 1, ways.composite_weight * composites.weight_factor) as factor
    from {{ ref('int_metrics_normalized') }} as metrics
    inner join ways on metrics.metric_key = ways.metric_key and ways.has_others = {{ has_others }}
    left join grouped
        on
            metrics.entry_no = grouped.entry_no
            and ways.role_key = grouped.role_key
            and ways.group_key = grouped.group_key
    left join {{ ref('int_composites_blended') }} as composites
        on metrics.entry_no = composites.entry_no and ways.composite_key = composites.composite_key
    where metrics.edition <> 'measured'

),

{% endfor -%}
-- A metric without a value adds nothing: what it would have weighed is in the factors of the others. Nor does one of a
-- set whose weights are all 0.
final as (

    select
        entry_no,
        role_key,
        metric_key,
        score,
        if(score is null, 0, coalesce(factor, 0)) as factor,
        coalesce(factor * (score - 50), 0) as points
    from single_ways

    union all

    select
        entry_no,
        role_key,
        metric_key,
        max(score) as score,
        coalesce({{ exact_sum('factor', 'score is not null') }}, 0) as factor,
        coalesce({{ exact_sum('factor * (score - 50)') }}, 0) as points
    from shared_ways
    group by entry_no, role_key, metric_key

)

select * from final
