-- One row per evidence class: its pull in force, the request's own before the seed's.
with evidence_classes as (

    select * from {{ ref('evidence_classes') }}

),

requested as (

    select
        parameter_key,
        parameter_value
    from {{ source('request', 'parameters') }}

),

final as (

    select
        evidence_classes.evidence_class,
        evidence_classes.label,
        evidence_classes.mark,
        coalesce(requested.parameter_value::double, evidence_classes.pull) as pull,
        evidence_classes.strength,
        evidence_classes.is_measured,
        evidence_classes.rationale
    from evidence_classes
    left join requested on 'pull.' || evidence_classes.evidence_class = requested.parameter_key

)

select * from final
