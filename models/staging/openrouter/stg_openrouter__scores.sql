-- One row per catalogue entry, name field and metric.
with source as (

    {{ current_rows('openrouter', 'models') }}

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
        {{ json_text('payload', 'id') }} as id,
        {{ json_text('payload', 'canonical_slug') }} as canonical_slug,
        {{ json_text('payload', 'name') }} as name,
        nullif(split_part({{ json_text('payload', 'id') }}, '/', 1), '') as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        null::string as row_traits,
        null::date as observed_on,

        -- USD per token and tokens, as published
        {{ json_number('payload', 'pricing.prompt') }} as prompt_price,
        {{ json_number('payload', 'pricing.completion') }} as completion_price,
        coalesce(
            {{ json_number('payload', 'context_length') }},
            {{ json_number('payload', 'top_provider.context_length') }}
        ) as context_tokens,
        nullif({{ json_number('payload', 'top_provider.max_completion_tokens') }}, 0) as max_completion_tokens,
        {{ json_list('payload', 'supported_parameters') }} as supported_parameters
    from source

),

-- A price of 0 is a free offer or a sentinel, never the price of the model.
priced as (

    select
        *,
        case when prompt_price > 0 then prompt_price * 1000000 end as prompt_price_per_million,
        case when completion_price > 0 then completion_price * 1000000 end as completion_price_per_million,
        case
            when prompt_price >= 0 and completion_price >= 0 and prompt_price + completion_price > 0
                then (prompt_price * 3 + completion_price) * 1000000 / 4
        end as blended_cost
    from renamed

),

capable as (

    select
        *,
        cardinality(supported_parameters) as supported_parameter_count,
        (array_contains(supported_parameters, 'tools') or array_contains(supported_parameters, 'tool_choice'))::integer
            as supports_tools,
        (
            array_contains(supported_parameters, 'structured_outputs')
            or array_contains(supported_parameters, 'response_format')
        )::integer as supports_structured_outputs,
        (
            array_contains(supported_parameters, 'reasoning')
            or array_contains(supported_parameters, 'include_reasoning')
        )::integer as supports_reasoning
    from priced

),

final as (

    {{ score_rows(
        'capable',
        labels={'id': 'id', 'canonical_slug': 'canonical_slug', 'name': 'name'},
        metrics={
            'ContextWindow': 'context_tokens',
            'BlendedCost': 'blended_cost',
            'PromptPricePerMillion': 'prompt_price_per_million',
            'CompletionPricePerMillion': 'completion_price_per_million',
            'MaxCompletionTokens': 'max_completion_tokens',
            'SupportedParametersCount': 'supported_parameter_count',
            'SupportsTools': 'supports_tools',
            'SupportsStructuredOutputs': 'supports_structured_outputs',
            'SupportsReasoning': 'supports_reasoning',
        }
    ) }}

)

select * from final
