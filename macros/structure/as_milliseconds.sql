{% macro as_milliseconds(moment) -%}
    {#- A Unix moment in milliseconds; below 10^12 it was given in seconds. -#}
    case when {{ moment }} < 1000000000000 then {{ moment }} * 1000 else {{ moment }} end
{%- endmacro %}
