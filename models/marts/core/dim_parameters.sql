-- One row per parameter of the method in force on this board, the pulls of the evidence classes included.
with parameters as (

    select * from {{ ref('parameters') }}

),

requested as (

    select * from {{ source('request', 'parameters') }}

),

evidence_classes as (

    select * from {{ ref('int_evidence_classes') }}

),

final as (

    select
        parameters.parameter_key,
        coalesce(requested.parameter_value, parameters.parameter_value) as parameter_value,
        parameters.rationale
    from parameters
    left join requested on parameters.parameter_key = requested.parameter_key

    union all

    select
        'pull.' || evidence_class as parameter_key,
        pull::varchar as parameter_value,
        rationale
    from evidence_classes

)

select * from final
