-- A weight on a name that nothing produces would count as missing for every model and shrink all of them.
with weights as (

    select * from {{ ref('int_weights') }}

),

metrics as (

    select
        metric_key,
        status
    from {{ ref('metrics') }}

),

groups as (

    select group_key from {{ ref('groups') }}

),

roles as (

    select role_key from {{ ref('roles') }}

),

judged as (

    select
        weights.*,
        case
            when weights.level = 'role' and roles.role_key is null
                then weights.parent_key || ' is no role of seeds/catalogue/roles.csv'
            when weights.level = 'group' and parent_groups.group_key is null
                then weights.parent_key || ' is no group of seeds/catalogue/groups.csv'
            when weights.level = 'composite' and coalesce(parent_metrics.status, '') <> 'composite'
                then weights.parent_key || ' is no composite of seeds/catalogue/metrics.csv'
            when weights.level = 'role' and input_groups.group_key is null
                then weights.input_key || ' is no group of seeds/catalogue/groups.csv'
            when weights.level = 'group' and coalesce(input_metrics.status, '') not in ('scored', 'composite')
                then weights.input_key || ' is no scored metric of seeds/catalogue/metrics.csv'
            when weights.level = 'composite' and coalesce(input_metrics.status, '') <> 'scored'
                then weights.input_key || ' is no scored metric of seeds/catalogue/metrics.csv'
        end as problem
    from weights
    left join roles on weights.parent_key = roles.role_key
    left join groups as parent_groups on weights.parent_key = parent_groups.group_key
    left join groups as input_groups on weights.input_key = input_groups.group_key
    left join metrics as parent_metrics on weights.parent_key = parent_metrics.metric_key
    left join metrics as input_metrics on weights.input_key = input_metrics.metric_key

),

final as (

    select
        origin as file,
        level || ' ' || parent_key || ', input ' || input_key as row_name,
        problem,
        'Correct the name, or add its row to the catalogue' as remedy
    from judged
    where problem is not null

)

select * from final
