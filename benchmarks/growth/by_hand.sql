-- The scoring of models/intermediate/{normalization,blending}, written for speed alone: integer keys, plain doubles,
-- quantiles as aggregates. Reads and writes the same figures as the models do.
create schema by_hand;

create temp table named_models as
select entry_no as m, model_id from intermediate.int_entries;

create temp table named_metrics as
select
    (row_number() over ())::smallint as k,
    metric_key,
    higher_is_better as is_up,
    is_log_scale,
    transform
from seeds.metrics;

create temp table sets as
select level, parent_key, (row_number() over ())::smallint as s, sum(weight) as whole
from intermediate.int_weights
group by level, parent_key;

create temp table weights as
select
    sets.level,
    sets.s,
    sets.whole,
    coalesce(metrics.k, inner_sets.s) as i,
    metrics.k is not null as is_metric,
    weights.weight
from intermediate.int_weights as weights
inner join sets on weights.level = sets.level and weights.parent_key = sets.parent_key
left join named_metrics as metrics on weights.input_key = metrics.metric_key
left join sets as inner_sets
    on weights.input_key = inner_sets.parent_key and (weights.level = 'role') = (inner_sets.level = 'group');

create temp table cells as
select
    evidence.entry_no as m,
    metrics.k,
    evidence.raw_value,
    case when metrics.is_log_scale then case when evidence.raw_value > 0 then ln(evidence.raw_value) end
        else evidence.raw_value
    end as x,
    coalesce(evidence.evidence_class = 'direct', false) as is_direct,
    coalesce(evidence.evidence_class in ('direct', 'override'), false) as is_measured,
    evidence.pull
from intermediate.int_evidence_of_editions as evidence
inner join named_metrics as metrics on evidence.metric_key = metrics.metric_key;

create temp table bounds as
with counted as (
    select
        k,
        count(*) filter (where is_direct) < 2 as is_sparse,
        quantile_cont(x, [0, 0.02, 0.05, 0.95, 0.98, 1]) filter (where is_direct) as direct_tails,
        quantile_cont(x, [0, 0.02, 0.05, 0.95, 0.98, 1]) as tails,
        count(x) filter (where is_direct) as direct_count,
        count(x) as all_count
    from cells
    group by k
),
chosen as (
    select k, if(is_sparse, tails, direct_tails) as q, if(is_sparse, all_count, direct_count) as n from counted
)
select
    chosen.k,
    metrics.transform,
    metrics.is_up,
    chosen.n,
    case when metrics.transform = 'percentile' then q[3] when n < 20 then q[1] else q[2] end as low,
    case when metrics.transform = 'percentile' then q[4] when n < 20 then q[6] else q[5] end as high
from chosen
inner join named_metrics as metrics on chosen.k = metrics.k;

create temp table scored as
with placed as (
    select
        cells.m,
        cells.k,
        cells.pull,
        cells.is_measured,
        cells.raw_value,
        cells.x is null or bounds.n = 0 as is_off_scale,
        bounds.transform,
        abs(bounds.high - bounds.low) < 1e-12 as is_flat,
        if(
            bounds.is_up,
            greatest(0, least(1, (cells.x - bounds.low) / nullif(bounds.high - bounds.low, 0))),
            1 - greatest(0, least(1, (cells.x - bounds.low) / nullif(bounds.high - bounds.low, 0)))
        ) as goodness
    from cells
    inner join bounds on cells.k = bounds.k
)
select
    m,
    k,
    is_measured,
    case
        when raw_value is null then null
        when transform = 'as_score' then greatest(0, least(
            100, if(raw_value between -1e-12 and 1 + 1e-12, raw_value * 100, raw_value)
        ))
        when is_off_scale then null
        when is_flat then 50
        when transform = 'percentile' then 100 * goodness
        when goodness >= 0.2 then 70 + 30 * (goodness - 0.2) / 0.8
        else 70 * goodness / 0.2
    end as normalized,
    normalized * (1 - pull) + 50 * pull as score
from placed;

create table by_hand.metric_scores as
select scored.m as entry_no, metrics.metric_key, scored.normalized, scored.score
from scored
inner join named_metrics as metrics on scored.k = metrics.k;


create temp table composites as
with seen as (
    select scored.m, weights.s, sum(weights.weight) as seen, sum(weights.weight * scored.score) as total
    from scored
    inner join weights on weights.level = 'composite' and scored.k = weights.i
    where scored.score is not null
    group by scored.m, weights.s
),
covered as (
    select
        models.m, sets.s, seen.seen, seen.total / seen.seen as mean, coalesce(seen.seen / sets.whole, 0) as coverage,
        greatest(0, least(1, (coverage - 0.6) / 0.2)) as t,
        t * t * (3 - 2 * t) + (1 - t * t * (3 - 2 * t)) * coverage as kept
    from named_models as models
    cross join sets
    left join seen on models.m = seen.m and sets.s = seen.s
    where sets.level = 'composite'
)
select m, s, coalesce(50 + (mean - 50) * kept, 50) as score, coverage, kept / seen as factor
from covered;

