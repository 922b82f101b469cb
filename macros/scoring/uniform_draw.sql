{% macro uniform_draw(salt, draw, key) -%}
    {#-
        A number from 0 up to 1 that looks random and is the same on every machine: 13 hexadecimal digits are 52 bits,
        as many as a double holds exactly.
    -#}
    ({{ hex_number("substr(md5(" ~ salt ~ " || '|' || " ~ draw ~ " || '|' || " ~ key ~ "), 1, 13)") }} / power(2, 52))
{%- endmacro %}
