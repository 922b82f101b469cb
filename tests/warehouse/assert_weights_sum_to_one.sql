-- A set that does not sum to 1 was edited half: every score of its parent would rest on weights that nobody meant.
with weights as (

    select
        weights.level,
        weights.parent_key,
        weights.weight,
        weights.origin,
        parameters.coverage_tolerance as tolerance
    from {{ ref('int_weights') }} as weights
    cross join {{ ref('int_parameters') }} as parameters

    union all

    select
        'scorecard' as level,
        'of own runs' as parent_key,
        run_categories.weight::double as weight,
        'seeds/runs/run_categories.csv' as origin,
        parameters.coverage_tolerance as tolerance
    from {{ ref('run_categories') }} as run_categories
    cross join {{ ref('int_parameters') }} as parameters

),

final as (

    select
        min(origin) as file,
        level || ' ' || parent_key as row_name,
        'its ' || count(*) || ' weights sum to ' || round({{ exact_sum('weight') }}, 6) || ' instead of 1' as problem,
        'Change the weights of ' || parent_key || ' so that they sum to 1' as remedy
    from weights
    group by level, parent_key
    having abs({{ exact_sum('weight') }} - 1) > max(tolerance) or min(weight) < 0

)

select * from final
