{% macro texts_after(list, prefix) -%}
    {#- Those texts of a list that begin with a prefix, without it. -#}
    {{ adapter.dispatch('texts_after', 'benchmart')(list, prefix) }}
{%- endmacro %}

{% macro default__texts_after(list, prefix) -%}
    list_transform(
        list_filter({{ list }}, lambda text: starts_with(text, '{{ prefix }}')),
        lambda text: substr(text, {{ prefix | length + 1 }})
    )
{%- endmacro %}

{% macro spark__texts_after(list, prefix) -%}
    transform(
        filter({{ list }}, text -> startswith(text, '{{ prefix }}')),
        text -> substr(text, {{ prefix | length + 1 }})
    )
{%- endmacro %}
