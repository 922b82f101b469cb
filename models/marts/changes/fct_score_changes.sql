-- One row per model, role, metric and cause that moved a score since the compared board: the points.
with previous_board as (

    select
        editions.board_key,
        boards.score_decimals,
        exists(
            select 1 from {{ source('history', 'contributions') }} as kept
            where kept.board_key = editions.board_key
        ) as has_contributions
    from {{ ref('int_editions') }} as editions
    inner join {{ source('history', 'boards') }} as boards on editions.board_key = boards.board_key

),

published_scores as (

    select
        role_scores.model_id,
        role_scores.role_key,
        role_scores.score
    from {{ source('history', 'role_scores') }} as role_scores
    inner join previous_board on role_scores.board_key = previous_board.board_key

),

published_contributions as (

    select
        contributions.model_id,
        contributions.role_key,
        contributions.metric_key,
        contributions.points
    from {{ source('history', 'contributions') }} as contributions
    inner join previous_board on contributions.board_key = previous_board.board_key

),

contributions as (

    select
        entries.edition,
        entries.model_id,
        contributions.*
    from {{ ref('int_contributions') }} as contributions
    inner join {{ ref('int_entries') }} as entries on contributions.entry_no = entries.entry_no

),

previous_contributions as (

    select * from contributions
    where edition = 'previous'

),

previous_roles as (

    select
        model_id,
        role_key,
        score
    from {{ ref('int_roles_blended') }}
    where edition = 'previous'

),

cells_changed as (

    select * from {{ ref('int_cells_changed') }}

),

-- Why the field of a metric moved: because figures did, or else estimates, or else the method.
fields as (

    select
        metric_key,
        case
            when bool_or(cause = 'price') then 'price'
            when bool_or(cause in ('data', 'selection')) then 'data'
            when bool_or(cause = 'fill') then 'fill'
            else 'method'
        end as cause
    from cells_changed
    group by metric_key

),

-- Both editions under the method of today. A figure that stayed can still move: the field it is placed in did.
compared as (

    select
        now.model_id,
        now.role_key,
        now.metric_key,
        previously.score as score_before,
        now.score as score_after,
        previously.factor as factor_before,
        now.factor as factor_after,
        now.points - previously.points as points,
        now.score is not null and previously.score is not null as stayed,
        now.score is not null or previously.score is not null as was_ever,
        coalesce(cells_changed.cause, fields.cause, 'method') as cause,
        coalesce(cells_changed.what_happened, 'field_moved') as what_happened
    from contributions as now
    inner join previous_contributions as previously
        on
            now.model_id = previously.model_id
            and now.role_key = previously.role_key
            and now.metric_key = previously.metric_key
    inner join published_scores
        on now.model_id = published_scores.model_id and now.role_key = published_scores.role_key
    left join fields on now.metric_key = fields.metric_key
    left join cells_changed
        on now.model_id = cells_changed.model_id and now.metric_key = cells_changed.metric_key
    where now.edition = 'current'

),

own_parts as (

    select
        model_id,
        role_key,
        metric_key,
        cause,
        what_happened,
        if(stayed, (factor_before + factor_after) / 2 * (score_after - score_before), points) as points
    from compared
    where was_ever

),

-- A figure that comes or goes shifts the weight of the others: that is its cause's doing, not theirs.
came_or_left as (

    select
        model_id,
        role_key,
        cause,
        sum(greatest(factor_before, factor_after)) as weight
    from compared
    where was_ever and not stayed
    group by model_id, role_key, cause

),

shared_out as (

    select
        *,
        weight / sum(weight) over (partition by model_id, role_key) as share
    from came_or_left

),

shifted_parts as (

    select
        compared.model_id,
        compared.role_key,
        compared.metric_key,
        coalesce(shared_out.cause, compared.cause) as cause,
        'weight_shifted' as what_happened,
        ((compared.score_before + compared.score_after) / 2 - 50)
        * (compared.factor_after - compared.factor_before) * coalesce(shared_out.share, 1) as points
    from compared
    left join shared_out
        on compared.model_id = shared_out.model_id and compared.role_key = shared_out.role_key
    where compared.stayed

),

-- The rest is the method: what it makes of the old figures, less what was published of them.
remade as (

    select
        coalesce(previously.model_id, published_contributions.model_id) as model_id,
        coalesce(previously.role_key, published_contributions.role_key) as role_key,
        coalesce(previously.metric_key, published_contributions.metric_key) as metric_key,
        coalesce(previously.points, 0) - coalesce(published_contributions.points, 0) as points
    from previous_contributions as previously
    full outer join published_contributions
        on
            previously.model_id = published_contributions.model_id
            and previously.role_key = published_contributions.role_key
            and previously.metric_key = published_contributions.metric_key

),

-- A board that is known from its file alone has no contributions, and scores of so many decimals: there the method is
-- one figure a role.
method_parts as (

    select
        remade.model_id,
        remade.role_key,
        remade.metric_key,
        'method' as cause,
        'method_changed' as what_happened,
        remade.points
    from remade
    inner join published_scores
        on remade.model_id = published_scores.model_id and remade.role_key = published_scores.role_key
    inner join previous_roles
        on remade.model_id = previous_roles.model_id and remade.role_key = previous_roles.role_key
    cross join previous_board
    where previous_board.has_contributions

    union all

    select
        published_scores.model_id,
        published_scores.role_key,
        null as metric_key,
        'method' as cause,
        'method_changed' as what_happened,
        previous_roles.score - published_scores.score as points
    from published_scores
    inner join previous_roles
        on
            published_scores.model_id = previous_roles.model_id
            and published_scores.role_key = previous_roles.role_key
    cross join previous_board
    where
        not previous_board.has_contributions
        and published_scores.score is distinct from round(previous_roles.score, previous_board.score_decimals)

),

parts as (

    select * from own_parts
    union all
    select * from shifted_parts
    union all
    select * from method_parts

),

summed as (

    select
        model_id,
        role_key,
        metric_key,
        cause,
        {{ exact_sum('points') }} as points,
        arg_max(what_happened, (abs(points), what_happened)) as what_happened
    from parts
    group by model_id, role_key, metric_key, cause

),

final as (

    select
        summed.model_id,
        summed.role_key,
        summed.metric_key,
        summed.cause,
        summed.points,
        summed.what_happened,
        cells_changed.raw_before,
        cells_changed.raw_after,
        cells_changed.label_before,
        cells_changed.label_after
    from summed
    left join cells_changed
        on
            summed.model_id = cells_changed.model_id
            and summed.metric_key = cells_changed.metric_key
            and summed.what_happened = cells_changed.what_happened
    where summed.points <> 0

)

select * from final
