-- An alias of an unknown model would take labels off the board without a word.
with requested as (

    select * from {{ source('request', 'aliases') }}

),

judged as (

    select
        requested.origin,
        requested.alias,
        case
            when models.model_id is null then requested.model_id || ' is no model of seeds/identity/models.csv'
            when requested.source_key is not null and sources.source_key is null
                then requested.source_key || ' is no source of seeds/catalogue/sources.csv'
        end as problem
    from requested
    left join {{ ref('models') }} as models on requested.model_id = models.model_id
    left join {{ ref('sources') }} as sources on requested.source_key = sources.source_key

),

final as (

    select
        origin as file,
        alias as row_name,
        problem,
        'Correct the name, or add its row to the seed' as remedy
    from judged
    where problem is not null

)

select * from final
