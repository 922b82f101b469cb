{% macro replace_pattern(text, pattern, replacement) -%}
    {#- Every match of a regular expression replaced; groups are written as \1. -#}
    {{ adapter.dispatch('replace_pattern', 'benchmart')(text, pattern, replacement) }}
{%- endmacro %}

{% macro default__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement }}, 'g')
{%- endmacro %}

{% macro spark__replace_pattern(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ pattern }}, {{ replacement | replace('\\', '$') }})
{%- endmacro %}
