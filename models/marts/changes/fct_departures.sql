-- One row per model, source or figure that was on the compared board and is not on this one, with who answers for it.
with previous as (

    select
        board_key,
        generated_at::date as last_seen_on
    from {{ ref('int_editions') }}
    where edition = 'previous'

),

models_left as (

    select distinct
        'model' as what,
        role_scores.model_id,
        null::varchar as source_key,
        null::varchar as metric_key
    from {{ source('history', 'role_scores') }} as role_scores
    inner join previous on role_scores.board_key = previous.board_key
    left join {{ ref('models') }} as models on role_scores.model_id = models.model_id
    where models.model_id is null

),

sources_left as (

    select
        'source' as what,
        null::varchar as model_id,
        source_key,
        null::varchar as metric_key
    from {{ ref('int_sources_compared') }}
    where was_there and not is_there

),

-- A figure that went with its model or its source needs no word of its own.
figures_left as (

    select
        'figure' as what,
        cells_changed.model_id,
        cells_changed.source_before as source_key,
        cells_changed.metric_key
    from {{ ref('int_cells_changed') }} as cells_changed
    left join models_left on cells_changed.model_id = models_left.model_id
    left join sources_left on cells_changed.source_before = sources_left.source_key
    where
        cells_changed.what_happened = 'figure_left'
        and models_left.model_id is null
        and sources_left.source_key is null

),

departed as (

    select * from models_left
    union all
    select * from sources_left
    union all
    select * from figures_left

),

adjudications as (

    select * from {{ ref('adjudications') }}

),

-- An empty cell of the seed stands for any; of several rows that answer, the narrowest does.
final as (

    select
        departed.what,
        departed.model_id,
        departed.source_key,
        departed.metric_key,
        previous.last_seen_on,
        adjudications.reason,
        adjudications.evidence,
        adjudications.decided_by,
        adjudications.decided_on
    from departed
    cross join previous
    left join adjudications
        on
            departed.what = adjudications.what
            and coalesce(departed.model_id = adjudications.model_id, adjudications.model_id is null)
            and coalesce(departed.source_key = adjudications.source_key, adjudications.source_key is null)
            and coalesce(departed.metric_key = adjudications.metric_key, adjudications.metric_key is null)
            and coalesce(previous.last_seen_on = adjudications.last_seen_on, adjudications.last_seen_on is null)
    qualify row_number() over (
            partition by departed.what, departed.model_id, departed.source_key, departed.metric_key
            order by
                adjudications.last_seen_on is null asc,
                adjudications.model_id is null asc,
                adjudications.metric_key is null asc,
                adjudications.source_key is null asc,
                adjudications.decided_on desc
        ) = 1

)

select * from final
