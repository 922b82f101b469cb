{% macro average_rank(value, partition_by) -%}
    {#- Rank from the lowest; equal values share the mean of their ranks, as a rank correlation wants it. -#}
    (
        rank() over (partition by {{ partition_by }} order by {{ value }})
        + (count(*) over (partition by {{ partition_by }}, {{ value }}) - 1) / 2
    )
{%- endmacro %}
