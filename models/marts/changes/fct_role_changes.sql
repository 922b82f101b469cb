-- One row per model and role of this board or of the one that it is compared with: the change of the score, by cause.
with previous as (

    select board_key from {{ ref('int_editions') }}
    where edition = 'previous'

),

published_scores as (

    select role_scores.*
    from {{ source('history', 'role_scores') }} as role_scores
    inner join previous on role_scores.board_key = previous.board_key

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
