-- One row per model and metric that a sibling's figure stands in for: the donor, and whether the cap lets it.
with donated as (

    select * from {{ ref('int_figures_donated') }}

),

measured as (

    select
        model_id,
        metric_key
    from {{ ref('int_figures_measured') }}

),

-- A metric that is known from citations alone has no source to share a cap with: it is its own.
metrics as (

    select
        metric_key,
        case when source_key = 'overrides' then metric_key else source_key end as cap_key
    from {{ ref('metrics') }}
    where status = 'scored' and is_synthesizable

),

parameters as (

    select synthesis_per_source_cap from {{ ref('int_parameters') }}

),

-- Whole billionths, because in doubles 0.7 x 3 / (1 - 0.7) is less than the 7 that it is.
caps as (

    select
        metrics.cap_key,
        floor(
            round(max(parameters.synthesis_per_source_cap) * 1000000000)::bigint * count(measured.model_id)
            / nullif(1000000000 - round(max(parameters.synthesis_per_source_cap) * 1000000000)::bigint, 0)
        )::bigint as allowed_fills
    from metrics
    cross join parameters
    left join measured on metrics.metric_key = measured.metric_key
    group by metrics.cap_key

),

ranked as (

    select
        donated.*,
        metrics.cap_key,
        row_number() over (
            partition by metrics.cap_key
            order by donated.chain_length asc, donated.pair_path asc, donated.model_id asc, donated.metric_key asc
        ) as fill_rank
    from donated
    inner join metrics on donated.metric_key = metrics.metric_key
    left join measured on donated.model_id = measured.model_id and donated.metric_key = measured.metric_key
    where measured.model_id is null

),

final as (

    select
        ranked.model_id,
        ranked.metric_key,
        ranked.evidence_class,
        ranked.donor_model_id,
        ranked.chain_length,
        ranked.pull,
        ranked.cap_key,
        caps.allowed_fills,
        ranked.fill_rank,
        coalesce(ranked.fill_rank > caps.allowed_fills, false) as is_cap_blocked
    from ranked
    inner join caps on ranked.cap_key = caps.cap_key

)

select * from final
