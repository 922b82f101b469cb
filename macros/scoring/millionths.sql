{% macro millionths(count) -%}
    {#- A whole number of millionths as an exact decimal; a quotient of decimals would be a double. -#}
    cast(cast({{ count }} as decimal(18, 0)) * cast('0.000001' as decimal(7, 6)) as decimal(12, 6))
{%- endmacro %}
