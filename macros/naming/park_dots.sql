{% macro park_dots(text) -%}
    {{ replace_pattern(text, "'([0-9])[.]([0-9])'", "'\\1~\\2'") }}
{%- endmacro %}
