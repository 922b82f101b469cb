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
        {{ parameter('candidate_overlap') }} as candidate_overlap,
        {{ parameter('ability_min_models') }} as ability_min_models,
        {{ parameter('ability_rounds') }} as ability_rounds,
        {{ parameter('ability_start_slope') }} as ability_start_slope,
        {{ parameter('ability_start_noise') }} as ability_start_noise,
        {{ parameter('ability_start_correlation') }} as ability_start_correlation,
        {{ parameter('ability_prior_noise') }} as ability_prior_noise,
        {{ parameter('ability_prior_strength') }} as ability_prior_strength,
        {{ parameter('ability_correlation_strength') }} as ability_correlation_strength,
        {{ parameter('ability_least_noise') }} as ability_least_noise,
        {{ parameter('ability_most_correlation') }} as ability_most_correlation,
        {{ parameter('ability_flat_spread') }} as ability_flat_spread,
        {{ parameter('ability_middle') }} as ability_middle,
        {{ parameter('ability_points') }} as ability_points,
        {{ parameter('ability_interval_factor') }} as ability_interval_factor,
        {{ parameter('ability_draws') }} as ability_draws,
        {{ parameter('interval_deviations') }} as interval_deviations,
        {{ parameter('interval_tail') }} as interval_tail,
        {{ parameter('stability_draws') }} as stability_draws,
        {{ parameter('weight_spread') }} as weight_spread,
        {{ parameter('half_draws') }} as half_draws,
        {{ parameter('fold_count') }} as fold_count,
        {{ parameter('sure_probability') }} as sure_probability,
        {{ parameter('calibration_low') }} as calibration_low,
        {{ parameter('calibration_high') }} as calibration_high,
        {{ parameter('sure_low') }} as sure_low,
        {{ parameter('date_margin') }} as date_margin,
        {{ parameter('weak_correlation') }} as weak_correlation,
        {{ parameter('run_min_runs_for_delta') }} as run_min_runs_for_delta,
        {{ parameter('run_min_pairs_for_interval') }} as run_min_pairs_for_interval,
        {{ parameter('run_delta_draws') }} as run_delta_draws,
        max(parameter_value) filter (where parameter_key = 'draw_salt') as draw_salt
    from parameters

)

select * from final
