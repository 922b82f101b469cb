-- One row per model and metric that a sibling's figure can stand in for: the donor, and whether the cap lets it.
with recursive models as (

    select
        model_id,
        vendor
    from {{ ref('models') }}

),

-- A metric that is known from citations alone has no source to share a cap with: it is its own.
metrics as (

    select
        metric_key,
        source_key,
        case when source_key = 'overrides' then metric_key else source_key end as cap_key
    from {{ ref('metrics') }}
    where status = 'scored' and is_synthesizable

),

measured as (

    select
        model_id,
        metric_key,
        raw_value,
        pull
    from {{ ref('int_figures_measured') }}

),

evidence_classes as (

    select
        evidence_class,
        pull,
        strength
    from {{ ref('int_evidence_classes') }}

),

parameters as (

    select synthesis_per_source_cap from {{ ref('int_parameters') }}

),

pairs as (

    select
        synthesis_pairs.pair_order,
        synthesis_pairs.target_model_id,
        synthesis_pairs.donor_model_id,
        string_split(synthesis_pairs.source_keys, ' ') as source_keys,
        evidence_classes.pull,
        evidence_classes.strength
    from {{ ref('synthesis_pairs') }} as synthesis_pairs
    inner join models as targets on synthesis_pairs.target_model_id = targets.model_id
    inner join models as donors on synthesis_pairs.donor_model_id = donors.model_id
    inner join evidence_classes
        on evidence_classes.evidence_class = case
                when targets.vendor <> donors.vendor then 'fill_cross_vendor'
                when synthesis_pairs.category = 'same_series_forward' then 'fill_same_series'
                else 'fill_conservative'
            end

),

fillable as (

    select
        models.model_id,
        metrics.metric_key,
        metrics.source_key,
        metrics.cap_key
    from models
    cross join metrics
    left join measured on models.model_id = measured.model_id and metrics.metric_key = measured.metric_key
    where measured.model_id is null

),

-- From sibling to sibling, to the first that has a figure of its own; no model is met twice.
walked as (

    select
        fillable.model_id,
        fillable.metric_key,
        fillable.source_key,
        fillable.cap_key,
        fillable.model_id as reached_model_id,
        [fillable.model_id] as met,
        []::integer[] as pair_path,
        0 as chain_length,
        0::double as chain_pull,
        null::integer as weakest_strength,
        false as has_arrived
    from fillable

    union all

    select
        walked.model_id,
        walked.metric_key,
        walked.source_key,
        walked.cap_key,
        pairs.donor_model_id as reached_model_id,
        list_append(walked.met, pairs.donor_model_id) as met,
        list_append(walked.pair_path, pairs.pair_order) as pair_path,
        walked.chain_length + 1 as chain_length,
        greatest(walked.chain_pull, pairs.pull) as chain_pull,
        least(walked.weakest_strength, pairs.strength) as weakest_strength,
        measured.model_id is not null as has_arrived
    from walked
    inner join pairs
        on
            walked.reached_model_id = pairs.target_model_id
            and not list_contains(walked.met, pairs.donor_model_id)
            and (pairs.source_keys is null or list_contains(pairs.source_keys, walked.source_key))
    left join measured
        on pairs.donor_model_id = measured.model_id and walked.metric_key = measured.metric_key
    where not walked.has_arrived

),

-- The fewest steps win; of equal ones the pairs that stand first.
donated as (

    select *
    from walked
    where has_arrived
    qualify row_number() over (
            partition by model_id, metric_key order by chain_length asc, pair_path asc
        ) = 1

),

-- Whole billionths, because in doubles 0.7 x 3 / (1 - 0.7) is less than the 7 that it is.
caps as (

    select
        metrics.cap_key,
        round(max(parameters.synthesis_per_source_cap) * 1000000000)::bigint * count(measured.model_id)
        // nullif(1000000000 - round(max(parameters.synthesis_per_source_cap) * 1000000000)::bigint, 0)
            as allowed_fills
    from metrics
    cross join parameters
    left join measured on metrics.metric_key = measured.metric_key
    group by metrics.cap_key

),

ranked as (

    select
        *,
        row_number() over (
            partition by cap_key order by chain_length asc, pair_path asc, model_id asc, metric_key asc
        ) as fill_rank
    from donated

),

-- A chain is as good as its weakest step, and its donor's own pull counts with the steps'.
final as (

    select
        ranked.model_id,
        ranked.metric_key,
        evidence_classes.evidence_class,
        ranked.reached_model_id as donor_model_id,
        ranked.chain_length,
        greatest(ranked.chain_pull, measured.pull) as pull,
        ranked.cap_key,
        caps.allowed_fills,
        ranked.fill_rank,
        coalesce(ranked.fill_rank > caps.allowed_fills, false) as is_cap_blocked
    from ranked
    inner join caps on ranked.cap_key = caps.cap_key
    inner join measured
        on ranked.reached_model_id = measured.model_id and ranked.metric_key = measured.metric_key
    inner join evidence_classes
        on
            ranked.weakest_strength = evidence_classes.strength
            and starts_with(evidence_classes.evidence_class, 'fill_')

)

select * from final
