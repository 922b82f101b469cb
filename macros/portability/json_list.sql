{% macro json_list(column, path) -%}
    {#- The texts of a JSON list by its dotted path, null when it is absent or no list. -#}
    {{ adapter.dispatch('json_list', 'benchmart')(column, path) }}
{%- endmacro %}

{% macro default__json_list(column, path) -%}
    try_cast({{ column }} -> '$.{{ path }}' as varchar[])
{%- endmacro %}

{% macro spark__json_list(column, path) -%}
    from_json(get_json_object({{ column }}, '$.{{ path }}'), 'array<string>')
{%- endmacro %}
