-- A misspelt or unreadable parameter would fall back to nothing and turn every score into a null.
with seeded as (

    select
        parameter_key,
        parameter_value,
        'seeds/coefficients/parameters.csv' as origin
    from {{ ref('parameters') }}

),

pulls as (

    select
        'pull.' || evidence_class as parameter_key,
        pull::varchar as parameter_value,
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

    select * from known
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
            when try_cast(given.parameter_value as double) is null then 'is not a number'
            when not isfinite(given.parameter_value::double) or given.parameter_value::double < 0
                then 'is not a number of 0 or more'
            when given.parameter_key not in ('small_population', 'tail_knee_score', 'min_direct_population')
                and given.parameter_value::double > 1
                then 'is larger than 1'
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
