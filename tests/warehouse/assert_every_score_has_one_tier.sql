-- A gap between two tiers would leave a score without one, and an overlap would give a run two rows.
with tiers as (

    select * from {{ ref('run_tiers') }}

),

scores as (

    select (thousandths / 1000)::decimal(12, 6) as score
    from unnest(range(0, 100001)) as unnested (thousandths)

),

counted as (

    select
        scores.score,
        count(tiers.tier) as tier_count
    from scores
    left join tiers
        on
            scores.score >= tiers.lower_bound
            and (scores.score < tiers.upper_bound or tiers.upper_bound is null)
    group by scores.score

),

final as (

    select
        'seeds/runs/run_tiers.csv' as file,
        'scores ' || min(score) || ' to ' || max(score) as row_name,
        'are in ' || tier_count || ' tiers' as problem,
        'Let each upper_bound be the lower_bound of the tier above' as remedy
    from counted
    where tier_count <> 1
    group by tier_count

)

select * from final
