-- One row per run of a board, name field and metric; an entry of Verified is an agent with a model.
with source as (

    {{ current_rows('swebench', 'verified') }}
    union all
    {{ current_rows('swebench', 'multilingual') }}
    union all
    {{ current_rows('swebench', 'bash_only') }}

),

renamed as (

    select
        source_key,
        endpoint,
        row_ordinal,
        payload_sha256,
        url,
        fetched_at,

        -- names
        {{ json_text('payload', 'name') }} as name,
        {{ json_text('payload', 'folder') }} as folder,
        {{ json_text('payload', 'reasoning_effort') }} as effort_text,
        {{ json_text('payload', 'agent') }} as stated_agent,
        {{ json_list('payload', 'tags') }} as tags,
        {{ json_text('payload', '"mini-swe-agent_version"') }} as mini_version,
        {{ json_text('payload', 'warning') }} as warning,
        try_cast({{ json_text('payload', 'date') }} as date) as observed_on,

        -- percent
        {{ json_number('payload', 'resolved') }} as resolved
    from source

),

tagged as (

    select
        *,
        {{ texts_after('tags', 'Model: ') }} as model_tags,
        {{ texts_after('tags', 'Org: ') }} as organisations,
        coalesce(
            array_contains(tags, 'System: Attempts - 2') or array_contains(tags, 'System: Attempts - 2+'), false
        ) as has_several_attempts
    from renamed

),

-- A tag may be a route to the weights: its last part names the model.
worded as (

    select
        *,
        nullif(array_to_string(model_tags, ' + '), '') as model_tag,
        regexp_replace(array_to_string(model_tags, ' + '), '^.*/', '') as tagged_model,
        nullif(array_to_string(organisations, '; '), '') as vendor_hint,
        regexp_extract(name, '^(.*) \+ (.*)$', 2) as named_model,
        regexp_extract(name, '^(.*) \+ (.*)$', 1) as named_agent,
        endpoint <> 'verified'
        or mini_version is not null
        or starts_with(name, 'mini-SWE-agent + ')
        or regexp_matches(folder, '^[0-9]{8}_mini-v') as is_mini,
        coalesce(
            mini_version,
            regexp_extract(folder, '^[0-9]{8}_mini-v([^_]*)', 1)
        ) as harness_version
    from tagged

),

described as (

    select
        *,
        coalesce(nullif(named_model, ''), name) as model_text,
        coalesce(
            stated_agent,
            nullif(named_agent, ''),
            case when is_mini then 'mini-SWE-agent' end
        ) as agent,
        concat_ws(
            ' ',
            case when warning is not null then 'warned=true' end,
            case when is_mini then 'mini=' || coalesce(split_part(harness_version, '.', 1), '') end
        ) as row_traits,
        case when endpoint = 'verified' then resolved end as resolved_verified,
        case when endpoint = 'multilingual' then resolved end as resolved_multilingual,
        case when endpoint = 'verified' and is_mini and not has_several_attempts then resolved end as resolved_mini
    from worded

),

final as (

    {{ score_rows(
        'described',
        labels={
            'name': {'label': 'name', 'model_text': 'model_text'},
            'model_tag': {'label': 'model_tag', 'model_text': 'tagged_model'},
        },
        metrics={
            'SWEBenchVerified': 'resolved_verified',
            'SWEBenchMultilingual': 'resolved_multilingual',
            'SWEBenchVerifiedMini': 'resolved_mini',
        }
    ) }}

)

select * from final
