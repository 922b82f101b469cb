-- Two models with one name: whichever came first would silently take the other's figures.
with registered as (

    select distinct
        registry_names.model_id,
        registry_names.name,
        coalesce(registry_names.source_key, '') as scope,
        names.name_key
    from {{ ref('int_registry_names') }} as registry_names
    inner join {{ ref('int_names_normalized') }} as names on registry_names.name = names.text

),

final as (

    select
        'seeds/identity/aliases.csv' as file,
        string_agg(distinct model_id || ' "' || name || '"', ' and ' order by model_id || ' "' || name || '"')
            as row_name,
        'both claim the name ' || name_key || case scope when '' then '' else ' on ' || scope end as problem,
        'Remove one of the rows, or scope it to its source' as remedy
    from registered
    group by name_key, scope
    having count(distinct model_id) > 1

)

select * from final
