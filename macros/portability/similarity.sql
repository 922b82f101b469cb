{% macro similarity(left_text, right_text) -%}
    {#- Likeness of two texts between 0 and 1; it only ever proposes candidates to a person. -#}
    {{ adapter.dispatch('similarity', 'benchmart')(left_text, right_text) }}
{%- endmacro %}

{% macro default__similarity(left_text, right_text) -%}
    jaro_winkler_similarity({{ left_text }}, {{ right_text }})
{%- endmacro %}

{% macro spark__similarity(left_text, right_text) -%}
    1 - levenshtein({{ left_text }}, {{ right_text }}) / greatest(length({{ left_text }}), length({{ right_text }}), 1)
{%- endmacro %}
