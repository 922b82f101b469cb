{% macro pull_toward_middle(score, pull) -%}
    {{ score }} * (1 - {{ pull }}) + 50 * {{ pull }}
{%- endmacro %}
