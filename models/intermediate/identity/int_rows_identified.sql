-- One row per source row: the one model that its name fields agree on, with the effort and agent they state.
with labels as (

    select * from {{ ref('int_labels_published') }}

),

resolved as (

    select
        label_id,
        model_id,
        effort,
        agent
    from {{ ref('int_labels_resolved') }}

),

names as (

    select
        text,
        normalized_name
    from {{ ref('int_names_normalized') }}

),

qualifiers as (

    select
        phrase,
        effort
    from {{ ref('qualifiers') }}

),

effort_ranks as (

    select
        effort,
        effort_rank,
        stated_precedence
    from {{ ref('effort_ranks') }}

),

excluded as (

    select
        source_key,
        endpoint,
        row_ordinal,
        reason
    from {{ ref('int_rows_excluded') }}

),

-- An effort may be said by the source's own field as well as by any of the labels.
efforts as (

    select
        labels.source_key,
        labels.endpoint,
        labels.row_ordinal,
        effort_ranks.effort
    from labels
    left join resolved on labels.label_id = resolved.label_id
    left join names on labels.effort_text = names.text
    left join qualifiers on names.normalized_name = qualifiers.phrase
    inner join effort_ranks on effort_ranks.effort in (resolved.effort, qualifiers.effort)
    qualify row_number() over (
            partition by labels.source_key, labels.endpoint, labels.row_ordinal
            order by effort_ranks.stated_precedence asc, effort_ranks.effort_rank asc
        ) = 1

),

agreed as (

    select
        labels.source_key,
        labels.endpoint,
        labels.row_ordinal,
        min(resolved.model_id) as first_model_id,
        max(resolved.model_id) as last_model_id,
        coalesce(min(labels.agent), min(resolved.agent)) as agent,
        min(labels.row_traits) as row_traits,
        min(labels.label) filter (where resolved.model_id is not null and resolved.effort is not null)
            as stating_label,
        min(labels.label) filter (where resolved.model_id is not null) as matched_label,
        min(labels.label) as any_label
    from labels
    inner join resolved on labels.label_id = resolved.label_id
    group by labels.source_key, labels.endpoint, labels.row_ordinal

),

final as (

    select
        agreed.source_key,
        agreed.endpoint,
        agreed.row_ordinal,
        case
            when excluded.reason is null and agreed.first_model_id = agreed.last_model_id
                then agreed.first_model_id
        end as model_id,
        coalesce(agreed.stating_label, agreed.matched_label, agreed.any_label) as label,
        coalesce(efforts.effort, 'default') as effort,
        agreed.agent,
        agreed.row_traits,
        excluded.reason as exclusion_reason,
        agreed.first_model_id <> agreed.last_model_id as is_conflict
    from agreed
    left join efforts
        on
            agreed.source_key = efforts.source_key
            and agreed.endpoint = efforts.endpoint
            and agreed.row_ordinal = efforts.row_ordinal
    left join excluded
        on
            agreed.source_key = excluded.source_key
            and agreed.endpoint = excluded.endpoint
            and agreed.row_ordinal = excluded.row_ordinal

)

select * from final
