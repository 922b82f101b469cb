{% macro correlation(left_value, right_value) -%}
    {#-
        Pearson's correlation of two columns of ranks, null where one of them does not vary. Ranks are halves at the
        finest, so these sums are exact and the order of rows cannot show; the engine's own corr() rounds on the way.
    -#}
    (count(*) * sum({{ left_value }} * {{ right_value }}) - sum({{ left_value }}) * sum({{ right_value }}))
    / nullif(
        sqrt(
            (count(*) * sum(power({{ left_value }}, 2)) - power(sum({{ left_value }}), 2))
            * (count(*) * sum(power({{ right_value }}, 2)) - power(sum({{ right_value }}), 2))
        ),
        0
    )
{%- endmacro %}
