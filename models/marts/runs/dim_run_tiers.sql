-- One row per tier of own runs, the best first: what a total of 100 is called.
with tiers as (

    select * from {{ ref('run_tiers') }}

),

final as (

    select
        tier,
        position::integer as position,
        lower_bound::decimal(12, 6) as lower_bound,
        upper_bound::decimal(12, 6) as upper_bound,
        rationale
    from tiers

)

select * from final
