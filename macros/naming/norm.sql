{% macro norm(text) -%}
    {#-
        The comparable form of a name: lower case, words of letters and digits, a dot only between two digits.
        Dots that stay are parked as `~` while every other sign becomes a space; two passes, because in `1.2.3` the
        middle digit belongs to both dots and a regular expression uses it once.
    -#}
    {%- set words -%}
        {{ replace_pattern('lower(' ~ decode_entities(text) ~ ')', "'[^a-z0-9.]'", "' '") }}
    {%- endset -%}
    {%- set parted -%}
        replace(replace({{ park_dots(park_dots(words)) }}, '.', ' '), '~', '.')
    {%- endset -%}
    trim({{ replace_pattern(parted, "' +'", "' '") }})
{%- endmacro %}
