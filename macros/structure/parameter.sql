{% macro parameter(parameter_key) -%}
    {#- One parameter of the long table as a number; a text that is none fails its own check. -#}
    try_cast(max(parameter_value) filter (where parameter_key = '{{ parameter_key }}') as double)
{%- endmacro %}
