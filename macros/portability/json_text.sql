{% macro json_text(column, path) -%}
    {#- The text of a JSON value by its dotted path, null when it is absent or JSON null. -#}
    {{ adapter.dispatch('json_text', 'benchmart')(column, path) }}
{%- endmacro %}

{% macro default__json_text(column, path) -%}
    ({{ column }} ->> '$.{{ path }}')
{%- endmacro %}

{% macro spark__json_text(column, path) -%}
    {#- A key with spaces stands without quotes there. -#}
    get_json_object({{ column }}, '$.{{ path | replace('"', '') }}')
{%- endmacro %}
