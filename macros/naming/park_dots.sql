{% macro park_dots(text) -%}
    regexp_replace({{ text }}, '([0-9])\.([0-9])', '\1~\2', 'g')
{%- endmacro %}
