-- One row per model, role and kind of scenario: the scores and ranks that 90 % of the scenarios of the kind give.
with roles_varied as (

    select
        split_part(scenario, ':', 1) as kind,
        scenario,
        model_id,
        role_key,
        score
    from {{ ref('int_roles_varied') }}
    where split_part(scenario, ':', 1) in ('weights', 'families', 'without')

),

roles_blended as (

    select * from {{ ref('int_roles_blended') }}
    where edition = 'current'

),

parameters as (

    select interval_tail from {{ ref('int_parameters') }}

),

standing as (

    select
        model_id,
        role_key,
        is_ranked,
        row_number() over (
            partition by role_key, is_ranked order by score desc, model_id asc
        ) = 1 as is_first
    from roles_blended

),

varied as (

    select
        roles_varied.*,
        standing.is_ranked,
        rank() over (
            partition by roles_varied.scenario, roles_varied.role_key, standing.is_ranked
            order by roles_varied.score desc
        ) as role_rank,
        max(case when standing.is_ranked and standing.is_first then roles_varied.score end) over (
            partition by roles_varied.scenario, roles_varied.role_key
        ) as first_score
    from roles_varied
    inner join standing
        on roles_varied.model_id = standing.model_id and roles_varied.role_key = standing.role_key

),

ordered as (

    select
        *,
        row_number() over (partition by kind, model_id, role_key order by role_rank) as rank_place,
        row_number() over (partition by kind, model_id, role_key order by score) as score_place,
        count(*) over (partition by kind, model_id, role_key) as scenario_count
    from varied

),

-- The range leaves out at most interval_tail of the scenarios at each end.
cut as (

    select
        ordered.*,
        floor(parameters.interval_tail * ordered.scenario_count) as left_out
    from ordered
    cross join parameters

),

final as (

    select
        model_id,
        role_key,
        kind,
        count(*)::integer as scenario_count,
        min(score) filter (where score_place > left_out) as score_low,
        max(score) filter (where score_place <= scenario_count - left_out) as score_high,
        min(role_rank) filter (where is_ranked and rank_place > left_out)::integer as rank_low,
        max(role_rank) filter (where is_ranked and rank_place <= scenario_count - left_out)::integer
            as rank_high,
        case when bool_and(is_ranked) then count(*) filter (where role_rank = 1) / count(*) end as best_share,
        case when bool_and(is_ranked) then count(*) filter (where score >= first_score) / count(*) end
            as first_or_better_share
    from cut
    group by model_id, role_key, kind

)

select * from final
