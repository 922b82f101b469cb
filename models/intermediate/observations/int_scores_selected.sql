-- One row per source, board, model and metric: the figure of the configuration that stands for the model.
with scores as (

    select
        source_key,
        endpoint,
        row_ordinal,
        metric_key,
        raw_value,
        value_low,
        value_high,
        uncertainty,
        observed_on,
        payload_sha256,
        source_url,
        fetched_at
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
        label,
        row_traits
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

    select distinct
        source_key,
        endpoint,
        row_ordinal,
        metric_key,
        raw_value,
        value_low,
        value_high,
        uncertainty,
        observed_on,
        payload_sha256,
        source_url,
        fetched_at
    from scores
    where raw_value is not null

),

-- What a row says, in one hash: it settles rows that agree in all else, so that their order in the payload never does.
contents as (

    select
        source_key,
        endpoint,
        row_ordinal,
        md5({{ joined_in_order("metric_key || '=' || raw_value", ',', 'metric_key') }}) as content
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

candidates as (

    select
        identified.source_key,
        identified.endpoint,
        identified.row_ordinal,
        identified.model_id,
        identified.label,
        identified.effort,
        identified.agent,
        identified.row_traits,
        figures.metric_key,
        figures.raw_value,
        figures.value_low,
        figures.value_high,
        figures.uncertainty,
        figures.observed_on,
        figures.source_url,
        figures.payload_sha256,
        figures.fetched_at,
        effort_ranks.effort_rank,
        yardsticks.yardstick,
        contents.content,
        case when metrics.higher_is_better then figures.raw_value else -figures.raw_value end as own_yardstick,
        count(*) over (
            partition by identified.source_key, identified.endpoint, identified.model_id, figures.metric_key
        ) as variant_count
    from identified
    inner join effort_ranks on identified.effort = effort_ranks.effort
    inner join figures
        on
            identified.source_key = figures.source_key
            and identified.endpoint = figures.endpoint
            and identified.row_ordinal = figures.row_ordinal
    inner join metrics on figures.metric_key = metrics.metric_key
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

-- What a rule says about a row holds for the metric that it names, or for all.
preferences as (

    select
        candidates.source_key,
        candidates.endpoint,
        candidates.row_ordinal,
        candidates.metric_key,
        max(selection_rules.preference) as preference
    from candidates
    inner join labels
        on
            candidates.source_key = labels.source_key
            and candidates.endpoint = labels.endpoint
            and candidates.row_ordinal = labels.row_ordinal
    inner join selection_rules
        on
            candidates.source_key = selection_rules.source_key
            and candidates.metric_key = coalesce(selection_rules.metric_key, candidates.metric_key)
            and case selection_rules.field
                when 'row_traits' then labels.row_traits
                when labels.label_field then labels.label
            end ilike selection_rules.pattern
    group by candidates.source_key, candidates.endpoint, candidates.row_ordinal, candidates.metric_key

),

-- Effort first, then the rules, the yardstick and the label: the same row supplies every metric that it has, and the
-- next one what is still lacking.
final as (

    select
        candidates.source_key,
        candidates.endpoint,
        candidates.row_ordinal,
        candidates.model_id,
        candidates.metric_key,
        candidates.raw_value,
        candidates.value_low,
        candidates.value_high,
        candidates.uncertainty,
        candidates.label,
        candidates.effort,
        candidates.agent,
        candidates.variant_count,
        candidates.observed_on,
        candidates.source_url,
        candidates.payload_sha256,
        candidates.fetched_at
    from candidates
    left join preferences
        on
            candidates.source_key = preferences.source_key
            and candidates.endpoint = preferences.endpoint
            and candidates.row_ordinal = preferences.row_ordinal
            and candidates.metric_key = preferences.metric_key
    qualify row_number() over (
            partition by
                candidates.source_key, candidates.endpoint, candidates.model_id, candidates.metric_key
            order by
                candidates.effort_rank asc,
                coalesce(preferences.preference, 0) asc,
                candidates.yardstick desc nulls last,
                case when candidates.yardstick is null then candidates.own_yardstick end desc nulls last,
                candidates.label asc,
                candidates.agent asc nulls last,
                candidates.row_traits desc nulls last,
                candidates.content asc,
                candidates.observed_on desc nulls last,
                candidates.uncertainty asc nulls last,
                candidates.value_low desc nulls last,
                candidates.value_high asc nulls last
        ) = 1

)

select * from final
