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
select
    source_key,
    endpoint,
    row_ordinal,
    label_field,
    label,
    model_text,
    vendor_hint,
    effort_text,
    agent,
    row_traits,
    metric_key,
    raw_value,
    value_low,
    value_high,
    uncertainty,
    observed_on,
    payload_sha256,
    source_url,
    fetched_at
from {{ ref('stg_' ~ source_key ~ '__scores') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
