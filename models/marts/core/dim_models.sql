-- One row per model of the registry.
with models as (

    select * from {{ ref('models') }}

),

vendors as (

    select * from {{ ref('vendors') }}

),

registry_names as (

    select
        model_id,
        list_sort(list(distinct name)) as aliases
    from {{ ref('int_registry_names') }}
    group by model_id

),

measured as (

    select
        model_id,
        list_sort(list(distinct source_key)) as sources
    from {{ ref('int_scores_selected') }}
    group by model_id

),

final as (

    select
        models.model_id,
        models.display_name,
        models.vendor,
        vendors.name as vendor_name,
        models.series,
        models.thinking_effort,
        models.released_on,
        models.has_open_weights,
        models.licence,
        registry_names.aliases,
        coalesce(measured.sources, []) as sources
    from models
    inner join vendors on models.vendor = vendors.vendor
    inner join registry_names on models.model_id = registry_names.model_id
    left join measured on models.model_id = measured.model_id

)

select * from final
