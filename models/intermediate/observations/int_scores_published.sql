-- One row per source row, name field and metric: every staged source in the shared shape.
{% set sources = ['artificial_analysis', 'bfcl', 'openrouter', 'swebench_pro'] -%}

{% for source_key in sources -%}
select * from {{ ref('stg_' ~ source_key ~ '__scores') }}
{% if not loop.last %}union all by name{% endif %}
{% endfor %}
