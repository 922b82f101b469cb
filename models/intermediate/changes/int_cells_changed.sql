-- One row per model and metric whose figure is another one than on the compared board: what happened to it, and why.
with previous as (

    select board_key from {{ ref('int_editions') }}
    where edition = 'previous'

),

before as (

    select cells.*
    from {{ source('history', 'cells') }} as cells
    inner join previous on cells.board_key = previous.board_key

),

evidence as (

    select * from {{ ref('int_evidence') }}
    where raw_value is not null and (select count(*) from previous) > 0

),

metrics as (

    select
        metric_key,
        source_key,
        starts_with(unit, 'USD') as is_price
    from {{ ref('metrics') }}

),

sources as (

    select
        source_key,
        is_same_payload
    from {{ ref('int_sources_compared') }}

),

evidence_classes as (

    select
        evidence_class,
        is_measured
    from {{ ref('int_evidence_classes') }}

),

paired as (

    select
        coalesce(before.model_id, evidence.model_id) as model_id,
        coalesce(before.metric_key, evidence.metric_key) as metric_key,
        before.raw_value as raw_before,
        evidence.raw_value as raw_after,
        before.evidence_class as evidence_class_before,
        evidence.evidence_class as evidence_class_after,
        before.source_key as source_before,
        evidence.source_key as source_after,
        before.label as label_before,
        evidence.label as label_after,
        before.donor_model_id as donor_before,
        evidence.donor_model_id as donor_after,
        -- Which row of which source it is.
        [before.source_key, before.label, before.effort, before.agent, before.citation] as row_before,
        [evidence.source_key, evidence.label, evidence.effort, evidence.agent, evidence.citation] as row_after
    from before
    full outer join evidence
        on before.model_id = evidence.model_id and before.metric_key = evidence.metric_key

),

changed as (

    select
        paired.*,
        metrics.source_key as metric_source_key,
        coalesce(metrics.is_price, false) as is_price,
        coalesce(classes_before.is_measured, false) as had_figure,
        coalesce(classes_after.is_measured, false) as has_figure,
        -- Cited figures lie in no payload; one that only came from or went to a payload hangs on that.
        coalesce(sources_before.is_same_payload, sources_after.is_same_payload, false)
        and coalesce(sources_after.is_same_payload, sources_before.is_same_payload, false) as has_same_payload
    from paired
    left join metrics on paired.metric_key = metrics.metric_key
    left join evidence_classes as classes_before
        on paired.evidence_class_before = classes_before.evidence_class
    left join evidence_classes as classes_after on paired.evidence_class_after = classes_after.evidence_class
    left join sources as sources_before
        on paired.source_before = sources_before.source_key and classes_before.is_measured
    left join sources as sources_after
        on paired.source_after = sources_after.source_key and classes_after.is_measured
    where
        paired.raw_before is distinct from paired.raw_after
        or paired.evidence_class_before is distinct from paired.evidence_class_after
        or paired.row_before <> paired.row_after
        or paired.donor_before is distinct from paired.donor_after

),

described as (

    select
        *,
        case
            when has_figure and not had_figure then 'figure_came'
            when had_figure and not has_figure then 'figure_left'
            when has_figure and row_before <> row_after then 'row_changed'
            when has_figure then 'figure_changed'
            when raw_before is null then 'estimate_came'
            when raw_after is null then 'estimate_left'
            else 'estimate_changed'
        end as what_happened
    from changed

),

-- What the same payload says anew is the method's doing, whatever else it looks like.
caused as (

    select
        *,
        case
            when not had_figure and not has_figure then null
            when has_same_payload then 'method'
            when is_price then 'price'
            when what_happened = 'row_changed' then 'selection'
            else 'data'
        end as own_cause
    from described

),

-- An estimate moves with the figures of its metric, and within the cap with those of its source; where none of them
-- moved by evidence, the method moved it.
final as (

    select
        model_id,
        metric_key,
        what_happened,
        coalesce(
            own_cause,
            case
                when
                    not coalesce(bool_or(own_cause <> 'method') over (partition by metric_key), false)
                    and not coalesce(bool_or(own_cause <> 'method') over (partition by metric_source_key), false)
                    then 'method'
                when is_price then 'price'
                else 'fill'
            end
        ) as cause,
        raw_before,
        raw_after,
        evidence_class_before,
        evidence_class_after,
        source_before,
        source_after,
        label_before,
        label_after,
        donor_before,
        donor_after
    from caused

)

select * from final
