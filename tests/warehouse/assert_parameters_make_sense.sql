-- A misspelt or unreadable parameter would fall back to nothing and turn every score into a null.
with seeded as (

    select
        parameter_key,
        parameter_value,
        lowest,
        highest,
        'seeds/coefficients/parameters.csv' as origin
    from {{ ref('parameters') }}

),

pulls as (

    select
        'pull.' || evidence_class as parameter_key,
        pull::string as parameter_value,
        '0' as lowest,
        '1' as highest,
        'seeds/coefficients/evidence_classes.csv' as origin
    from {{ ref('evidence_classes') }}

),

known as (

    select * from seeded
    union all
    select * from pulls

),

requested as (

    select
        parameter_key,
        parameter_value,
        origin
    from {{ source('request', 'parameters') }}

),

given as (

    select
        parameter_key,
        parameter_value,
        origin
    from known
    union all
    select * from requested

),

judged as (

    select
        given.*,
        case
            when known.parameter_key is null then 'no parameter has this name'
            when given.parameter_key = 'empty_composite'
                then
                    case
                        when given.parameter_value not in ('neutral', 'absent') then 'is neither neutral nor absent'
                    end
            when known.highest is null and coalesce(given.parameter_value, '') = '' then 'is empty'
            when known.highest is null then null
            when try_cast(given.parameter_value as double) is null then 'is not a number'
            when not isfinite(given.parameter_value::double) or given.parameter_value::double < known.lowest::double
                then 'is not a number of ' || known.lowest || ' or more'
            when given.parameter_value::double > known.highest::double
                then 'is larger than ' || known.highest
        end as problem
    from given
    left join known on given.parameter_key = known.parameter_key

),

final as (

    select
        origin as file,
        parameter_key || ' = ' || coalesce(parameter_value, '(empty)') as row_name,
        problem,
        'Write a value as in the seeds' as remedy
    from judged
    where problem is not null

)

select * from final
