-- One row per claim about this board: who vouches for what, and how many things it is about.
with claims as (

    select * from {{ ref('provenance_claims') }}

),

board as (

    select * from {{ ref('board') }}

),

sources as (

    select count(payload_sha256) as payload_count from {{ ref('stg_payloads__current') }}

),

labels as (

    select count(model_id) as label_count from {{ ref('int_labels_resolved') }}

),

snapshots as (

    select count(*) as snapshot_count from {{ ref('dim_snapshots') }}

),

counted as (

    select
        claims.*,
        case claims.claim_key
            when 'payloads' then sources.payload_count
            when 'snapshots' then snapshots.snapshot_count
            when 'measured' then board.measured_cells
            when 'reported' then board.reported_cells
            when 'identity' then labels.label_count
            when 'catalogue' then board.model_count
            when 'estimated' then board.estimated_cells
            when 'missing' then board.missing_cells
        end as thing_count,
        case claims.claim_key
            when 'payloads' then 'payloads'
            when 'snapshots' then 'snapshots'
            when 'identity' then 'labels'
            when 'catalogue' then 'models'
            when 'measured' then 'figures'
            when 'reported' then 'figures'
            when 'estimated' then 'figures'
            when 'missing' then 'figures'
        end as thing
    from claims
    cross join board
    cross join sources
    cross join labels
    cross join snapshots

),

final as (

    select
        claim_key,
        standing,
        position,
        subject,
        statement,
        thing_count::integer as thing_count,
        thing
    from counted

)

select * from final
