{% macro windowed_quantile(value, quantile, partition_by) -%}
    {#- Quantile at position q(n-1) of the sorted values, linear between neighbours, over a window. -#}
    {{ adapter.dispatch('windowed_quantile', 'benchmart')(value, quantile, partition_by) }}
{%- endmacro %}

{% macro default__windowed_quantile(value, quantile, partition_by) -%}
    quantile_cont({{ value }}, {{ quantile }}) over (partition by {{ partition_by }})
{%- endmacro %}

{% macro spark__windowed_quantile(value, quantile, partition_by) -%}
    percentile({{ value }}, {{ quantile }}) over (partition by {{ partition_by }})
{%- endmacro %}
