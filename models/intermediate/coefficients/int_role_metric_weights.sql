-- One row per role and metric: the share of the role that hangs on the metric, composites opened into their inputs.
with weights as (

    select * from {{ ref('int_weights') }}

),

group_inputs as (

    select
        roles.parent_key as role_key,
        inputs.input_key,
        roles.share * inputs.share as share
    from weights as roles
    inner join weights as inputs on roles.input_key = inputs.parent_key and inputs.level = 'group'
    where roles.level = 'role'

),

opened as (

    select
        group_inputs.role_key,
        coalesce(composites.input_key, group_inputs.input_key) as metric_key,
        group_inputs.share * coalesce(composites.share, 1) as share
    from group_inputs
    left join weights as composites
        on group_inputs.input_key = composites.parent_key and composites.level = 'composite'

),

final as (

    select
        role_key,
        metric_key,
        {{ exact_sum('share') }} as effective_weight
    from opened
    group by role_key, metric_key

)

select * from final
