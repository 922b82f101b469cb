-- One row per model and role, 0-100: its rank among the models that are measured enough, and how sure both are.
with roles_blended as (

    select * from {{ ref('int_roles_blended') }}
    where edition = 'current'

),

evidence_classes as (

    select
        evidence_class,
        label
    from {{ ref('int_evidence_classes') }}

),

evidence as (

    select
        int_evidence.model_id,
        int_evidence.metric_key,
        evidence_classes.label as provenance
    from {{ ref('int_evidence') }} as int_evidence
    inner join evidence_classes on int_evidence.evidence_class = evidence_classes.evidence_class

),

metric_weights as (

    select * from {{ ref('int_role_metric_weights') }}

),

rank_ranges as (

    select * from {{ ref('fct_rank_ranges') }}

),

gap_filled_roles as (

    select * from {{ ref('int_gap_filled_roles') }}
    where scenario = 'all'

),

parameters as (

    select interval_tail from {{ ref('int_parameters') }}

),

-- Where the role's weight rests: a figure is measured, reported, estimated or missing.
shares as (

    select
        evidence.model_id,
        metric_weights.role_key,
        coalesce({{ exact_sum('metric_weights.effective_weight', "evidence.provenance = 'measured'") }}, 0)
        / {{ exact_sum('metric_weights.effective_weight') }} as independent_weight_share,
        coalesce({{ exact_sum('metric_weights.effective_weight', "evidence.provenance = 'vendor-reported'") }}, 0)
        / {{ exact_sum('metric_weights.effective_weight') }} as reported_weight_share,
        coalesce({{ exact_sum('metric_weights.effective_weight', "evidence.provenance = 'estimated'") }}, 0)
        / {{ exact_sum('metric_weights.effective_weight') }} as estimated_weight_share,
        coalesce({{ exact_sum('metric_weights.effective_weight', "evidence.provenance = 'missing'") }}, 0)
        / {{ exact_sum('metric_weights.effective_weight') }} as missing_weight_share
    from metric_weights
    inner join evidence on metric_weights.metric_key = evidence.metric_key
    group by evidence.model_id, metric_weights.role_key

),

-- Of the three ways to doubt a score, the widest answer counts.
doubted as (

    select
        rank_ranges.model_id,
        rank_ranges.role_key,
        min(rank_ranges.score_low) as score_low,
        max(rank_ranges.score_high) as score_high,
        min(rank_ranges.rank_low) as rank_low,
        max(rank_ranges.rank_high) as rank_high,
        max(rank_ranges.best_share) filter (where rank_ranges.kind = 'families') as best_share,
        -- One board of the few that leave a family out is no share.
        bool_or(
            rank_ranges.first_or_better_share > 0
            and rank_ranges.first_or_better_share >= parameters.interval_tail
        ) filter (where rank_ranges.kind <> 'without') as is_tied_with_best
    from rank_ranges
    cross join parameters
    group by rank_ranges.model_id, rank_ranges.role_key

),

final as (

    select
        roles_blended.model_id,
        roles_blended.role_key,
        roles_blended.score,
        doubted.score_low,
        doubted.score_high,
        roles_blended.coverage,
        roles_blended.is_shrunk,
        roles_blended.measured_weight_share,
        shares.independent_weight_share,
        shares.reported_weight_share,
        shares.estimated_weight_share,
        shares.missing_weight_share,
        gap_filled_roles.score as gap_filled_score,
        roles_blended.is_ranked,
        case
            when roles_blended.is_ranked
                then rank() over (
                        partition by roles_blended.role_key, roles_blended.is_ranked order by roles_blended.score desc
                    )
        end::integer as role_rank,
        doubted.rank_low,
        doubted.rank_high,
        doubted.best_share,
        doubted.is_tied_with_best,
        count(case when roles_blended.is_ranked then 1 end) over (partition by roles_blended.role_key)::integer
            as ranked_models
    from roles_blended
    inner join shares
        on roles_blended.model_id = shares.model_id and roles_blended.role_key = shares.role_key
    inner join doubted
        on roles_blended.model_id = doubted.model_id and roles_blended.role_key = doubted.role_key
    left join gap_filled_roles
        on
            roles_blended.model_id = gap_filled_roles.model_id
            and roles_blended.role_key = gap_filled_roles.role_key

)

select * from final
