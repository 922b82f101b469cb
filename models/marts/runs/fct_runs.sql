-- One row per accepted run: its scorecard, with a total where all six categories have points.
with submissions as (

    select * from {{ ref('stg_runs__submissions') }}
    where is_accepted

),

names as (

    select * from {{ ref('int_run_models') }}

),

nicknames as (

    select * from {{ ref('int_run_nicknames') }}

),

category_scores as (

    select * from {{ ref('fct_run_categories') }}

),

results as (

    select * from {{ ref('stg_runs__tasks') }}

),

tiers as (

    select * from {{ ref('run_tiers') }}

),

adjudications as (

    select * from {{ ref('run_adjudications') }}

),

speeds as (

    select * from {{ ref('int_run_speeds') }}

),

-- Shares of the categories, in lowest terms.
shares as (

    select
        submission_no,
        state,
        earned_units,
        (weight * 1000000)::hugeint as weight_millionths,
        earned_units::hugeint // gcd(earned_units::hugeint, possible_units::hugeint) as numerator,
        possible_units::hugeint // gcd(earned_units::hugeint, possible_units::hugeint) as denominator
    from category_scores

),

denominators as (

    select
        submission_no,
        list_reduce(list(denominator), lambda one, other: lcm(one, other)) as denominator  -- noqa: PRS
    from shares
    where denominator is not null
    group by submission_no

),

-- On their common denominator shares add without any rounding; the sum is cut off once, after six places.
totals as (

    select
        shares.submission_no,
        count(*) = count(shares.earned_units) as is_complete,
        bool_and(shares.state = 'final') as is_final,
        {{ millionths(
            'sum(shares.weight_millionths * shares.numerator * (denominators.denominator // shares.denominator)) * 100'
            ~ ' // min(denominators.denominator)'
        ) }} as score
    from shares
    left join denominators on shares.submission_no = denominators.submission_no
    group by shares.submission_no

),

spent as (

    select
        submission_no,
        count(*) as task_count,
        count(*) filter (where is_error) as error_count,
        {{ exact_sum('cost_usd') }} as cost_usd,
        count(cost_usd) as costed_count,
        {{ exact_sum('duration_s') }} as duration_s,
        sum(input_tokens)::bigint as input_tokens,
        sum(output_tokens)::bigint as output_tokens
    from results
    group by submission_no

),

as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

decided as (

    select
        adjudications.run_sha256,
        bool_or(adjudications.action = 'withdraw') as is_withdrawn
    from adjudications
    cross join as_of
    where as_of.as_of is null or adjudications.decided_on <= as_of.as_of
    group by adjudications.run_sha256

),

final as (

    select
        submissions.submission_no,
        submissions.run_sha256,
        submissions.is_sample,
        nicknames.shown_nickname as nickname,
        submissions.model,
        names.model_id,
        names.model_key,
        submissions.config,
        submissions.pack,
        submissions.pack_sha256,
        submissions.pack_verdict,
        submissions.harness,
        submissions.harness_version,
        submissions.importer,
        totals.is_complete,
        totals.is_final,
        totals.is_complete and totals.is_final and not coalesce(decided.is_withdrawn, false) as is_ranked,
        coalesce(decided.is_withdrawn, false) as is_withdrawn,
        submissions.is_lab,
        submissions.claims_lab,
        case when totals.is_complete then totals.score end as score,
        tiers.tier,
        coalesce(spent.task_count, 0)::integer as task_count,
        coalesce(spent.error_count, 0)::integer as error_count,
        -- What only some tasks say is no cost of the run.
        case when spent.costed_count = spent.task_count then spent.cost_usd end as cost_usd,
        spent.duration_s,
        spent.input_tokens,
        spent.output_tokens,
        speeds.load_profile,
        speeds.anchor_version,
        speeds.latency_p50_s,
        speeds.latency_p95_s,
        speeds.tokens_per_s,
        '{{ var("method_version") }}' as method_version,
        submissions.started_at,
        submissions.finished_at,
        submissions.received_at
    from submissions
    inner join names on submissions.model = names.model
    inner join totals on submissions.submission_no = totals.submission_no
    left join spent on submissions.submission_no = spent.submission_no
    left join speeds on submissions.submission_no = speeds.submission_no
    left join decided on submissions.run_sha256 = decided.run_sha256 and not submissions.is_sample
    inner join nicknames
        on submissions.nickname = nicknames.nickname and submissions.is_sample = nicknames.is_sample
    left join tiers
        on
            totals.is_complete
            and totals.score >= tiers.lower_bound
            and (totals.score < tiers.upper_bound or tiers.upper_bound is null)

)

select * from final
