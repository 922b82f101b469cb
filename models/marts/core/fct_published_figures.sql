-- One row per source row and metric that it has a figure of, whether or not its model is on the board.
with scores as (

    select * from {{ ref('int_scores_published') }}

),

labels as (

    select * from {{ ref('int_labels_published') }}

),

identified as (

    select * from {{ ref('int_rows_identified') }}

),

-- A row's figures once, not once per name field.
figures as (

    select distinct
        source_key,
        endpoint,
        row_ordinal,
        metric_key,
        raw_value,
        value_low,
        value_high,
        observed_on
    from scores
    where raw_value is not null

),

first_labels as (

    select
        source_key,
        endpoint,
        row_ordinal,
        arg_min(label, label_field) as label
    from labels
    group by source_key, endpoint, row_ordinal

),

selected as (

    select
        source_key,
        endpoint,
        row_ordinal,
        metric_key
    from {{ ref('int_figures_measured') }}
    where evidence_class = 'direct'

),

final as (

    select
        figures.source_key,
        figures.endpoint,
        figures.row_ordinal,
        figures.metric_key,
        case when identified.model_id is null then first_labels.label else identified.label end as label,
        identified.model_id,
        identified.exclusion_reason,
        identified.effort,
        identified.agent,
        figures.raw_value,
        figures.value_low,
        figures.value_high,
        figures.observed_on,
        selected.row_ordinal is not null as is_selected
    from figures
    inner join identified
        on
            figures.source_key = identified.source_key
            and figures.endpoint = identified.endpoint
            and figures.row_ordinal = identified.row_ordinal
    inner join first_labels
        on
            figures.source_key = first_labels.source_key
            and figures.endpoint = first_labels.endpoint
            and figures.row_ordinal = first_labels.row_ordinal
    left join selected
        on
            figures.source_key = selected.source_key
            and figures.endpoint = selected.endpoint
            and figures.row_ordinal = selected.row_ordinal
            and figures.metric_key = selected.metric_key

)

select * from final
