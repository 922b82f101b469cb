{% macro hex_number(hex) -%}
    {#- The whole number that hexadecimal digits write. -#}
    {{ adapter.dispatch('hex_number', 'benchmart')(hex) }}
{%- endmacro %}

{% macro default__hex_number(hex) -%}
    ('0x' || {{ hex }})::bigint
{%- endmacro %}

{% macro spark__hex_number(hex) -%}
    cast(conv({{ hex }}, 16, 10) as bigint)
{%- endmacro %}
