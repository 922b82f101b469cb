{% macro json_entries(column, path=none) -%}
    {#- Members of a JSON object as a list of (key, value as JSON), null when it is no object; the object itself without path. -#}
    {{ adapter.dispatch('json_entries', 'benchmart')(column, '$' if path is none else '$.' ~ path) }}
{%- endmacro %}

{% macro default__json_entries(column, path) -%}
    map_entries(try_cast({{ column }} -> '{{ path }}' as map(varchar, json)))
{%- endmacro %}

{% macro spark__json_entries(column, path) -%}
    map_entries(from_json(get_json_object({{ column }}, '{{ path }}'), 'map<string,string>'))
{%- endmacro %}
