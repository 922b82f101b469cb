{% macro raw_row_tables() -%}
    {#- Every table of upstream rows; the ledgers hold none. dbt knows them only when it runs. -#}
    {%- set tables = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == 'raw' and node.name not in ['payloads', 'fetches'] -%}
            {%- do tables.append(node.relation_name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(tables | sort) }}
{%- endmacro %}
