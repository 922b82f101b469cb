-- One row per metric that measures a capability, and the family whose metrics resemble each other.
with metrics as (

    select
        metric_key,
        source_key,
        coalesce(same_figures_as, metric_key) as figures_of
    from {{ ref('metrics') }}

),

sources as (

    select
        source_key,
        family
    from {{ ref('sources') }}

),

groups as (

    select group_key
    from {{ ref('groups') }}
    where is_capability

),

weights as (

    select
        level,
        parent_key,
        input_key
    from {{ ref('int_weights') }}

),

-- Whatever a capability group hangs on, straight or through a composite.
weighted as (

    select distinct coalesce(composites.input_key, inputs.input_key) as metric_key
    from weights as inputs
    inner join groups on inputs.parent_key = groups.group_key
    left join weights as composites
        on composites.level = 'composite' and inputs.input_key = composites.parent_key
    where inputs.level = 'group'

),

-- A metric that is known from citations alone has no source in common with others: it is its own family.
final as (

    select
        metrics.metric_key,
        metrics.figures_of,
        case when metrics.source_key = 'overrides' then metrics.metric_key else sources.family end as family
    from weighted
    inner join metrics on weighted.metric_key = metrics.metric_key
    inner join sources on metrics.source_key = sources.source_key

)

select * from final
