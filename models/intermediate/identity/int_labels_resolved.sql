-- One row per distinct published label of every name field: the model it names, or null.
with published as (

    select * from {{ ref('int_labels_published') }}

),

rows_excluded as (

    select
        source_key,
        endpoint,
        row_ordinal,
        reason
    from {{ ref('int_rows_excluded') }}
    where is_system

),

names as (

    select * from {{ ref('int_names_normalized') }}

),

peeled as (

    select * from {{ ref('int_names_peeled') }}

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

exclusions as (

    select
        source_key,
        field,
        pattern,
        reason
    from {{ ref('exclusions') }}
    where scope = 'label'

),

-- A label that stands on systems of models alone names none of them.
labels as (

    select
        published.label_id,
        published.source_key,
        published.label_field,
        published.label,
        published.model_text,
        published.vendor_hint,
        count(*) as row_count,
        -- An agent that the label itself names, beside the model.
        min(published.agent) filter (where contains(published.label, published.agent)) as named_agent,
        case when count(*) = count(rows_excluded.reason) then min(rows_excluded.reason) end as system_reason
    from published
    left join rows_excluded
        on
            published.source_key = rows_excluded.source_key
            and published.endpoint = rows_excluded.endpoint
            and published.row_ordinal = rows_excluded.row_ordinal
    group by
        published.label_id,
        published.source_key,
        published.label_field,
        published.label,
        published.model_text,
        published.vendor_hint

),

registered as (

    select
        registry_names.model_id,
        registry_names.source_key,
        names.normalized_name,
        names.name_key
    from {{ ref('int_registry_names') }} as registry_names
    inner join names on registry_names.name = names.text

),

-- First claim on a name wins, in the order of the model ids; a second claim fails a test.
claims as (

    select
        normalized_name as claimed,
        false as is_key,
        source_key,
        min(model_id) as model_id
    from registered
    group by normalized_name, source_key

    union all

    select
        name_key as claimed,
        true as is_key,
        source_key,
        min(model_id) as model_id
    from registered
    group by name_key, source_key

),

excluded as (

    select
        labels.label_id,
        min(exclusions.reason) as reason
    from labels
    inner join exclusions
        on
            labels.source_key = exclusions.source_key
            and labels.label_field = exclusions.field
            and labels.label ilike exclusions.pattern
    group by labels.label_id

),

worded as (

    select
        labels.*,
        names.normalized_name,
        coalesce(names.agent, labels.named_agent) as agent,
        hints.normalized_name as vendor_words,
        coalesce(labels.system_reason, excluded.reason) as exclusion_reason
    from labels
    inner join names on labels.model_text = names.text
    left join names as hints on labels.vendor_hint = hints.text
    left join excluded on labels.label_id = excluded.label_id

),

forms as (

    select
        worded.label_id,
        worded.source_key,
        worded.vendor_words,
        worded.exclusion_reason,
        peeled.form,
        peeled.form_key,
        peeled.depth,
        peeled.peeled_phrase
    from worded
    inner join peeled on worded.normalized_name = peeled.name

),

-- The match order: the name, its key, and both again with the vendor in front, for each form from the whole name on.
ways as (

    select
        label_id,
        source_key,
        depth,
        {{ unnested(struct_list([
            {'rule_rank': 1, 'match_rule': "'name'", 'is_key': 'false', 'attempted': 'form'},
            {'rule_rank': 2, 'match_rule': "'key'", 'is_key': 'true', 'attempted': 'form_key'},
            {
                'rule_rank': 3, 'match_rule': "'vendor_name'", 'is_key': 'false',
                'attempted': "vendor_words || ' ' || form"
            },
            {
                'rule_rank': 4, 'match_rule': "'vendor_key'", 'is_key': 'true',
                'attempted': squash('vendor_words') ~ ' || form_key'
            },
        ])) }} as way
    from forms
    where exclusion_reason is null

),

attempts as (

    select
        label_id,
        source_key,
        depth,
        way.rule_rank,
        way.match_rule,
        way.is_key,
        way.attempted
    from ways

),

-- A name that is scoped to the source goes before the same name at large.
matched as (

    select
        attempts.label_id,
        attempts.depth,
        attempts.match_rule,
        claims.model_id,
        claims.claimed
    from attempts
    inner join claims
        on
            attempts.attempted = claims.claimed
            and attempts.is_key = claims.is_key
            and (claims.source_key is null or attempts.source_key = claims.source_key)
    qualify row_number() over (
            partition by attempts.label_id
            order by attempts.depth asc, attempts.rule_rank asc, claims.source_key asc nulls last
        ) = 1

),

-- What was taken off on the way to the match, or all that can be taken off where nothing matched.
stated_efforts as (

    select
        forms.label_id,
        effort_ranks.effort
    from forms
    inner join qualifiers on forms.peeled_phrase = qualifiers.phrase
    inner join effort_ranks on qualifiers.effort = effort_ranks.effort
    left join matched on forms.label_id = matched.label_id
    where matched.depth is null or forms.depth <= matched.depth
    qualify row_number() over (
            partition by forms.label_id
            order by effort_ranks.stated_precedence asc, effort_ranks.effort_rank asc
        ) = 1

),

final as (

    select
        worded.label_id,
        worded.source_key,
        worded.label_field,
        worded.label,
        worded.vendor_hint,
        worded.row_count,
        worded.normalized_name,
        matched.model_id,
        matched.claimed as matched_name,
        stated_efforts.effort,
        worded.agent,
        worded.exclusion_reason,
        case
            when worded.exclusion_reason is not null then 'excluded'
            when matched.depth > 0 then matched.match_rule || '_peeled'
            else matched.match_rule
        end as match_rule
    from worded
    left join matched on worded.label_id = matched.label_id
    left join stated_efforts on worded.label_id = stated_efforts.label_id

)

select * from final
