{% macro clamp(value, low, high) -%}
    {#- Written as a case, because greatest and least skip a null and would turn a missing value into a bound. -#}
    case when {{ value }} < {{ low }} then {{ low }} when {{ value }} > {{ high }} then {{ high }} else {{ value }} end
{%- endmacro %}
