-- One row per model and role of this board or of the one that it is compared with: the change of the score, by cause.
with previous as (

    select
        editions.board_key,
        boards.score_decimals
    from {{ ref('int_editions') }} as editions
    inner join {{ source('history', 'boards') }} as boards on editions.board_key = boards.board_key

),

rescored as (

    select
        model_id,
        role_key,
        score
    from {{ ref('int_roles_blended') }}
    where edition = 'previous'

),

-- A file has its scores to so many decimals; where the old figures give the same ones again, they give the others too.
published_scores as (

    select
        role_scores.model_id,
        role_scores.role_key,
        if(
            round(rescored.score, previous.score_decimals) = role_scores.score, rescored.score, role_scores.score
        ) as score,
        role_scores.role_rank
    from {{ source('history', 'role_scores') }} as role_scores
    inner join previous on role_scores.board_key = previous.board_key
    left join rescored
        on
            role_scores.model_id = rescored.model_id
            and role_scores.role_key = rescored.role_key

),

role_scores as (

    select * from {{ ref('fct_role_scores') }}
    where (select count(*) from previous) > 0

),

causes as (

    select
        model_id,
        role_key,
        {{ exact_sum('points', "cause = 'data'") }} as data_points,
        {{ exact_sum('points', "cause = 'selection'") }} as selection_points,
        {{ exact_sum('points', "cause = 'price'") }} as price_points,
        {{ exact_sum('points', "cause = 'fill'") }} as fill_points,
        {{ exact_sum('points', "cause = 'method'") }} as method_points
    from {{ ref('fct_score_changes') }}
    group by model_id, role_key

),

final as (

    select
        coalesce(role_scores.model_id, published_scores.model_id) as model_id,
        coalesce(role_scores.role_key, published_scores.role_key) as role_key,
        published_scores.score as score_before,
        role_scores.score as score_after,
        role_scores.score - published_scores.score as change,
        published_scores.role_rank as rank_before,
        role_scores.role_rank as rank_after,
        coalesce(causes.data_points, 0) as data_points,
        coalesce(causes.selection_points, 0) as selection_points,
        coalesce(causes.price_points, 0) as price_points,
        coalesce(causes.fill_points, 0) as fill_points,
        coalesce(causes.method_points, 0) as method_points
    from role_scores
    full outer join published_scores
        on
            role_scores.model_id = published_scores.model_id
            and role_scores.role_key = published_scores.role_key
    left join causes on role_scores.model_id = causes.model_id and role_scores.role_key = causes.role_key

)

select * from final
