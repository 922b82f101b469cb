-- One row per missing figure that a sibling could stand in for, were the cap of its source not reached.
with filled as (

    select * from {{ ref('int_figures_filled') }}
    where is_cap_blocked

),

final as (

    select
        model_id,
        metric_key,
        cap_key,
        donor_model_id,
        evidence_class,
        chain_length::integer as chain_length,
        fill_rank::integer as fill_rank,
        allowed_fills::integer as allowed_fills
    from filled

)

select * from final
