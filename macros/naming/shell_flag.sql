{% macro shell_flag(flag, value) -%}
    {#- A flag of a command with its value in single quotes, and nothing where there is no value. -#}
    coalesce(' --{{ flag }} ''' || replace({{ value }}, '''', '''\''''') || '''', '')
{%- endmacro %}
