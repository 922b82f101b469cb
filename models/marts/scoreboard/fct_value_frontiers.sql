-- One row per model, role and axis on which the model's amount is known: its score beside its price or its speed.
with role_scores as (

    select
        model_id,
        role_key,
        score,
        is_ranked
    from {{ ref('fct_role_scores') }}

),

-- A burden is the better the smaller it is.
amounts as (

    select
        model_id,
        'price' as axis,
        blended_cost as amount,
        blended_cost as burden
    from {{ ref('scoreboard') }}

    union all

    select
        model_id,
        'speed' as axis,
        output_speed as amount,
        -output_speed as burden
    from {{ ref('scoreboard') }}

),

-- Rows of an equal burden, or an equal score, see each other in these windows.
rivalled as (

    select
        amounts.model_id,
        role_scores.role_key,
        amounts.axis,
        amounts.amount,
        amounts.burden,
        role_scores.score,
        role_scores.is_ranked,
        max(role_scores.score) over (
            partition by role_scores.role_key, amounts.axis, role_scores.is_ranked
            order by amounts.burden asc
            range between unbounded preceding and current row
        ) as best_score_for_less,
        min(amounts.burden) over (
            partition by role_scores.role_key, amounts.axis, role_scores.is_ranked
            order by role_scores.score desc
            range between unbounded preceding and current row
        ) as least_burden_for_more
    from amounts
    inner join role_scores on amounts.model_id = role_scores.model_id
    where amounts.amount is not null

),

judged as (

    select
        *,
        is_ranked and score = best_score_for_less and burden = least_burden_for_more as is_on_frontier
    from rivalled

),

final as (

    select
        model_id,
        role_key,
        axis,
        amount,
        score,
        is_ranked,
        is_on_frontier,
        case
            when is_on_frontier
                then dense_rank() over (partition by role_key, axis, is_on_frontier order by burden asc)
        end::integer as frontier_place
    from judged

)

select * from final
