-- One row per attempt to hand in a run: what each check said, and what the run says about itself.
with submissions as (

    select * from {{ source('runs', 'submissions') }}

),

as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

-- A board of a past moment knows what had come in by then.
known as (

    select submissions.*
    from submissions
    cross join as_of
    where submissions.is_sample or as_of.as_of is null or submissions.received_at <= as_of.as_of

),

final as (

    select
        submission_no,
        is_sample,
        run_sha256,
        route,
        origin,
        importer,
        nickname,
        model,
        config,
        {{ json_text('about', 'harness.name') }} as harness,
        {{ json_text('about', 'harness.version') }} as harness_version,
        {{ json_text('about', 'pack.pack') }} as pack,
        pack_sha256,
        {{ json_text('about', 'pack.day') }}::date as pack_day,
        {{ json_text('about', 'load.profile') }} as load_profile,
        {{ json_text('about', 'agent.tui') }} as tui,
        {{ json_text('about', 'agent.behavior_mode') }} as behavior_mode,
        about -> '$.agent.plugin_stack' as plugin_stack,
        {{ json_text('about', 'agent.tui_image_sha') }} as tui_image_sha,
        {{ json_text('about', 'agent.model_endpoint_sha') }} as model_endpoint_sha,
        {{ json_text('about', 'agent.sampling_profile') }} as sampling_profile,
        case
            when {{ json_text('about', 'agent') }} is not null
                then coalesce({{ json_text('about', 'agent.format_version') }}::integer, 1)
        end as agent_format_version,
        schema_verdict,
        duplicate_verdict,
        duplicate_of,
        pack_verdict,
        signature_verdict,
        signed_by,
        limit_verdict,
        limit_layer,
        array_to_string(layers_fired, ', ') as layers_fired,
        attempt_limit,
        window_s,
        retry_after_s,
        problem,
        is_accepted,
        is_lab,
        coalesce({{ json_text('about', 'lab') }}::boolean, false) as claims_lab,
        received_at,
        {{ json_text('about', 'started_at') }}::timestamptz at time zone 'UTC' as started_at,
        {{ json_text('about', 'finished_at') }}::timestamptz at time zone 'UTC' as finished_at
    from known

)

select * from final
