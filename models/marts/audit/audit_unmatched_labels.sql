-- One row per published label that names no registry model, with the nearest names: likeness proposes, a seed decides.
with labels as (

    select
        label_id,
        source_key,
        label_field,
        label,
        vendor_hint,
        row_count,
        {{ squash('normalized_name') }} as name_key
    from {{ ref('int_labels_resolved') }}
    where model_id is null and exclusion_reason is null

),

names as (

    select
        text,
        name_key
    from {{ ref('int_names_normalized') }}

),

registered as (

    select distinct
        registry_names.model_id,
        names.name_key
    from {{ ref('int_registry_names') }} as registry_names
    inner join names on registry_names.name = names.text
    where registry_names.alias is null

),

similarities as (

    select
        labels.name_key,
        registered.model_id,
        max({{ similarity('labels.name_key', 'registered.name_key') }}) as similarity
    from (select distinct name_key from labels) as labels
    cross join registered
    group by labels.name_key, registered.model_id

),

nearest as (

    select
        name_key,
        string_agg(model_id, ', ' order by similarity desc, model_id asc) as nearest_models
    from (
        select *
        from similarities
        qualify row_number() over (partition by name_key order by similarity desc, model_id asc) <= 3
    ) as closest
    group by name_key

),

final as (

    select
        labels.source_key,
        labels.label_field,
        labels.label,
        labels.vendor_hint,
        labels.row_count::integer as row_count,
        nearest.nearest_models
    from labels
    inner join nearest on labels.name_key = nearest.name_key

)

select * from final
