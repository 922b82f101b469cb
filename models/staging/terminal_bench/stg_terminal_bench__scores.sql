-- One row per run, name field and metric; both versions of the benchmark have one shape.
with source as (

    {{ current_rows('terminal_bench', 'runs') }}
    union all
    {{ current_rows('terminal_bench_2_1', 'runs') }}

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
        nullif(array_to_string({{ json_list('payload', 'model') }}, ' + '), '') as model,
        nullif(array_to_string({{ json_list('payload', 'modelNames') }}, ' + '), '') as model_names,
        nullif(array_to_string({{ json_list('payload', 'modelOrganization') }}, '; '), '') as vendor_hint,
        null::string as effort_text,
        {{ json_text('payload', 'agent') }} as agent,
        concat_ws(
            ' ',
            'harness=' || {{ json_text('payload', 'agentName') }},
            'verified=' || {{ json_text('payload', 'verified') }}
        ) as row_traits,
        try_cast({{ json_text('payload', 'date') }} as date) as observed_on,
        {{ json_text('payload', 'agentName') }} = 'terminus-2' as is_terminus_2,

        -- fractions, as published
        {{ json_number('payload', 'accuracy') }} * 100 as accuracy,
        {{ json_number('payload', 'stderr') }} * 100 as standard_error
    from source

),

-- A name may be a route to the weights: its last part names the model.
versioned as (

    select
        *,
        regexp_replace(model_names, '^.*/', '') as routed_model,
        case when source_key = 'terminal_bench' then accuracy end as accuracy_2_0,
        case when source_key = 'terminal_bench_2_1' then accuracy end as accuracy_2_1,
        case when source_key = 'terminal_bench' and is_terminus_2 then accuracy end as terminus_2_0,
        case when source_key = 'terminal_bench_2_1' and is_terminus_2 then accuracy end as terminus_2_1
    from renamed

),

final as (

    {{ score_rows(
        'versioned',
        labels={
            'model': 'model',
            'model_names': {'label': 'model_names', 'model_text': 'routed_model'},
        },
        metrics={
            'TerminalBench': {'value': 'accuracy_2_0', 'uncertainty': 'standard_error'},
            'TerminalBench21': {'value': 'accuracy_2_1', 'uncertainty': 'standard_error'},
            'TerminalBenchTerminus2': {'value': 'terminus_2_0', 'uncertainty': 'standard_error'},
            'TerminalBench21Terminus2': {'value': 'terminus_2_1', 'uncertainty': 'standard_error'},
        }
    ) }}

)

select * from final
