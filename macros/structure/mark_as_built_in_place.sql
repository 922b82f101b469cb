{% macro mark_as_built_in_place() -%}
    {#-
        The board of a file that dbt begins to change is no longer the one that its fingerprint names, even when only a
        part is built, or the build fails half-way. A whole build names the board anew.
    -#}
    {%- if execute and target.type == 'duckdb' and flags.WHICH in ['build', 'run', 'seed', 'snapshot'] -%}
        {%- set board = adapter.get_relation(database=target.database, schema='marts', identifier='board') -%}
        {%- if board is not none -%}
            update {{ board }} set fingerprint = 'built in place {{ invocation_id }}'
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
