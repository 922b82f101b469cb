{% macro squash(text) -%}
    {#- The key of a normalised name: letters and digits only. -#}
    regexp_replace({{ text }}, '[^a-z0-9]', '', 'g')
{%- endmacro %}
