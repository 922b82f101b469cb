-- One row per source, vendor and name that no registry model answers to, the way a person would look for an alias.
with labels as (

    select
        label_id,
        source_key,
        vendor_hint,
        normalized_name
    from {{ ref('int_labels_resolved') }}
    where model_id is null and exclusion_reason is null

),

published as (

    select
        label_id,
        source_key,
        endpoint,
        row_ordinal,
        label
    from {{ ref('int_labels_published') }}

),

vendor_names as (

    select
        text,
        normalized_name
    from {{ ref('int_names_normalized') }}

),

payloads as (

    select
        source_key,
        payload_sha256
    from {{ ref('stg_payloads__current') }}

),

-- Every raw table of rows, so that a new source needs no line here.
landed as (

    {% for table in raw_row_tables() %}
    select
        source_key,
        endpoint,
        row_ordinal,
        payload,
        payload_sha256
    from {{ table }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

opened as (

    select
        landed.source_key,
        landed.endpoint,
        landed.row_ordinal,
        {{ json_entries('landed.payload') }} as fields
    from landed
    inner join payloads
        on landed.source_key = payloads.source_key and landed.payload_sha256 = payloads.payload_sha256

),

sampled as (

    select
        source_key,
        endpoint,
        row_ordinal,
        to_json(map_from_entries(list_sort(fields)[1:3]))::varchar as sample_fields
    from opened

),

final as (

    select
        labels.source_key,
        labels.normalized_name,
        coalesce(vendor_names.normalized_name, '') as normalized_vendor,
        min(published.label) as example_name,
        min(labels.vendor_hint) as vendor_hint,
        count(distinct published.endpoint || ':' || published.row_ordinal)::integer as row_count,
        min(sampled.sample_fields) as sample_fields
    from labels
    inner join published on labels.label_id = published.label_id
    left join vendor_names on labels.vendor_hint = vendor_names.text
    left join sampled
        on
            published.source_key = sampled.source_key
            and published.endpoint = sampled.endpoint
            and published.row_ordinal = sampled.row_ordinal
    group by labels.source_key, labels.normalized_name, coalesce(vendor_names.normalized_name, '')

)

select * from final
