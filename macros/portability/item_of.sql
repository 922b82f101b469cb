{% macro item_of(list, position) -%}
    {#- The item at a position of a list; the first is 1. -#}
    {{ adapter.dispatch('item_of', 'benchmart')(list, position) }}
{%- endmacro %}

{% macro default__item_of(list, position) -%}
    {{ list }}[{{ position }}]
{%- endmacro %}

{% macro spark__item_of(list, position) -%}
    element_at({{ list }}, {{ position }})
{%- endmacro %}
