-- One row per edition, model and composite: the coverage-aware mean of its metrics.
with entries as (

    select
        entry_no,
        edition,
        model_id
    from {{ ref('int_entries') }}
    where is_scored

),

weights as (

    select
        parent_key as composite_key,
        input_key as metric_key,
        weight
    from {{ ref('int_weights') }}
    where level = 'composite'

),

metrics as (

    select
        entry_no,
        metric_key,
        score
    from {{ ref('int_metrics_normalized') }}
    where edition <> 'measured'

),

parameters as (

    select empty_composite from {{ ref('int_parameters') }}

),

inputs as (

    select
        metrics.entry_no,
        weights.composite_key,
        weights.weight,
        metrics.score as value
    from metrics
    inner join weights on metrics.metric_key = weights.metric_key

),

blended as (

    {{ blend_by_coverage(
        'weights', 'inputs', 'entries', 'entry_no', ['composite_key'], labels=['edition', 'model_id']
    ) }}

),

-- Without any input a composite is neutral and counts as present, unless the parameter says that it is absent.
final as (

    select
        blended.entry_no,
        blended.edition,
        blended.model_id,
        blended.composite_key,
        case when blended.coverage > 0 or parameters.empty_composite = 'neutral' then blended.score end as score,
        blended.coverage,
        blended.is_shrunk,
        blended.weight_factor
    from blended
    cross join parameters

)

select * from final
