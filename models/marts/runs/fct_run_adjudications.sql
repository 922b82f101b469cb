-- One row per decision of a person about an own run: what, by whom, on what evidence.
with adjudications as (

    select * from {{ ref('run_adjudications') }}

),

runs as (

    select
        run_sha256,
        is_sample,
        nickname,
        model,
        config
    from {{ ref('fct_runs') }}
    where not is_sample

),

final as (

    select
        adjudications.run_sha256,
        adjudications.action,
        coalesce(adjudications.task, '') as task,
        coalesce(adjudications.run_no, 0) as run_no,
        adjudications.decided_on,
        runs.is_sample,
        runs.nickname,
        runs.model,
        runs.config,
        adjudications.passed,
        adjudications.score,
        adjudications.decided_by,
        adjudications.reason,
        adjudications.evidence
    from adjudications
    left join runs on adjudications.run_sha256 = runs.run_sha256

)

select * from final
