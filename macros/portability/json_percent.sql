{% macro json_percent(column, path) -%}
    {#- A percent string such as `77.47%` as a double, null when it is none. -#}
    try_cast(trim(trailing '%' from {{ json_text(column, path) }}) as double)
{%- endmacro %}
