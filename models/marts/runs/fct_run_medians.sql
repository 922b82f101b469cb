-- One row per configuration, pack and category: the median of its ranked runs.
with runs as (

    select * from {{ ref('fct_runs') }}
    where is_ranked

),

category_scores as (

    select * from {{ ref('fct_run_categories') }}

),

numbered as (

    select
        runs.is_sample,
        runs.nickname,
        runs.model_key,
        runs.config,
        runs.pack_sha256,
        category_scores.category,
        category_scores.title,
        category_scores.position,
        category_scores.score,
        row_number() over (in_category order by category_scores.score, runs.submission_no) as place,
        count(*) over in_category as ranked_runs
    from runs
    inner join category_scores on runs.submission_no = category_scores.submission_no
    window
        in_category as (
            partition by
                runs.is_sample,
                runs.nickname,
                runs.model_key,
                runs.config,
                runs.pack_sha256,
                category_scores.category
        )

),

-- As for the total: the mean of the two in the middle, or twice the one, without a quantile's rounding.
middles as (

    select
        is_sample,
        nickname,
        model_key,
        config,
        pack_sha256,
        category,
        any_value(title) as title,
        any_value(position) as position,
        any_value(ranked_runs)::integer as ranked_runs,
        (
            min((score * 1000000)::bigint) filter (where place >= (ranked_runs + 1) // 2)
            + min((score * 1000000)::bigint) filter (where place >= ranked_runs // 2 + 1)
        ) // 2 as median_millionths
    from numbered
    group by is_sample, nickname, model_key, config, pack_sha256, category

),

final as (

    select
        is_sample,
        nickname,
        model_key,
        config,
        pack_sha256,
        category,
        title,
        position,
        {{ millionths('median_millionths') }} as score,
        ranked_runs
    from middles

)

select * from final
