-- One row per nickname that handed in a run, apart for samples: what is shown of it.
with submissions as (

    -- Whoever asks to be hidden is hidden on every board, also of days before the run that asks.
    select * from {{ source('runs', 'submissions') }}
    where nickname is not null

),

redacted as (

    select distinct run_sha256
    from {{ ref('run_adjudications') }}
    where action = 'redact'

),

final as (

    select
        submissions.nickname,
        submissions.is_sample,
        -- A hidden name keeps its runs together, by the number of the first of them.
        case
            when count(redacted.run_sha256) > 0
                then '[redacted ' || min(abs(submissions.submission_no)) || ']'
            else submissions.nickname
        end as shown_nickname
    from submissions
    left join redacted on submissions.run_sha256 = redacted.run_sha256 and not submissions.is_sample
    group by submissions.nickname, submissions.is_sample

)

select * from final
