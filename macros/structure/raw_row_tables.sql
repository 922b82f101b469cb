{% macro raw_row_tables() -%}
    {#- Every table of upstream rows; the ledger of payloads holds none. dbt knows them only when it runs. -#}
    {%- set tables = [] -%}
    {%- if execute -%}
        {%- for node in graph.sources.values() if node.source_name == 'raw' and node.name != 'payloads' -%}
            {%- do tables.append(node.relation_name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(tables | sort) }}
{%- endmacro %}
