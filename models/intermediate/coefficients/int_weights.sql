-- One row per weight in force: a set that the request brings replaces the seed's set of the same parent.
with composite_weights as (

    select
        'composite' as level,
        composite_key as parent_key,
        metric_key as input_key,
        weight,
        'seeds/coefficients/composite_weights.csv' as origin
    from {{ ref('composite_weights') }}

),

group_weights as (

    select
        'group' as level,
        group_key as parent_key,
        input_key,
        weight,
        'seeds/coefficients/group_weights.csv' as origin
    from {{ ref('group_weights') }}

),

role_weights as (

    select
        'role' as level,
        role_key as parent_key,
        group_key as input_key,
        weight,
        'seeds/coefficients/role_weights.csv' as origin
    from {{ ref('role_weights') }}

),

requested as (

    select
        level,
        parent_key,
        input_key,
        weight,
        origin
    from {{ source('request', 'weights') }}

),

seeded as (

    select * from composite_weights
    union all
    select * from group_weights
    union all
    select * from role_weights

),

replaced as (

    select distinct
        level,
        parent_key
    from requested

),

in_force as (

    select seeded.*
    from seeded
    left join replaced
        on seeded.level = replaced.level and seeded.parent_key = replaced.parent_key
    where replaced.parent_key is null
    union all
    select * from requested

),

totals as (

    select
        level,
        parent_key,
        {{ exact_sum('weight') }} as whole_weight
    from in_force
    group by level, parent_key

),

final as (

    select
        in_force.level,
        in_force.parent_key,
        in_force.input_key,
        in_force.weight,
        in_force.weight / totals.whole_weight as share,
        in_force.origin
    from in_force
    inner join totals on in_force.level = totals.level and in_force.parent_key = totals.parent_key

)

select * from final
