{% macro smoothstep(position) -%}
    power({{ position }}, 2) * (3 - 2 * {{ position }})
{%- endmacro %}
