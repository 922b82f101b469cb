-- One row per version of a cell and field of its key: the value, or which kind of gap is there.
with cells as (

    select * from {{ ref('fct_cells') }}

),

fields as (

    select * from {{ ref('run_cell_fields') }}

),

opened as (

    select
        cells.cell_version_id,
        cells.is_sample,
        cells.tui,
        cells.format_version,
        unnest([
            'tui', 'behavior_mode', 'model', 'task', 'plugin_stack', 'tui_image_sha', 'model_endpoint_sha',
            'sampling_profile', 'task_added_date'
        ]) as field,
        unnest([
            cells.tui, cells.behavior_mode, cells.model, cells.task, cells.plugin_stack, cells.tui_image_sha,
            cells.model_endpoint_sha, cells.sampling_profile, cells.task_added_date::varchar
        ]) as value
    from cells

),

final as (

    select
        opened.cell_version_id,
        opened.is_sample,
        fields.field,
        fields.position,
        fields.is_identity,
        opened.value,
        case
            when opened.value is not null then null
            when fields.not_applicable_to = opened.tui then 'not_applicable'
            when opened.format_version < fields.since_version then 'not_in_version'
            else 'not_recorded'
        end as gap
    from opened
    inner join fields on opened.field = fields.field

)

select * from final
