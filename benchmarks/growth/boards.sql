-- The tables that the scoring models read, for a board of {models} models, {metrics} metrics and {sources} sources.
-- Everything is drawn from hashes of names, so that a size is the same board on every machine.
create schema seeds;
create schema intermediate;
create schema history;

create table seeds.models as
select
    'vendor-' || lpad((i % 100)::varchar, 3, '0') || '/model-' || lpad(i::varchar, 6, '0') as model_id,
    'vendor-' || lpad((i % 100)::varchar, 3, '0') as vendor
from range({models}) as numbers (i);

create table seeds.sources as
select
    'source_' || lpad(i::varchar, 3, '0') as source_key,
    'family_' || lpad(i::varchar, 3, '0') as family,
    'Metric' || lpad(i::varchar, 4, '0') as ordering_metric_key
from range({sources}) as numbers (i);

-- Four transforms and a logarithm, in shares like those of the real catalogue.
create table seeds.metrics as
select
    'Metric' || lpad(i::varchar, 4, '0') as metric_key,
    'source_' || lpad((i % {sources})::varchar, 3, '0') as source_key,
    i % 4 <> 3 as higher_is_better,
    i % 20 = 7 as is_log_scale,
    case i % 10 when 1 then 'tail_penalty' when 2 then 'as_score' else 'percentile' end as transform,
    'priority' as merge_rule,
    'scored' as status,
    true as is_synthesizable,
    null::varchar as same_figures_as
from range({metrics}) as numbers (i);

-- Ten metrics a group, five of them in a composite; a group is in two roles of four, and one metric in two groups.
create table seeds.groups as
select 'Group' || lpad(i::varchar, 3, '0') as group_key, true as is_capability
from range({metrics} // 10) as numbers (i);

create table intermediate.int_weights as
with placed as (
    select metric_key, right(metric_key, 4)::integer as i, right(metric_key, 4)::integer // 10 as g
    from seeds.metrics
),
chosen as (
    select 'composite' as level, 'Composite' || lpad(g::varchar, 3, '0') as parent_key, metric_key as input_key,
        0.2 as weight
    from placed where i % 10 < 5
    union all
    select 'group', 'Group' || lpad(g::varchar, 3, '0'), metric_key, 0.1
    from placed where i % 10 >= 5
    union all
    select distinct 'group', 'Group' || lpad(g::varchar, 3, '0'), 'Composite' || lpad(g::varchar, 3, '0'), 0.4
    from placed
    union all
    select 'group', 'Group' || lpad((g - 1)::varchar, 3, '0'), metric_key, 0.1
    from placed where i % 10 = 5 and g > 0
    union all
    select distinct 'role', 'role_' || (g + other) % 4, 'Group' || lpad(g::varchar, 3, '0'),
        1 / ({metrics} // 10 / 2)
    from placed cross join range(2) as others (other)
)
select level, parent_key, input_key, weight::double as weight,
    weight / sum(weight) over (partition by level, parent_key) as share, 'synthetic' as origin
from chosen;

create table intermediate.int_role_metric_weights as
with groups as (
    select roles.parent_key as role_key, inputs.input_key, roles.share * inputs.share as share
    from intermediate.int_weights as roles
    inner join intermediate.int_weights as inputs
        on roles.input_key = inputs.parent_key and inputs.level = 'group'
    where roles.level = 'role'
)
select groups.role_key, coalesce(composites.input_key, groups.input_key) as metric_key,
    sum(groups.share * coalesce(composites.share, 1)) as effective_weight
from groups
left join intermediate.int_weights as composites
    on groups.input_key = composites.parent_key and composites.level = 'composite'
group by all;

create table intermediate.int_entries as
select
    (row_number() over (order by edition, model_id))::integer as entry_no,
    edition,
    model_id,
    edition <> 'measured' as is_scored
from seeds.models
cross join unnest({editions}) as editions (edition);

-- Nine cells of ten have a figure: four fifths of them direct, the rest cited or a sibling's.
create table intermediate.int_evidence_of_editions as
with cells as (
    select
        entries.entry_no,
        entries.edition,
        entries.model_id,
        metrics.metric_key,
        hash(entries.model_id || '|' || metrics.metric_key) as draw,
        hash(entries.model_id) % 1000 / 1000.0 as ability,
        draw % 100 < if(entries.edition = 'measured', 85, 90) as is_there
    from intermediate.int_entries as entries
    cross join seeds.metrics as metrics
)
select
    entry_no, edition, model_id, metric_key,
    case when is_there then round(60 * ability + 40 * ((draw >> 20) % 1000003) / 1000003.0, 4) end::double as raw_value,
    case
        when not is_there then null
        when draw % 100 < 72 then 'direct'
        when draw % 100 < 85 then 'override'
        else 'fill_conservative'
    end as evidence_class,
    case
        when not is_there then null
        when draw % 100 < 72 then 0
        when draw % 100 < 85 then 0.1
        else 0.15
    end::double as pull
from cells;
