-- One row per alias by which no published label of this board was resolved.
with registry_names as (

    select * from {{ ref('int_registry_names') }}
    where alias is not null

),

names as (

    select
        text,
        normalized_name,
        name_key
    from {{ ref('int_names_normalized') }}

),

resolved as (

    select distinct
        source_key,
        model_id,
        matched_name
    from {{ ref('int_labels_resolved') }}
    where model_id is not null

),

used as (

    select distinct
        registry_names.model_id,
        registry_names.alias,
        registry_names.source_key
    from registry_names
    inner join names on registry_names.name = names.text
    inner join resolved
        on
            registry_names.model_id = resolved.model_id
            and resolved.matched_name in (names.normalized_name, names.name_key)
            and (registry_names.source_key is null or registry_names.source_key = resolved.source_key)

),

final as (

    select distinct
        registry_names.model_id,
        registry_names.alias,
        registry_names.source_key
    from registry_names
    left join used
        on
            registry_names.model_id = used.model_id
            and registry_names.alias = used.alias
            and registry_names.source_key is not distinct from used.source_key
    where used.alias is null

)

select * from final
