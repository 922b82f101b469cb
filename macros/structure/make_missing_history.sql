{% macro make_missing_history() -%}
    {#-
        A file from before the history kept what moved a score, or from before own runs, lacks their tables, and a plain
        dbt build would miss the sources. The benchmart command makes the same tables.
    -#}
    {%- if execute and target.type == 'duckdb' -%}
        {%- set changes = api.Relation.create(
            database=target.database, schema='history', identifier='role_changes', type='table'
        ) -%}
        {#- What dbt knows of the file was read before this hook. -#}
        {%- do adapter.cache_added(changes) -%}
        create schema if not exists history;
        create table if not exists {{ changes }} (
            board_key varchar, model_id varchar, role_key varchar, change double, data_points double,
            selection_points double, method_points double, price_points double, fill_points double
        );
        create schema if not exists runs;
        {%- for table in graph.sources.values() if table.source_name == 'runs' %}
        create table if not exists {{ table.relation_name }} (
            {%- for column in table.columns.values() %}
            {{ column.name }} {{ column.data_type }}{{ ',' if not loop.last }}
            {%- endfor %}
        );
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
