-- One row per source, board, model and metric: the figure of the configuration that stands for the model.
with scores as (

    select
        source_key,
        endpoint,
        row_ordinal,
        metric_key,
        raw_value,
        observed_on,
        payload_sha256,
        source_url,
        fetched_at,
        label_field
    from {{ ref('int_scores_published') }}

),

identified as (

    select * from {{ ref('int_rows_identified') }}
    where model_id is not null

),

labels as (

    select
        source_key,
        endpoint,
        row_ordinal,
        label_field,
        label
    from {{ ref('int_labels_published') }}

),

sources as (

    select
        source_key,
        ordering_metric_key
    from {{ ref('sources') }}

),

metrics as (

    select
        metric_key,
        higher_is_better
    from {{ ref('metrics') }}

),

effort_ranks as (

    select
        effort,
        effort_rank
    from {{ ref('effort_ranks') }}

),

selection_rules as (

    select * from {{ ref('selection_rules') }}

),

-- A row's figures once, not once per name field.
figures as (

    select distinct * exclude (label_field) from scores

),

demoted as (

    select
        labels.source_key,
        labels.endpoint,
        labels.row_ordinal,
        max(selection_rules.preference) as preference
    from labels
    inner join selection_rules
        on
            labels.source_key = selection_rules.source_key
            and labels.label_field = selection_rules.field
            and labels.label ilike selection_rules.pattern
    group by labels.source_key, labels.endpoint, labels.row_ordinal

),

-- What a row says, in one hash: it settles rows that agree in all else, so that their order in the payload never does.
contents as (

    select
        source_key,
        endpoint,
        row_ordinal,
        md5(string_agg(metric_key || '=' || raw_value, ',' order by metric_key)) as content
    from figures
    group by source_key, endpoint, row_ordinal

),

-- The board's own yardstick, turned so that larger is better.
yardsticks as (

    select
        figures.source_key,
        figures.endpoint,
        figures.row_ordinal,
        case when metrics.higher_is_better then figures.raw_value else -figures.raw_value end as yardstick
    from figures
    inner join sources
        on figures.source_key = sources.source_key and figures.metric_key = sources.ordering_metric_key
    inner join metrics on figures.metric_key = metrics.metric_key

),

-- Effort first, then the served variant, then the board's yardstick, then the label.
candidates as (

    select
        identified.*,
        count(*) over (
            partition by identified.source_key, identified.endpoint, identified.model_id
        ) as variant_count,
        row_number() over (
            partition by identified.source_key, identified.endpoint, identified.model_id
            order by
                effort_ranks.effort_rank asc,
                coalesce(demoted.preference, 0) asc,
                yardsticks.yardstick desc nulls last,
                identified.label asc,
                identified.agent asc nulls last,
                contents.content asc nulls last
        ) as candidate_rank
    from identified
    inner join effort_ranks on identified.effort = effort_ranks.effort
    left join demoted
        on
            identified.source_key = demoted.source_key
            and identified.endpoint = demoted.endpoint
            and identified.row_ordinal = demoted.row_ordinal
    inner join contents
        on
            identified.source_key = contents.source_key
            and identified.endpoint = contents.endpoint
            and identified.row_ordinal = contents.row_ordinal
    left join yardsticks
        on
            identified.source_key = yardsticks.source_key
            and identified.endpoint = yardsticks.endpoint
            and identified.row_ordinal = yardsticks.row_ordinal

),

-- The first candidate supplies every metric that it has, the next one what is still lacking.
final as (

    select
        candidates.source_key,
        candidates.endpoint,
        candidates.model_id,
        figures.metric_key,
        figures.raw_value,
        candidates.label,
        candidates.effort,
        candidates.agent,
        candidates.variant_count,
        figures.observed_on,
        figures.source_url,
        figures.payload_sha256,
        figures.fetched_at
    from candidates
    inner join figures
        on
            candidates.source_key = figures.source_key
            and candidates.endpoint = figures.endpoint
            and candidates.row_ordinal = figures.row_ordinal
    where figures.raw_value is not null
    qualify row_number() over (
            partition by
                candidates.source_key, candidates.endpoint, candidates.model_id, figures.metric_key
            order by candidates.candidate_rank asc
        ) = 1

)

select * from final
