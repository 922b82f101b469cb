{% macro rows_of_boards(boards) -%}
    {#-
        Rows in force of several boards of one shape, each with the metric that its board publishes. `boards` lists
        source, endpoint and metric key.
    -#}
    {%- for source_key, endpoint, metric_key in boards %}
    select
        *,
        '{{ metric_key }}' as board_metric_key
    from ({{ current_rows(source_key, endpoint) }}) as {{ source_key }}_{{ endpoint }}
    {% if not loop.last %}union all{% endif %}
    {%- endfor -%}
{%- endmacro %}
