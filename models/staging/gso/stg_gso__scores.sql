-- One row per run: the share of tasks that were optimised as well as by an expert.
with source as (

    {{ current_rows('gso', 'models') }}

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
        nullif({{ json_text('payload', 'model_org') }}, '') as vendor_hint,
        {{ json_text('payload', 'reasoning_effort') }} as effort_text,
        {{ json_text('payload', 'scaffold') }} as agent,
        'setting=' || coalesce({{ json_text('payload', 'setting') }}, '') as row_traits,
        try_cast({{ json_text('payload', 'date') }} as date) as observed_on,

        -- percent; runs that gamed the tests are discounted where the board says so
        coalesce(
            {{ json_number('payload', 'score_hack_control') }},
            {{ json_number('payload', 'score') }}
        ) as score
    from source

),

final as (

    {{ score_rows('renamed', labels={'name': 'name'}, metrics={'GSO': 'score'}) }}

)

select * from final
