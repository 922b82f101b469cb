{% macro struct_list(structs) -%}
    {#- A list of structs of one shape, each written as a mapping of its fields to expressions. -#}
    {{ adapter.dispatch('struct_list', 'benchmart')(structs) }}
{%- endmacro %}

{% macro default__struct_list(structs) -%}
    [
        {%- for fields in structs %}
        { {%- for name, value in fields.items() %}'{{ name }}': {{ value }}{{ ', ' if not loop.last }}{% endfor -%} }
        {{- ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}

{% macro spark__struct_list(structs) -%}
    array(
        {%- for fields in structs %}
        named_struct(
            {%- for name, value in fields.items() %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
        ){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
