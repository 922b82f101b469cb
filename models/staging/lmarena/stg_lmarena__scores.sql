-- One row per rated model of a board; ratings of two boards cannot be compared.
with source as (

    {{ rows_of_boards([
        ('lmarena', 'text', 'LMArenaText'),
        ('lmarena', 'creative_writing', 'LMArenaCreativeOrOpenEnded'),
        ('lmarena', 'hard_prompts', 'LMArenaHardPrompts'),
        ('lmarena', 'webdev', 'CopilotArenaOrLMArenaCode'),
        ('lmarena', 'search', 'LMArenaSearch'),
        ('lmarena', 'document', 'LMArenaDocument'),
    ]) }}

),

renamed as (

    select
        source_key,
        endpoint,
        row_ordinal,
        payload_sha256,
        url,
        fetched_at,
        board_metric_key,

        -- names
        {{ json_text('payload', 'model_name') }} as model_name,
        -- on the search board the tool stands in the name
        case
            when endpoint = 'search'
                then {{ replace_pattern(json_text('payload', 'model_name'), "'-(search|grounding)\\b'", "''") }}
            else {{ json_text('payload', 'model_name') }}
        end as model_text,
        nullif({{ json_text('payload', 'organization') }}, '') as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        null::string as row_traits,
        try_cast({{ json_text('payload', 'leaderboard_publish_date') }} as date) as observed_on,

        -- Elo points
        {{ json_number('payload', 'rating') }} as rating,
        {{ json_number('payload', 'rating_lower') }} as rating_low,
        {{ json_number('payload', 'rating_upper') }} as rating_high
    from source

),

final as (

    {{ score_rows(
        'renamed',
        labels={'model_name': {'label': 'model_name', 'model_text': 'model_text'}},
        metrics={'board': {
            'key': 'board_metric_key', 'value': 'rating', 'low': 'rating_low', 'high': 'rating_high',
        }}
    ) }}

)

select * from final
