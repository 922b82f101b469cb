{% macro borrow_functions() -%}
    {#- Functions that models call by DuckDB's name, made where the engine has them under another or not at all. -#}
    {{ return(adapter.dispatch('borrow_functions', 'benchmart')()) }}
{%- endmacro %}

{% macro default__borrow_functions() -%}
{%- endmacro %}

{% macro spark__borrow_functions() -%}
    {%- set functions = {
        'array_to_string(list array<string>, separator string) returns string': 'array_join(list, separator)',
        'ends_with(text string, suffix string) returns boolean': 'endswith(text, suffix)',
        'isfinite(number double) returns boolean': "not isnan(number) and abs(number) < double('infinity')",
        'regexp_escape(text string) returns string': "regexp_replace(text, '([^a-zA-Z0-9])', chr(92) || chr(92) || '$1')",
        'regexp_matches(text string, pattern string) returns boolean': 'regexp_like(text, pattern)',
        'starts_with(text string, prefix string) returns boolean': 'startswith(text, prefix)',
    } -%}
    {%- if execute and flags.WHICH in ['build', 'run', 'test', 'seed'] -%}
        {%- for signature, definition in functions.items() -%}
            {%- do run_query('create or replace function ' ~ signature ~ ' return ' ~ definition) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
