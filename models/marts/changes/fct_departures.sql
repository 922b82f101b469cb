-- One row per compared board and model, source or figure that it had and this one has not, with who answers for it.
with editions as (

    select
        board_key,
        kind
    from {{ ref('int_editions') }}
    where edition = 'previous'

),

-- The last snapshot asks for its own, whatever else the board is compared with.
previous as (

    select
        boards.board_key,
        boards.kind,
        boards.generated_at::date as last_seen_on
    from {{ source('history', 'boards') }} as boards
    left join editions on boards.board_key = editions.board_key
    where editions.board_key is not null or boards.kind = 'snapshot'
    qualify
        editions.board_key is not null
        or row_number() over (partition by boards.kind order by boards.generated_at desc, boards.label desc) = 1

),

models_left as (

    select distinct
        previous.board_key,
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
        previous.board_key,
        'source' as what,
        null::varchar as model_id,
        sources.source_key,
        null::varchar as metric_key
    from {{ source('history', 'sources') }} as sources
    inner join previous on sources.board_key = previous.board_key
    left join {{ ref('stg_payloads__current') }} as payloads
        on sources.source_key = payloads.source_key and payloads.payload_sha256 is not null
    where sources.payload_sha256 is not null and payloads.source_key is null

),

evidence_classes as (

    select evidence_class from {{ ref('int_evidence_classes') }}
    where is_measured

),

figures as (

    select
        evidence.model_id,
        evidence.metric_key
    from {{ ref('int_evidence') }} as evidence
    inner join evidence_classes on evidence.evidence_class = evidence_classes.evidence_class

),

-- A figure that went with its model or its source needs no word of its own.
figures_left as (

    select
        previous.board_key,
        'figure' as what,
        cells.model_id,
        cells.source_key,
        cells.metric_key
    from {{ source('history', 'cells') }} as cells
    inner join previous on cells.board_key = previous.board_key
    inner join evidence_classes on cells.evidence_class = evidence_classes.evidence_class
    left join figures on cells.model_id = figures.model_id and cells.metric_key = figures.metric_key
    left join models_left
        on cells.board_key = models_left.board_key and cells.model_id = models_left.model_id
    left join sources_left
        on cells.board_key = sources_left.board_key and cells.source_key = sources_left.source_key
    where figures.model_id is null and models_left.model_id is null and sources_left.source_key is null

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
        departed.board_key as compared_with,
        previous.kind,
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
    inner join previous on departed.board_key = previous.board_key
    left join adjudications
        on
            departed.what = adjudications.what
            and coalesce(departed.model_id = adjudications.model_id, adjudications.model_id is null)
            and coalesce(departed.source_key = adjudications.source_key, adjudications.source_key is null)
            and coalesce(departed.metric_key = adjudications.metric_key, adjudications.metric_key is null)
            and coalesce(previous.last_seen_on = adjudications.last_seen_on, adjudications.last_seen_on is null)
    qualify row_number() over (
            partition by
                departed.board_key, departed.what, departed.model_id, departed.source_key, departed.metric_key
            order by
                adjudications.last_seen_on is null asc,
                adjudications.model_id is null asc,
                adjudications.metric_key is null asc,
                adjudications.source_key is null asc,
                adjudications.decided_on desc
        ) = 1

)

select * from final
