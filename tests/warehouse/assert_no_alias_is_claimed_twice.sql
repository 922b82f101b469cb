-- Two models with one name: whichever came first would silently take the other's figures.
with registered as (

    select distinct
        registry_names.model_id,
        registry_names.model_id || ' "' || registry_names.name || '"' as claim,
        registry_names.alias,
        coalesce(registry_names.source_key, '') as scope,
        names.name_key
    from {{ ref('int_registry_names') }} as registry_names
    inner join {{ ref('int_names_normalized') }} as names on registry_names.name = names.text

),

requested as (

    select
        alias,
        min(origin) as origin
    from {{ source('request', 'aliases') }}
    group by alias

),

final as (

    select
        coalesce(min(requested.origin), 'seeds/identity/aliases.csv') as file,
        {{ joined_in_order('distinct registered.claim', ' and ', 'registered.claim') }} as row_name,
        'both claim the name ' || registered.name_key
        || case registered.scope when '' then '' else ' on ' || registered.scope end as problem,
        'Remove one of the rows, or scope it to its source' as remedy
    from registered
    left join requested on registered.alias = requested.alias
    group by registered.name_key, registered.scope
    having count(distinct registered.model_id) > 1

)

select * from final
