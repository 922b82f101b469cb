-- One row per source row, name field and metric: every staged source in the shared shape.
{% set sources = [
    'arc_agi',
    'artificial_analysis',
    'bfcl',
    'gso',
    'livecodebench',
    'lmarena',
    'openrouter',
    'scale',
    'sonar',
    'swebench',
    'swerebench',
    'terminal_bench',
] -%}

{% for source_key in sources -%}
select * from {{ ref('stg_' ~ source_key ~ '__scores') }}
{% if not loop.last %}union all by name{% endif %}
{% endfor %}
