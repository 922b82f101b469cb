{% macro json_number(column, path) -%}
    {#- A JSON number or numeric string as a double, null when it is neither. -#}
    try_cast({{ json_text(column, path) }} as double)
{%- endmacro %}
