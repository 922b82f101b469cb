{% macro windowed_quantiles(value, quantiles, partition_by) -%}
    {#- A list of quantiles over a window, each at position q(n-1) of the sorted values, linear between neighbours. -#}
    {{ adapter.dispatch('windowed_quantiles', 'benchmart')(value, quantiles, partition_by) }}
{%- endmacro %}

{% macro default__windowed_quantiles(value, quantiles, partition_by) -%}
    quantile_cont({{ value }}, [{{ quantiles | join(', ') }}]) over (partition by {{ partition_by }})
{%- endmacro %}

{% macro spark__windowed_quantiles(value, quantiles, partition_by) -%}
    percentile({{ value }}, array({{ quantiles | join(', ') }})) over (partition by {{ partition_by }})
{%- endmacro %}
