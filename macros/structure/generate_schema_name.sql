{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Schemas are named as written: `marts`, not `main_marts`. -#}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
