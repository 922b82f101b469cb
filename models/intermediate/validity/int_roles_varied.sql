-- One row per scenario, model and role: what the score would be with other weights, other benchmarks or hidden figures.
-- Scenarios: those of int_families_drawn; weights:<n> draws the weights of groups and roles; fold:<n> hides a part of
-- the measured figures, and lets a sibling's stand in, whatever the cap of its source says.
with models as (

    select model_id
    from {{ ref('models') }}

),

weights as (

    select
        level,
        parent_key,
        input_key,
        weight
    from {{ ref('int_weights') }}

),

parameters as (

    select
        stability_draws,
        weight_spread,
        empty_composite,
        draw_salt
    from {{ ref('int_parameters') }}

),

capability_metrics as (

    select
        metric_key,
        figures_of,
        family
    from {{ ref('int_capability_metrics') }}

),

families_drawn as (

    select * from {{ ref('int_families_drawn') }}

),

metrics as (

    select
        entries.model_id,
        metrics.metric_key,
        metrics.normalized,
        metrics.score
    from {{ ref('int_metrics_normalized') }} as metrics
    inner join {{ ref('int_entries') }} as entries on metrics.entry_no = entries.entry_no
    where metrics.edition = 'current'

),

donated as (

    select
        model_id,
        metric_key,
        donor_model_id,
        pull
    from {{ ref('int_figures_donated') }}

),

hidden as (

    select
        cells.scenario,
        cells.model_id,
        capability_metrics.metric_key,
        {{ pull_toward_middle('metrics.normalized', 'donated.pull') }} as stand_in
    from {{ ref('int_ability_cells') }} as cells
    inner join capability_metrics on cells.metric_key = capability_metrics.figures_of
    left join donated
        on cells.model_id = donated.model_id and capability_metrics.metric_key = donated.metric_key
    left join metrics on donated.donor_model_id = metrics.model_id and donated.metric_key = metrics.metric_key
    where cells.is_hidden and starts_with(cells.scenario, 'fold:')

),

folds as (

    select distinct scenario
    from hidden

),

-- What a model's figures are in a scenario: those of the board, unless the scenario hides some.
figures as (

    select
        'board' as figures_key,
        model_id,
        metric_key,
        score
    from metrics

    union all

    select
        folds.scenario as figures_key,
        metrics.model_id,
        metrics.metric_key,
        case when hidden.model_id is null then metrics.score else hidden.stand_in end as score
    from folds
    cross join metrics
    left join hidden
        on
            folds.scenario = hidden.scenario
            and metrics.model_id = hidden.model_id
            and metrics.metric_key = hidden.metric_key

),

scenarios as (

    select distinct
        scenario,
        'board' as figures_key,
        true as draws_families,
        false as draws_weights
    from families_drawn

    union all

    select
        'weights:' || draws.draw as scenario,
        'board' as figures_key,
        false as draws_families,
        true as draws_weights
    from parameters
    cross join unnest(range(1, parameters.stability_draws::bigint + 1)) as draws (draw)

    union all

    select distinct
        figures_key as scenario,
        figures_key,
        false as draws_families,
        false as draws_weights
    from figures
    where figures_key <> 'board'

),

varied as (

    select
        scenarios.scenario,
        scenarios.figures_key,
        weights.level,
        weights.parent_key,
        weights.input_key,
        case
            when scenarios.draws_weights and weights.level <> 'composite'
                then weights.weight * (1 + parameters.weight_spread * (
                        2 * {{ uniform_draw(
                            'parameters.draw_salt', 'scenarios.scenario', "weights.parent_key || '|' || weights.input_key"
                        ) }} - 1
                    ))
            when scenarios.draws_families and capability_metrics.family is not null
                then weights.weight * coalesce(families_drawn.times, 0)
            else weights.weight
        end as weight
    from scenarios
    cross join weights
    cross join parameters
    left join capability_metrics on weights.input_key = capability_metrics.metric_key
    left join families_drawn
        on scenarios.scenario = families_drawn.scenario and capability_metrics.family = families_drawn.family

),

-- A set that lost all its inputs leaves the set above it.
composite_weights as (

    select
        scenario,
        figures_key,
        parent_key as composite_key,
        input_key as metric_key,
        weight
    from varied
    where level = 'composite' and weight > 0

),

emptied_composites as (

    select
        scenario,
        parent_key as composite_key
    from varied
    where level = 'composite'
    group by scenario, parent_key
    having max(weight) = 0

),

group_weights as (

    select
        varied.scenario,
        varied.figures_key,
        varied.parent_key as group_key,
        varied.input_key,
        varied.weight
    from varied
    left join emptied_composites
        on varied.scenario = emptied_composites.scenario and varied.input_key = emptied_composites.composite_key
    where varied.level = 'group' and varied.weight > 0 and emptied_composites.composite_key is null

),

composite_inputs as (

    select
        composite_weights.scenario,
        figures.model_id,
        composite_weights.composite_key,
        composite_weights.weight,
        figures.score as value
    from composite_weights
    inner join figures
        on
            composite_weights.figures_key = figures.figures_key
            and composite_weights.metric_key = figures.metric_key

),

composites as (

    {{ blend_by_coverage(
        'composite_weights', 'composite_inputs', 'models', 'model_id', ['scenario', 'composite_key']
    ) }}

),

group_inputs as (

    select
        group_weights.scenario,
        figures.model_id,
        group_weights.group_key,
        group_weights.weight,
        figures.score as value
    from group_weights
    inner join figures
        on
            group_weights.figures_key = figures.figures_key
            and group_weights.input_key = figures.metric_key

    union all

    select
        group_weights.scenario,
        composites.model_id,
        group_weights.group_key,
        group_weights.weight,
        composites.score as value
    from group_weights
    inner join composites
        on
            group_weights.scenario = composites.scenario
            and group_weights.input_key = composites.composite_key
    cross join parameters
    where composites.coverage > 0 or parameters.empty_composite = 'neutral'

),

groups as (

    {{ blend_by_coverage('group_weights', 'group_inputs', 'models', 'model_id', ['scenario', 'group_key']) }}

),

kept_groups as (

    select distinct
        scenario,
        group_key
    from group_weights

),

role_weights as (

    select
        varied.scenario,
        varied.parent_key as role_key,
        varied.input_key as group_key,
        varied.weight
    from varied
    inner join kept_groups
        on varied.scenario = kept_groups.scenario and varied.input_key = kept_groups.group_key
    where varied.level = 'role' and varied.weight > 0

),

role_inputs as (

    select
        role_weights.scenario,
        groups.model_id,
        role_weights.role_key,
        role_weights.weight,
        groups.score as value
    from role_weights
    inner join groups
        on role_weights.scenario = groups.scenario and role_weights.group_key = groups.group_key

),

final as (

    {{ blend_by_coverage('role_weights', 'role_inputs', 'models', 'model_id', ['scenario', 'role_key']) }}

)

select
    scenario,
    model_id,
    role_key,
    score
from final
