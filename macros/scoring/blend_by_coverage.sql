{% macro blend_by_coverage(weights, inputs, owners, owner_key, set_keys, labels=[]) -%}
    {#-
        The coverage-aware mean, of every owner and every set of weights. The names are those of CTEs: `weights` has
        the set's keys and a `weight` for each input that is expected; `inputs` the keys of both, the `weight` and the
        `value` (0-100) of one that came, where a missing one has no row, or a null; `owners` a row per owner, of which
        `labels` are columns to take along. Returns one row per owner and set: score, coverage, is_shrunk, and
        weight_factor, by which a weight times a present value's distance from 50 is its part of the score's.
        A score whose coverage is below the trust band is drawn toward 50; inside the band the draw fades smoothly.
    -#}
    {%- set keys = [owner_key] + set_keys -%}
    with trust_band as (

        select
            trust_threshold - trust_transition_width / 2 as shrunk_below,
            trust_threshold + trust_transition_width / 2 as trusted_above,
            coverage_tolerance
        from {{ ref('int_parameters') }}

    ),

    sets as (

        select
            {{ set_keys | join(', ') }},
            {{ exact_sum('weight') }} as whole_weight
        from {{ weights }}
        group by {{ set_keys | join(', ') }}

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
            {% for column in [owner_key] + labels -%}
            {{ owners }}.{{ column }},
            {% endfor -%}
            {% for key in set_keys -%}
            sets.{{ key }},
            {% endfor -%}
            present.present_weight,
            coalesce(present.present_weight / nullif(sets.whole_weight, 0), 0) as coverage,
            present.weighted_sum / nullif(present.present_weight, 0) as present_mean
        from {{ owners }}
        cross join sets
        left join present
            on
                {{ owners }}.{{ owner_key }} = present.{{ owner_key }}
                {%- for key in set_keys %}
                and sets.{{ key }} = present.{{ key }}
                {%- endfor %}

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