create temp table groups as
with inputs as (
    select scored.m, weights.s, weights.weight, scored.score
    from scored
    inner join weights on weights.level = 'group' and weights.is_metric and scored.k = weights.i
    where scored.score is not null
    union all
    select composites.m, weights.s, weights.weight, composites.score
    from composites
    inner join weights on weights.level = 'group' and not weights.is_metric and composites.s = weights.i
),
seen as (
    select m, s, sum(weight) as seen, sum(weight * score) as total
    from inputs
    group by m, s
),
covered as (
    select
        models.m, sets.s, seen.seen, seen.total / seen.seen as mean, coalesce(seen.seen / sets.whole, 0) as coverage,
        greatest(0, least(1, (coverage - 0.6) / 0.2)) as t,
        t * t * (3 - 2 * t) + (1 - t * t * (3 - 2 * t)) * coverage as kept
    from named_models as models
    cross join sets
    left join seen on models.m = seen.m and sets.s = seen.s
    where sets.level = 'group'
)
select m, s, coalesce(50 + (mean - 50) * kept, 50) as score, coverage, kept / seen as factor
from covered;

create temp table roles as
with seen as (
    select groups.m, weights.s, sum(weights.weight) as seen, sum(weights.weight * groups.score) as total,
        any_value(weights.whole) as whole
    from groups
    inner join weights on weights.level = 'role' and groups.s = weights.i
    group by groups.m, weights.s
),
covered as (
    select
        m, s, seen, total / seen as mean, seen / whole as coverage,
        greatest(0, least(1, (coverage - 0.6) / 0.2)) as t,
        t * t * (3 - 2 * t) + (1 - t * t * (3 - 2 * t)) * coverage as kept
    from seen
)
select m, s, 50 + (mean - 50) * kept as score, coverage, kept / seen as factor
from covered;

create temp table ways as
select
    of_roles.s as r,
    of_groups.s as g,
    if(of_composites.s is null, of_groups.i, of_composites.i) as k,
    coalesce(of_composites.s, 0) as c,
    of_roles.weight * of_groups.weight * coalesce(of_composites.weight, 1) as weight,
    of_roles.weight / of_roles.whole * of_groups.weight / of_groups.whole
    * coalesce(of_composites.weight / of_composites.whole, 1) as share,
    count(*) over (partition by of_roles.s, if(of_composites.s is null, of_groups.i, of_composites.i)) as way_count
from weights as of_roles
inner join weights as of_groups on of_groups.level = 'group' and of_roles.i = of_groups.s
left join weights as of_composites
    on of_composites.level = 'composite' and not of_groups.is_metric and of_groups.i = of_composites.s
where of_roles.level = 'role';

create table by_hand.group_scores as
select models.model_id, sets.parent_key as group_key, groups.score, groups.coverage,
    groups.coverage < 0.8 - 1e-9 as is_shrunk, groups.factor as weight_factor
from groups
inner join named_models as models on groups.m = models.m
inner join sets on groups.s = sets.s;

create table by_hand.role_scores as
with shares as (
    select r, k, sum(share) as share from ways group by r, k
),
wholes as (
    select r, sum(share) as whole from shares group by r
),
measured as (
    select scored.m, shares.r, sum(shares.share) as share
    from scored
    inner join shares on scored.k = shares.k
    where scored.is_measured
    group by scored.m, shares.r
)
select models.model_id, sets.parent_key as role_key, roles.score, roles.coverage,
    coalesce(measured.share / wholes.whole, 0) as measured_weight_share
from roles
inner join named_models as models on roles.m = models.m
inner join sets on roles.s = sets.s
inner join wholes on roles.s = wholes.r
left join measured on roles.m = measured.m and roles.s = measured.r;

create table by_hand.contributions as
with factors as (
    select roles.m, weights.s as r, groups.s as g, roles.factor * groups.factor as factor
    from roles
    inner join weights on weights.level = 'role' and roles.s = weights.s
    inner join groups on roles.m = groups.m and weights.i = groups.s
),
opened as not materialized (
    select
        scored.m,
        factors.r,
        scored.k,
        ways.way_count,
        scored.score,
        if(scored.score is null, 0, factors.factor * ways.weight * if(ways.c = 0, 1, composites.factor)) as factor
    from scored
    inner join ways on scored.k = ways.k
    inner join factors on scored.m = factors.m and ways.r = factors.r and ways.g = factors.g
    left join composites on scored.m = composites.m and ways.c = composites.s
),
added_up as (
    select m, r, k, score, factor, coalesce(factor * (score - 50), 0) as points from opened where way_count = 1
    union all
    select m, r, k, max(score), sum(factor), coalesce(sum(factor * (score - 50)), 0)
    from opened
    where way_count > 1
    group by m, r, k
)
select added_up.m as entry_no, sets.parent_key as role_key, metrics.metric_key, added_up.score, added_up.factor,
    added_up.points
from added_up
inner join named_metrics as metrics on added_up.k = metrics.k
inner join sets on added_up.r = sets.s;
