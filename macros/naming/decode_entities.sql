{% macro decode_entities(text) -%}
    {#- `&amp;` last, so that `&amp;lt;` ends as the text `&lt;`. -#}
    replace(replace(replace(replace(replace(replace({{ text }},
        '&nbsp;', ' '), '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', chr(39)), '&amp;', '&')
{%- endmacro %}
