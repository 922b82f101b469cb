-- A score without a figure, or a figure that names neither source nor citation, is a number without proof.
with cells as (

    select * from {{ ref('fct_metric_scores') }}

),

final as (

    select
        model_id,
        metric_key,
        evidence_class
    from cells
    where
        (evidence_class = 'direct' and (raw_value is null or label is null or payload_sha256 is null))
        or (evidence_class = 'override' and (raw_value is null or citation is null))
        or (evidence_class like 'fill_%' and (
            raw_value is null or donor_model_id is null or chain_length < 1
            or chain_length is null or (citation is null and payload_sha256 is null)
        ))
        or (evidence_class = 'missing' and (raw_value is not null or score is not null))

)

select * from final
