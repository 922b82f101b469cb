{% macro joined_in_order(text, separator, order_by) -%}
    {#- The texts of a group as one, in an order. -#}
    {{ adapter.dispatch('joined_in_order', 'benchmart')(text, separator, order_by) }}
{%- endmacro %}

{% macro default__joined_in_order(text, separator, order_by) -%}
    string_agg({{ text }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{% macro spark__joined_in_order(text, separator, order_by) -%}
    listagg({{ text }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}
