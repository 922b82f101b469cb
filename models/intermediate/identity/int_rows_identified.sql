-- One row per source row: the one model that its name fields agree on, with the effort and agent they state.
with labels as (

    select * from {{ ref('int_labels_published') }}

),

resolved as (

    select
        label_id,
        model_id,
        effort,
        agent,
        exclusion_reason
    from {{ ref('int_labels_resolved') }}

),

sources as (

    select
        source_key,
        may_name_agents
    from {{ ref('sources') }}

),

names as (

    select
        text,
        normalized_name
    from {{ ref('int_names_normalized') }}

),

peeled as (

    select
        name,
        peeled_phrase
    from {{ ref('int_names_peeled') }}

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
    left join names on 'with ' || labels.effort_text = names.text
    left join peeled on names.normalized_name = peeled.name
    left join qualifiers on peeled.peeled_phrase = qualifiers.phrase
    inner join effort_ranks on effort_ranks.effort in (resolved.effort, qualifiers.effort)
    qualify row_number() over (
            partition by labels.source_key, labels.endpoint, labels.row_ordinal
            order by effort_ranks.stated_precedence asc, effort_ranks.effort_rank asc
        ) = 1

),

-- A name that no model answers to may be that of another product: it speaks against what the row's other names say.
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
        min(labels.label) as any_label,
        count(*) filter (
            where resolved.model_id is null and resolved.exclusion_reason is null and not sources.may_name_agents
        ) as nameless_labels
    from labels
    inner join resolved on labels.label_id = resolved.label_id
    inner join sources on labels.source_key = sources.source_key
    group by labels.source_key, labels.endpoint, labels.row_ordinal

),

final as (

    select
        agreed.source_key,
        agreed.endpoint,
        agreed.row_ordinal,
        case
            when
                excluded.reason is null
                and agreed.first_model_id = agreed.last_model_id
                and agreed.nameless_labels = 0
                then agreed.first_model_id
        end as model_id,
        coalesce(agreed.stating_label, agreed.matched_label, agreed.any_label) as label,
        coalesce(efforts.effort, 'default') as effort,
        agreed.agent,
        agreed.row_traits,
        excluded.reason as exclusion_reason,
        excluded.reason is null
        and (
            agreed.first_model_id <> agreed.last_model_id
            or (agreed.first_model_id is not null and agreed.nameless_labels > 0)
        ) as is_conflict
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
