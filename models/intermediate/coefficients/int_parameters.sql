-- One row: the parameters of the method, the request's own values before the seed's.
with parameters as (

    select
        seeded.parameter_key,
        coalesce(requested.parameter_value, seeded.parameter_value) as parameter_value
    from {{ ref('parameters') }} as seeded
    left join {{ source('request', 'parameters') }} as requested
        on seeded.parameter_key = requested.parameter_key

),

final as (

    select
        max(parameter_value) filter (where parameter_key = 'empty_composite') as empty_composite,
        {{ parameter('trust_threshold') }} as trust_threshold,
        {{ parameter('trust_transition_width') }} as trust_transition_width,
        {{ parameter('coverage_tolerance') }} as coverage_tolerance,
        {{ parameter('min_measured_share') }} as min_measured_share,
        {{ parameter('flat_tolerance') }} as flat_tolerance,
        {{ parameter('fraction_tolerance') }} as fraction_tolerance,
        {{ parameter('small_population') }} as small_population,
        {{ parameter('tail_knee_position') }} as tail_knee_position,
        {{ parameter('tail_knee_score') }} as tail_knee_score,
        {{ parameter('min_direct_population') }} as min_direct_population,
        {{ parameter('synthesis_per_model_cap') }} as synthesis_per_model_cap,
        {{ parameter('synthesis_per_source_cap') }} as synthesis_per_source_cap,
        {{ parameter('candidate_overlap') }} as candidate_overlap
    from parameters

)

select * from final
