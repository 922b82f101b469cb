-- One row per set-up (agent, mode, model, plugins), and one for the whole grid: cells run of the cells possible.
with cells as (

    select * from {{ ref('fct_cells') }}
    where is_latest

),

tasks as (

    select
        is_sample,
        count(distinct task) as possible_tasks
    from cells
    group by is_sample

),

set_ups as (

    select
        is_sample,
        tui,
        behavior_mode,
        model,
        plugin_stack,
        count(distinct task) as cells_run,
        sum(run_count) as run_count
    from cells
    group by is_sample, tui, behavior_mode, model, plugin_stack

),

-- Every value of each field with every value of the others; what is missing counts as a value.
grid as (

    select
        is_sample,
        count(distinct cell_id) as cells_run,
        count(distinct coalesce(tui, ''))::hugeint * count(distinct coalesce(behavior_mode, '')) * count(distinct model)
        * count(distinct coalesce(plugin_stack, '')) * count(distinct task) as cells_possible,
        sum(run_count) as run_count
    from cells
    group by is_sample

),

final as (

    select
        set_ups.is_sample,
        'set_up' as scope,
        set_ups.tui,
        set_ups.behavior_mode,
        set_ups.model,
        set_ups.plugin_stack,
        set_ups.cells_run::integer as cells_run,
        tasks.possible_tasks::bigint as cells_possible,
        set_ups.cells_run / tasks.possible_tasks as coverage,
        set_ups.run_count::integer as run_count
    from set_ups
    inner join tasks on set_ups.is_sample = tasks.is_sample

    union all

    select
        is_sample,
        'grid' as scope,
        null as tui,
        null as behavior_mode,
        null as model,
        null as plugin_stack,
        cells_run::integer as cells_run,
        -- As many as every reader can count exactly.
        least(cells_possible, 9007199254740991)::bigint as cells_possible,
        cells_run / cells_possible as coverage,
        run_count::integer as run_count
    from grid

)

select * from final
