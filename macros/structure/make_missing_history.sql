{% macro make_missing_history() -%}
    {#-
        A file from before the history kept what moved a score has no table of it, and a plain dbt build would miss the
        source. The benchmart command makes the same table.
    -#}
    {%- if execute -%}
        {%- set changes = api.Relation.create(
            database=target.database, schema='history', identifier='role_changes', type='table'
        ) -%}
        {#- What dbt knows of the file was read before this hook. -#}
        {%- do adapter.cache_added(changes) -%}
        create schema if not exists history;
        create table if not exists {{ changes }} (
            board_key varchar, model_id varchar, role_key varchar, change double, data_points double,
            selection_points double, method_points double, price_points double, fill_points double
        )
    {%- endif -%}
{%- endmacro %}
