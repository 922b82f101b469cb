{% macro unnested(list) -%}
    {#- One row per element of a list, none for an empty list or null; a column of a select. -#}
    {{ adapter.dispatch('unnested', 'benchmart')(list) }}
{%- endmacro %}

{% macro default__unnested(list) -%}
    unnest({{ list }})
{%- endmacro %}

{% macro spark__unnested(list) -%}
    explode({{ list }})
{%- endmacro %}
