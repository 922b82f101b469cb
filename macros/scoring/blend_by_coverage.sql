{% macro blend_by_coverage(sets, inputs, keys, labels=[]) -%}
    {#-
        The coverage-aware mean. `sets` names a CTE with one row per mean to take: the keys, and `whole_weight` of all
        that is expected of it. `inputs` names one with a row per input: the keys, `weight`, and `value` (0-100); one
        that is missing has no row, or a null. `labels` are columns of the sets to take along. Returns one row per set: score, coverage, is_shrunk, and weight_factor,
        by which a weight times a present value's distance from 50 is its part of the score's.
        A score whose coverage is below the trust band is drawn toward 50; inside the band the draw fades smoothly.
    -#}
    with trust_band as (

        select
            trust_threshold - trust_transition_width / 2 as shrunk_below,
            trust_threshold + trust_transition_width / 2 as trusted_above,
            coverage_tolerance
        from {{ ref('int_parameters') }}

    ),

    present as (

        select
            {{ keys | join(', ') }},
            {{ exact_sum('weight') }} as present_weight,
            {{ exact_sum('weight * value') }} as weighted_sum
        from {{ inputs }}
        where value is not null
        group by {{ keys | join(', ') }}

    ),

    covered as (

        select
            {% for column in keys + labels -%}
            {{ sets }}.{{ column }},
            {% endfor -%}
            present.present_weight,
            coalesce(present.present_weight / nullif({{ sets }}.whole_weight, 0), 0) as coverage,
            present.weighted_sum / nullif(present.present_weight, 0) as present_mean
        from {{ sets }}
        left join present
            on
                {% for key in keys -%}
                {{ 'and ' if not loop.first }}{{ sets }}.{{ key }} = present.{{ key }}
                {% endfor %}
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
        {{ (keys + labels) | join(', ') }},
        case
            when present_mean is null then 50
            else {{ clamp('50 + (present_mean - 50) * kept_share', 0, 100) }}
        end as score,
        coverage,
        coverage < shrunk_until as is_shrunk,
        kept_share / nullif(present_weight, 0) as weight_factor
    from drawn
{%- endmacro %}
