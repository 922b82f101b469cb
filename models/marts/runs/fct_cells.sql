-- One row per version of a cell (agent, mode, model, task, plugins): how often it was run, and how it went.
with standing as (

    select submission_no
    from {{ ref('fct_runs') }}
    where not is_withdrawn

),

records as (

    select records.*
    from {{ ref('fct_run_records') }} as records
    inner join standing on records.submission_no = standing.submission_no
    where records.is_cell

),

submissions as (

    select * from {{ ref('stg_runs__submissions') }}

),

pin_schemes as (

    select * from {{ ref('run_pin_schemes') }}

),

versions as (

    select
        records.cell_version_id,
        records.is_sample,
        any_value(records.cell_id) as cell_id,
        any_value(submissions.tui) as tui,
        any_value(submissions.behavior_mode) as behavior_mode,
        any_value(submissions.model) as model,
        any_value(records.task) as task,
        any_value(submissions.plugin_stack) as plugin_stack,
        any_value(submissions.tui_image_sha) as tui_image_sha,
        any_value(submissions.model_endpoint_sha) as model_endpoint_sha,
        any_value(submissions.sampling_profile) as sampling_profile,
        any_value(records.task_added_date) as task_added_date,
        max(submissions.agent_format_version) as format_version,
        count(*) as run_count,
        count(*) filter (where records.is_final) as final_runs,
        {{ exact_sum('records.earned_units / records.possible_units', where='records.is_final') }}
        / nullif(count(*) filter (where records.is_final), 0) as pass_share,
        count(*) filter (where records.is_error) as error_runs,
        count(*) filter (where records.integrity = 0) as broken_integrity_runs,
        median(records.cost_usd) as median_cost_usd,
        median(records.duration_s) as median_duration_s,
        max(submissions.started_at) as last_started_at,
        max(records.submission_no) as last_submission_no
    from records
    inner join submissions on records.submission_no = submissions.submission_no
    group by records.cell_version_id, records.is_sample

),

parameters as (

    select max(parameter_value) filter (where parameter_key = 'run_command') as run_command
    from {{ ref('parameters') }}

),

final as (

    select
        versions.cell_version_id,
        versions.is_sample,
        versions.cell_id,
        versions.tui,
        versions.behavior_mode,
        versions.model,
        versions.task,
        versions.plugin_stack::varchar as plugin_stack,
        versions.tui_image_sha,
        versions.model_endpoint_sha,
        versions.sampling_profile,
        versions.task_added_date,
        -- Only a digest of the content says what answered; a scheme that nobody judged pins nothing.
        case when versions.model_endpoint_sha is not null then coalesce(pin_schemes.pin_strength, 'none') end
            as pin_strength,
        versions.format_version::integer as format_version,
        row_number() over (
            partition by versions.cell_id, versions.is_sample
            order by versions.last_started_at desc, versions.last_submission_no desc, versions.cell_version_id desc
        ) = 1 as is_latest,
        versions.run_count::integer as run_count,
        versions.final_runs::integer as final_runs,
        versions.pass_share,
        versions.error_runs::integer as error_runs,
        versions.broken_integrity_runs::integer as broken_integrity_runs,
        versions.median_cost_usd,
        versions.median_duration_s,
        parameters.run_command
        || {{ shell_flag('tui', 'versions.tui') }}
        || {{ shell_flag('behavior-mode', 'versions.behavior_mode') }}
        || {{ shell_flag('model', 'versions.model') }}
        || {{ shell_flag('task', 'versions.task') }}
        || {{ shell_flag('plugin-stack', 'versions.plugin_stack::varchar') }}
        || {{ shell_flag('tui-image-sha', 'versions.tui_image_sha') }}
        || {{ shell_flag('model-endpoint-sha', 'versions.model_endpoint_sha') }}
        || {{ shell_flag('sampling-profile', 'versions.sampling_profile') }}
        || {{ shell_flag('task-added-date', 'versions.task_added_date::varchar') }} as reproduce_command,
        nullif(concat_ws(
            ', ',
            case when versions.tui is null then 'tui' end,
            case when versions.behavior_mode is null then 'behavior_mode' end,
            case when versions.plugin_stack is null then 'plugin_stack' end,
            case when versions.tui_image_sha is null then 'tui_image_sha' end,
            case when versions.model_endpoint_sha is null then 'model_endpoint_sha' end,
            case when versions.sampling_profile is null then 'sampling_profile' end,
            case when versions.task_added_date is null then 'task_added_date' end
        ), '') as reproduce_gaps,
        versions.last_started_at
    from versions
    cross join parameters
    left join pin_schemes
        on split_part(versions.model_endpoint_sha, ':', 1) = pin_schemes.scheme

)

select * from final
