{% macro squash(text) -%}
    {#- The key of a normalised name: letters and digits only. -#}
    {{ replace_pattern(text, "'[^a-z0-9]'", "''") }}
{%- endmacro %}
