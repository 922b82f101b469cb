{% macro exact_sum(term, where=none) -%}
    {#-
        The sum of doubles of modest size, the same in whatever order the rows come: decimals add without rounding,
        so that threads, engines and a rewritten seed file cannot move the last digit of a score.
    -#}
    sum(cast({{ term }} as decimal(38, 18))){% if where %} filter (where {{ where }}){% endif %}::double
{%- endmacro %}
