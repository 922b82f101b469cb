-- One row per edition and registry model: the number that stands for the pair where millions of cells are joined.
with editions as (

    select edition from {{ ref('int_editions') }}
    union all
    -- The board without its estimates is placed, and not scored.
    select 'measured' as edition

),

models as (

    select model_id
    from {{ ref('models') }}

),

final as (

    select
        row_number() over (order by editions.edition asc, models.model_id asc)::integer as entry_no,
        editions.edition,
        models.model_id,
        editions.edition <> 'measured' as is_scored
    from editions
    cross join models

)

select * from final
