-- One row per model, name it is known by, and source in which that name holds (null: any).
with models as (

    select
        model_id,
        display_name
    from {{ ref('models') }}

),

aliases as (

    select
        model_id,
        alias,
        source_key
    from {{ ref('aliases') }}
    union
    select
        model_id,
        alias,
        source_key
    from {{ source('request', 'aliases') }}

),

own_names as (

    select
        model_id,
        model_id as name
    from models
    union all
    select
        model_id,
        split_part(model_id, '/', 2) as name
    from models
    union all
    select
        model_id,
        display_name as name
    from models

),

final as (

    select
        model_id,
        name,
        null::string as source_key,
        null::string as alias
    from own_names
    union all
    select
        model_id,
        alias as name,
        source_key,
        alias
    from aliases
    union all
    -- Catalogues write the organisation in front of whichever spelling they use.
    select
        model_id,
        split_part(model_id, '/', 1) || '/' || alias as name,
        source_key,
        alias
    from aliases
    where not contains(alias, '/')

)

select * from final
