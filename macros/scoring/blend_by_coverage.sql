{% macro blend_by_coverage(inputs, keys) -%}
    {#-
        The coverage-aware mean. `inputs` names a CTE with one row per expected input: the keys, `weight`, and
        `value` (0-100, null when missing). Returns one row per key: score, coverage, is_shrunk, and
        weight_factor, by which a weight times a present value's distance from 50 is its part of the score's.
        A score whose coverage is below the trust band is drawn toward 50; inside the band the draw fades smoothly.
    -#}
    with trust_band as (

        select
            trust_threshold - trust_transition_width / 2 as shrunk_below,
            trust_threshold + trust_transition_width / 2 as trusted_above,
            coverage_tolerance
        from {{ ref('int_parameters') }}

    ),

    weighed as (

        select
            {{ keys | join(', ') }},
            {{ exact_sum('weight') }} as whole_weight,
            {{ exact_sum('weight', 'value is not null') }} as present_weight,
            {{ exact_sum('weight * value') }} as weighted_sum
        from {{ inputs }}
        group by {{ keys | join(', ') }}

    ),

    covered as (

        select
            *,
            coalesce(present_weight / nullif(whole_weight, 0), 0) as coverage,
            weighted_sum / nullif(present_weight, 0) as present_mean
        from weighed

    ),

    positioned as (

        select
            covered.*,
            trust_band.trusted_above - trust_band.coverage_tolerance as shrunk_until,
            {{ clamp(
                '(covered.coverage - trust_band.shrunk_below) / (trust_band.trusted_above - trust_band.shrunk_below)',
                0, 1
            ) }} as trust_position
        from covered
        cross join trust_band

    ),

    weighed_for_trust as (

        select
            *,
            {{ smoothstep('trust_position') }} as trust
        from positioned

    ),

    drawn as (

        select
            *,
            trust + (1 - trust) * coverage as kept_share
        from weighed_for_trust

    )

    select
        {{ keys | join(', ') }},
        case
            when present_mean is null then 50
            else {{ clamp('50 + (present_mean - 50) * kept_share', 0, 100) }}
        end as score,
        coverage,
        coverage < shrunk_until as is_shrunk,
        kept_share / nullif(present_weight, 0) as weight_factor
    from drawn
{%- endmacro %}
