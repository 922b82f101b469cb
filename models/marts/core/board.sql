-- One row: which board this is. Plain dbt builds carry the moment of the run, published boards that of the request.
with requests as (

    select
        max(generated_at) as generated_at,
        max(fingerprint) as fingerprint,
        max(method_sha256) as method_sha256,
        max(seeds_sha256) as seeds_sha256
    from {{ source('request', 'board') }}

),

evidence as (

    select
        count(*) filter (where evidence.evidence_class = 'direct') as measured_cells,
        count(*) filter (where evidence.evidence_class = 'override') as reported_cells,
        count(*) filter (where evidence.evidence_class like 'fill_%') as estimated_cells,
        count(*) filter (where evidence.evidence_class = 'missing') as missing_cells,
        count(distinct evidence.model_id) as model_count,
        count(distinct evidence.metric_key) as metric_count
    from {{ ref('int_evidence') }} as evidence
    inner join {{ ref('metrics') }} as metrics
        on evidence.metric_key = metrics.metric_key and metrics.status = 'scored'

),

payloads as (

    select
        count(payload_sha256) as source_count,
        string_agg(
            concat_ws(' ', source_key, status, payload_sha256, fetched_at, problem), chr(10) order by source_key
        ) as inputs
    from {{ ref('stg_payloads__current') }}

),

previous as (

    select
        max(board_key) as compared_with,
        max(label) as compared_label
    from {{ ref('int_editions') }}

),

dated as (

    select
        coalesce(generated_at, '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'::timestamp) as generated_at,
        coalesce(fingerprint, 'built in place {{ invocation_id }}') as fingerprint,
        coalesce(method_sha256, 'built in place {{ invocation_id }}') as method_sha256,
        coalesce(seeds_sha256, 'built in place {{ invocation_id }}') as seeds_sha256
    from requests

),

final as (

    select
        left(md5(concat_ws('|', dated.method_sha256, payloads.inputs, dated.generated_at)), 12) as board_id,
        dated.generated_at,
        '{{ var("method_version") }}' as method_version,
        dated.fingerprint,
        dated.method_sha256,
        dated.seeds_sha256,
        previous.compared_with,
        previous.compared_label,
        evidence.model_count::integer as model_count,
        evidence.metric_count::integer as metric_count,
        payloads.source_count::integer as source_count,
        evidence.measured_cells::integer as measured_cells,
        evidence.reported_cells::integer as reported_cells,
        evidence.estimated_cells::integer as estimated_cells,
        evidence.missing_cells::integer as missing_cells
    from dated
    cross join evidence
    cross join payloads
    cross join previous

)

select * from final
