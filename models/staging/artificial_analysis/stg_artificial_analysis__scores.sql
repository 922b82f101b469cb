-- One row per listed model variant, name field and metric.
with source as (

    {{ current_rows('artificial_analysis', 'models') }}

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
        {{ json_text('payload', 'slug') }} as slug,
        nullif({{ json_text('payload', 'model_creator.name') }}, '') as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        null::string as row_traits,
        null::date as observed_on,

        -- indices, 0-100
        {{ json_number('payload', 'evaluations.artificial_analysis_intelligence_index') }} as intelligence_index,
        {{ json_number('payload', 'evaluations.artificial_analysis_coding_index') }} as coding_index,
        {{ json_number('payload', 'evaluations.artificial_analysis_math_index') }} as math_index,

        -- evaluations, published as fractions
        {{ json_number('payload', 'evaluations.gpqa') }} * 100 as gpqa,
        {{ json_number('payload', 'evaluations.hle') }} * 100 as hle,
        {{ json_number('payload', 'evaluations.tau2') }} * 100 as tau2,
        {{ json_number('payload', 'evaluations.scicode') }} * 100 as scicode,
        {{ json_number('payload', 'evaluations.ifbench') }} * 100 as ifbench,
        {{ json_number('payload', 'evaluations.lcr') }} * 100 as long_context_recall,
        {{ json_number('payload', 'evaluations.terminalbench_hard') }} * 100 as terminalbench_hard,
        {{ json_number('payload', 'evaluations.livecodebench') }} * 100 as livecodebench,
        {{ json_number('payload', 'evaluations.mmlu_pro') }} * 100 as mmlu_pro,
        {{ json_number('payload', 'evaluations.aime_25') }} * 100 as aime_25,
        {{ json_number('payload', 'evaluations.tau_banking') }} * 100 as tau_banking,
        {{ json_number('payload', 'evaluations.terminalbench_v2_1') }} * 100 as terminalbench_v2_1,

        -- speed and price: 0 or less means not measured
        nullif(greatest({{ json_number('payload', 'median_output_tokens_per_second') }}, 0), 0) as tokens_per_second,
        nullif(greatest({{ json_number('payload', 'median_time_to_first_token_seconds') }}, 0), 0)
            as first_token_seconds,
        nullif(greatest({{ json_number('payload', 'pricing.price_1m_blended_3_to_1') }}, 0), 0) as blended_cost,
        nullif(greatest({{ json_number('payload', 'pricing.price_1m_input_tokens') }}, 0), 0)
            as prompt_price_per_million,
        nullif(greatest({{ json_number('payload', 'pricing.price_1m_output_tokens') }}, 0), 0)
            as completion_price_per_million
    from source

),

-- The mean of the two where both are there, else the one that is.
reasoned as (

    select
        *,
        coalesce((gpqa + hle) / 2, gpqa, hle) as gpqa_hle_reasoning
    from renamed

),

final as (

    {{ score_rows(
        'reasoned',
        labels={'name': 'name', 'slug': 'slug'},
        metrics={
            'ArtificialAnalysisIntelligence': 'intelligence_index',
            'ArtificialAnalysisCoding': 'coding_index',
            'ArtificialAnalysisMath': 'math_index',
            'ArtificialAnalysisReasoning': 'gpqa_hle_reasoning',
            'GPQA_HLE_Reasoning': 'gpqa_hle_reasoning',
            'Tau2Bench': 'tau2',
            'SciCode': 'scicode',
            'IFBench': 'ifbench',
            'LongContextRecall': 'long_context_recall',
            'TerminalBenchHard': 'terminalbench_hard',
            'AALiveCodeBench': 'livecodebench',
            'MMLUPro': 'mmlu_pro',
            'OutputSpeed': 'tokens_per_second',
            'TTFT': 'first_token_seconds',
            'BlendedCost': 'blended_cost',
            'GPQA': 'gpqa',
            'HLE': 'hle',
            'AIME25': 'aime_25',
            'PromptPricePerMillion': 'prompt_price_per_million',
            'CompletionPricePerMillion': 'completion_price_per_million',
            'Tau3Banking': 'tau_banking',
            'AATerminalBench21': 'terminalbench_v2_1',
        }
    ) }}

)

select * from final
