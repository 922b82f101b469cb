-- The independent guard of the rate limits: counts every attempt, let in or not, in a window before the one that was
-- refused. What even this lets in was refused wrongly.
with attempts as (

    select
        * replace (
            lower(trim(nickname)) as nickname,
            coalesce(nullif(regexp_replace(lower(model), '[^a-z0-9]', '', 'g'), ''), model) as model
        )
    from {{ source('runs', 'submissions') }}
    where schema_verdict = 'valid' and not is_sample

),

layers as (

    select
        layer,
        applies_to_files,
        list_contains(string_split(key_fields, '+'), 'ip') as has_ip,
        list_contains(string_split(key_fields, '+'), 'nickname') as has_nickname,
        list_contains(string_split(key_fields, '+'), 'model') as has_model
    from {{ ref('run_limits') }}

),

-- With the limit that was in force then.
refused as (

    select
        attempts.submission_no,
        attempts.received_at,
        attempts.attempt_limit,
        attempts.window_s,
        attempts.ip_hash,
        attempts.nickname,
        attempts.model,
        layers.layer,
        layers.applies_to_files,
        layers.has_ip,
        layers.has_nickname,
        layers.has_model
    from attempts
    inner join layers on attempts.limit_layer = layers.layer
    where attempts.limit_verdict = 'limited'

),

counted as (

    select
        refused.submission_no,
        refused.layer,
        any_value(refused.attempt_limit) as attempt_limit,
        count(attempts.submission_no) as attempts_before
    from refused
    left join attempts
        on
            refused.submission_no > attempts.submission_no
            and attempts.received_at > refused.received_at - to_seconds(refused.window_s)
            and (attempts.route = 'http' or refused.applies_to_files)
            and (not refused.has_ip or refused.ip_hash = attempts.ip_hash)
            and (not refused.has_nickname or refused.nickname = attempts.nickname)
            and (not refused.has_model or refused.model = attempts.model)
    group by refused.submission_no, refused.layer

)

select * from counted
where attempts_before < attempt_limit
