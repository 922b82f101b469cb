-- One row per model name in own runs, of graded models and of judges: the registry's model, if it is one.
with submissions as (

    select model from {{ ref('stg_runs__submissions') }}
    where model is not null

),

judges as (

    select grader as model from {{ source('runs', 'events') }}
    where kind = 'judge'

),

registry_names as (

    select distinct
        model_id,
        {{ squash(norm('name')) }} as squashed
    from {{ ref('int_registry_names') }}
    where source_key is null

),

named as (

    select
        model,
        {{ squash(norm('model')) }} as squashed
    from (
        select model from submissions
        union
        select model from judges
    ) as models

),

-- A name that the registry has for two models names neither.
matched as (

    select
        named.model,
        case when count(distinct registry_names.model_id) = 1 then min(registry_names.model_id) end as model_id
    from named
    inner join registry_names on named.squashed = registry_names.squashed
    group by named.model

),

final as (

    select
        named.model,
        matched.model_id,
        -- One configuration however its model is spelt.
        coalesce(matched.model_id, nullif(named.squashed, ''), named.model) as model_key,
        -- Without its vendor, for the question whether two names may be of one model.
        {{ squash(norm("split_part(named.model, '/', -1)")) }} as bare_name
    from named
    left join matched on named.model = matched.model

)

select * from final
