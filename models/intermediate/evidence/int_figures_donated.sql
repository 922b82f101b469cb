-- One row per model and metric that a sibling's figure could stand in for, whether the model has one of its own or not.
with recursive models as (

    select
        model_id,
        vendor
    from {{ ref('models') }}

),

metrics as (

    select
        metric_key,
        source_key
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

pairs as (

    select
        synthesis_pairs.pair_order,
        synthesis_pairs.target_model_id,
        synthesis_pairs.donor_model_id,
        split(synthesis_pairs.source_keys, ' ') as source_keys,
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
        targets.model_id,
        metrics.metric_key,
        metrics.source_key
    from (
        select distinct target_model_id as model_id
        from pairs
    ) as targets
    cross join metrics

),

-- From sibling to sibling, to the first that has a figure of its own; no model is met twice.
walked as (

    select
        fillable.model_id,
        fillable.metric_key,
        fillable.source_key,
        fillable.model_id as reached_model_id,
        {{ list_of('string', ['fillable.model_id']) }} as met,
        {{ list_of('integer') }} as pair_path,
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
        pairs.donor_model_id as reached_model_id,
        array_append(walked.met, pairs.donor_model_id) as met,
        array_append(walked.pair_path, pairs.pair_order) as pair_path,
        walked.chain_length + 1 as chain_length,
        greatest(walked.chain_pull, pairs.pull) as chain_pull,
        least(walked.weakest_strength, pairs.strength) as weakest_strength,
        measured.model_id is not null as has_arrived
    from walked
    inner join pairs
        on
            walked.reached_model_id = pairs.target_model_id
            and not array_contains(walked.met, pairs.donor_model_id)
            and (pairs.source_keys is null or array_contains(pairs.source_keys, walked.source_key))
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

-- A chain is as good as its weakest step, and its donor's own pull counts with the steps'.
final as (

    select
        donated.model_id,
        donated.metric_key,
        evidence_classes.evidence_class,
        donated.reached_model_id as donor_model_id,
        donated.chain_length,
        donated.pair_path,
        greatest(donated.chain_pull, measured.pull) as pull
    from donated
    inner join measured
        on donated.reached_model_id = measured.model_id and donated.metric_key = measured.metric_key
    inner join evidence_classes
        on
            donated.weakest_strength = evidence_classes.strength
            and starts_with(evidence_classes.evidence_class, 'fill_')

)

select * from final
