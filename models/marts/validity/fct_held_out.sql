-- One row per score and benchmark: how well the score foretells the benchmark when it has seen none of its family.
with cells as (

    select
        scenario,
        model_id,
        metric_key,
        family,
        value
    from {{ ref('int_ability_cells') }}
    where is_hidden and starts_with(scenario, 'without:')

),

-- Release days are the yardstick, and every score is held to the same models.
models as (

    select
        model_id,
        date_diff('day', date '2000-01-01', released_on) as release_day
    from {{ ref('models') }}
    where released_on is not null

),

roles_varied as (

    select
        scenario,
        model_id,
        role_key,
        score
    from {{ ref('int_roles_varied') }}
    where starts_with(scenario, 'without:')

),

gap_filled_roles as (

    select * from {{ ref('int_gap_filled_roles') }}
    where starts_with(scenario, 'without:')

),

abilities as (

    select
        scenario,
        model_id,
        ability
    from {{ ref('int_abilities') }}

),

scores as (

    select
        scenario,
        model_id,
        role_key as predictor,
        score
    from roles_varied

    union all

    select
        scenario,
        model_id,
        'mean_role' as predictor,
        {{ exact_sum('score') }} / count(*) as score
    from roles_varied
    group by scenario, model_id

    union all

    select
        scenario,
        model_id,
        'gap_filled_' || role_key as predictor,
        score
    from gap_filled_roles

    union all

    select
        scenario,
        model_id,
        'gap_filled_mean_role' as predictor,
        {{ exact_sum('score') }} / count(*) as score
    from gap_filled_roles
    group by scenario, model_id

    union all

    select
        scenario,
        model_id,
        'ability' as predictor,
        ability as score
    from abilities

    union all

    select
        abilities.scenario,
        abilities.model_id,
        'release_day' as predictor,
        models.release_day as score
    from abilities
    inner join models on abilities.model_id = models.model_id

),

paired as (

    select
        scores.predictor,
        cells.metric_key,
        cells.family,
        cells.model_id,
        cells.value,
        scores.score
    from cells
    inner join models on cells.model_id = models.model_id
    inner join scores on cells.scenario = scores.scenario and cells.model_id = scores.model_id

),

placed as (

    select
        *,
        {{ average_rank('value', 'predictor, metric_key') }} as value_rank,
        {{ average_rank('score', 'predictor, metric_key') }} as score_rank
    from paired

),

rank_correlated as (

    select
        predictor,
        metric_key,
        family,
        count(*) as model_count,
        {{ correlation('value_rank', 'score_rank') }} as spearman
    from placed
    group by predictor, metric_key, family

),

pair_correlated as (

    select
        placed.predictor,
        placed.metric_key,
        sum(sign(placed.value_rank - others.value_rank) * sign(placed.score_rank - others.score_rank))
        / nullif(sqrt(
            sum(abs(sign(placed.value_rank - others.value_rank)))
            * sum(abs(sign(placed.score_rank - others.score_rank)))
        ), 0) as kendall
    from placed
    inner join placed as others
        on
            placed.predictor = others.predictor
            and placed.metric_key = others.metric_key
            and placed.model_id < others.model_id
    group by placed.predictor, placed.metric_key

),

final as (

    select
        rank_correlated.predictor,
        rank_correlated.metric_key,
        rank_correlated.family,
        rank_correlated.model_count::integer as model_count,
        rank_correlated.spearman,
        pair_correlated.kendall
    from rank_correlated
    left join pair_correlated
        on
            rank_correlated.predictor = pair_correlated.predictor
            and rank_correlated.metric_key = pair_correlated.metric_key

)

select * from final
