-- One row per evaluation, name field and metric; the list of models says what was evaluated.
with source as (

    {{ current_rows('arc_agi', 'evaluations') }}

),

models as (

    {{ current_rows('arc_agi', 'models') }}

),

-- Ids stand twice in the list. One entry counts, chosen by what it says and not by where it stands.
described as (

    select
        {{ json_text('payload', 'id') }} as model_id,
        {{ json_text('payload', 'displayName') }} as display_name,
        nullif({{ json_text('payload', 'providerId') }}, '') as provider,
        coalesce({{ json_text('payload', 'modelType') }}, '') as model_type
    from models
    qualify row_number() over (
            partition by {{ json_text('payload', 'id') }} order by payload::string asc
        ) = 1

),

renamed as (

    select
        source.source_key,
        source.endpoint,
        source.row_ordinal,
        source.payload_sha256,
        source.url,
        source.fetched_at,

        -- names
        {{ json_text('source.payload', 'modelId') }} as model_id,
        described.display_name,
        described.provider as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        concat_ws(
            ' ',
            'dataset=' || {{ json_text('source.payload', 'datasetId') }},
            'shown=' || {{ json_text('source.payload', 'display') }},
            'type=' || coalesce(described.model_type, '')
        ) as row_traits,
        null::date as observed_on,

        -- fractions, as published
        {{ json_number('source.payload', 'score') }} * 100 as score,
        {{ json_text('source.payload', 'datasetId') }} as dataset
    from source
    left join described on {{ json_text('source.payload', 'modelId') }} = described.model_id

),

versioned as (

    select
        *,
        case when dataset = 'v2_Semi_Private' then score end as second_version,
        case when dataset = 'v3_Semi_Private' then score end as third_version
    from renamed

),

final as (

    {{ score_rows(
        'versioned',
        labels={'displayName': 'display_name', 'modelId': 'model_id'},
        metrics={'ARC_AGI_2': 'second_version', 'ARC_AGI_3': 'third_version'}
    ) }}

)

select * from final
