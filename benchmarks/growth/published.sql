-- What the evidence stands on, for the models, metrics and sources of boards.sql: published rows, which name a third of
-- the models under two efforts; cited figures; a sibling for every tenth model; and the figures of a kept board.
create schema request;

create table seeds.effort_ranks (effort varchar, effort_rank integer);
insert into seeds.effort_ranks values ('high', 1), ('default', 2), ('low', 3);

create table seeds.selection_rules as
select source_key, null::varchar as metric_key, 'row_traits' as field, '%tools%' as pattern, -1 as preference
from seeds.sources;

create table intermediate.int_rows_identified as
with named as (
    select
        sources.source_key,
        models.model_id,
        unnest(if(hash(models.model_id) % 3 = 0, ['high', 'low'], ['default'])) as effort
    from seeds.models as models
    cross join seeds.sources as sources
)
select
    source_key,
    'board' as endpoint,
    (row_number() over (partition by source_key order by model_id, effort))::integer as row_ordinal,
    model_id,
    split_part(model_id, '/', 2) || ' (' || effort || ')' as label,
    effort,
    null::varchar as agent,
    if(hash(model_id || effort) % 2 = 0, 'mode=tools', null) as row_traits,
    null::varchar as exclusion_reason,
    false as is_conflict
from named;

create table intermediate.int_labels_published as
select source_key, endpoint, row_ordinal, 'name' as label_field, label, row_traits
from intermediate.int_rows_identified;

-- Three cells of four are published.
create table intermediate.int_scores_published as
with drawn as (
    select
        identified.*,
        metrics.metric_key,
        hash(identified.model_id || '|' || metrics.metric_key) as draw,
        hash(identified.model_id) % 1000 / 1000.0 as ability
    from intermediate.int_rows_identified as identified
    inner join seeds.metrics as metrics on identified.source_key = metrics.source_key
)
select
    source_key,
    endpoint,
    row_ordinal,
    'name' as label_field,
    label,
    row_traits,
    metric_key,
    round(60 * ability + if(effort = 'high', 5, 0) + 40 * ((draw >> 20) % 1000003) / 1000003.0, 4)::double as raw_value,
    null::double as value_low,
    null::double as value_high,
    null::double as uncertainty,
    date '2026-01-01' as observed_on,
    md5(source_key) as payload_sha256,
    'https://' || source_key || '.example' as source_url,
    timestamp '2026-01-02' as fetched_at
from drawn
where draw % 4 < 3;

create table seeds.score_overrides as
select models.model_id, metrics.metric_key, 50::double as value, 'A system card' as citation,
    date '2026-01-01' as observed_on
from seeds.models as models
cross join seeds.metrics as metrics
where hash(models.model_id || '|' || metrics.metric_key) % 40 = 39;

-- Every tenth model takes from the one before it.
create table seeds.synthesis_pairs as
with numbered as (
    select model_id, right(model_id, 6)::integer as number from seeds.models
)
select
    (row_number() over (order by targets.number))::integer as pair_order,
    targets.model_id as target_model_id,
    donors.model_id as donor_model_id,
    'conservative' as category,
    null::varchar as source_keys
from numbered as targets
inner join numbered as donors on targets.number = donors.number + 1
where targets.number % 10 = 5;

create table request.figures (
    model_id varchar, metric_key varchar, raw_value double, evidence_class varchar, pull double, source_key varchar,
    label varchar, effort varchar, agent varchar, donor_model_id varchar, citation varchar
);

create table intermediate.int_editions as
select * from (values ('current', null), ('previous', 'then')) as editions (edition, board_key);

create table history.cells as
select
    'then' as board_key,
    model_id,
    metric_key,
    raw_value,
    evidence_class,
    pull,
    null::varchar as donor_model_id
from intermediate.int_evidence_of_editions
where edition = 'previous' and raw_value is not null;
