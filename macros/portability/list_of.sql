{% macro list_of(type, items=[]) -%}
    {#- A list of a type, written out; empty without items. -#}
    {{ adapter.dispatch('list_of', 'benchmart')(type, items) }}
{%- endmacro %}

{% macro default__list_of(type, items) -%}
    [{{ items | join(', ') }}]::{{ type }}[]
{%- endmacro %}

{% macro spark__list_of(type, items) -%}
    cast(array({{ items | join(', ') }}) as array<{{ type }}>)
{%- endmacro %}
