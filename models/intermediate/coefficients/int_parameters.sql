-- One row: the parameters of the method, the request's own values before the seed's.
with parameters as (

    select
        seeded.parameter_key,
        coalesce(requested.parameter_value, seeded.parameter_value) as parameter_value
    from {{ ref('parameters') }} as seeded
    left join {{ source('request', 'parameters') }} as requested
        on seeded.parameter_key = requested.parameter_key

),

{% set numbers = [
    'trust_threshold', 'trust_transition_width', 'coverage_tolerance', 'min_measured_share', 'flat_tolerance',
    'fraction_tolerance', 'small_population', 'tail_knee_position', 'tail_knee_score', 'min_direct_population',
    'synthesis_per_model_cap', 'synthesis_per_source_cap',
] -%}

final as (

    select
        max(parameter_value) filter (where parameter_key = 'empty_composite') as empty_composite,
        {% for key in numbers -%}
            try_cast(max(parameter_value) filter (where parameter_key = '{{ key }}') as double) as {{ key }}{{ ',' if not loop.last }}
        {% endfor %}
    from parameters

)

select * from final
