-- One row per configuration (nickname, model, tag) and pack: the median of its ranked runs, and its rank on that pack.
with runs as (

    select * from {{ ref('fct_runs') }}

),

tiers as (

    select * from {{ ref('run_tiers') }}

),

numbered as (

    select
        *,
        row_number() over configuration as place,
        count(*) over (partition by is_sample, nickname, model_key, config, pack_sha256, is_ranked) as ranked_runs
    from runs
    window
        configuration as (
            partition by is_sample, nickname, model_key, config, pack_sha256, is_ranked
            order by score, submission_no
        )

),

-- The mean of the two in the middle, or twice the one: exact, where a quantile of decimals would be rounded.
configurations as (

    select
        is_sample,
        nickname,
        model_key,
        config,
        pack_sha256,
        any_value(pack) as pack,
        arg_max(model, received_at) as model,
        any_value(model_id) as model_id,
        count(*) as run_count,
        count(*) filter (where is_ranked) as ranked_runs,
        count(*) filter (where not is_complete) as partial_runs,
        count(*) filter (where is_complete and not is_final) as provisional_runs,
        count(*) filter (where is_withdrawn) as withdrawn_runs,
        coalesce(bool_and(is_lab) filter (where is_ranked), false) as is_lab,
        (
            min((score * 1000000)::bigint) filter (where is_ranked and place >= (ranked_runs + 1) // 2)
            + min((score * 1000000)::bigint) filter (where is_ranked and place >= ranked_runs // 2 + 1)
        ) // 2 as median_millionths,
        max(score) filter (where is_ranked) as best_score,
        min(score) filter (where is_ranked) as lowest_score,
        max(score) filter (where is_complete and not is_final) as provisional_score,
        median(cost_usd) as median_cost_usd,
        median(latency_p50_s) as median_latency_s,
        max(received_at) as last_received_at
    from numbered
    group by is_sample, nickname, model_key, config, pack_sha256

),

scored as (

    select
        *,
        {{ millionths('median_millionths') }} as score
    from configurations

),

final as (

    select
        scored.is_sample,
        scored.nickname,
        scored.model_key,
        scored.config,
        scored.pack_sha256,
        scored.pack,
        scored.model,
        scored.model_id,
        scored.score,
        tiers.tier,
        case
            when scored.score is not null
                then
                    rank() over (
                        partition by scored.is_sample, scored.pack_sha256, scored.score is null
                        order by scored.score desc
                    )
        end::integer as run_rank,
        scored.best_score,
        scored.lowest_score,
        (scored.best_score - scored.lowest_score)::decimal(12, 6) as spread,
        scored.provisional_score,
        scored.run_count::integer as run_count,
        scored.ranked_runs::integer as ranked_runs,
        scored.partial_runs::integer as partial_runs,
        scored.provisional_runs::integer as provisional_runs,
        scored.withdrawn_runs::integer as withdrawn_runs,
        scored.is_lab,
        scored.median_cost_usd,
        scored.median_latency_s,
        scored.last_received_at
    from scored
    left join tiers
        on
            scored.score >= tiers.lower_bound
            and (scored.score < tiers.upper_bound or tiers.upper_bound is null)

)

select * from final
