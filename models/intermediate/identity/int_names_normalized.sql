-- One row per distinct text that names a model: published labels, registry names, vendor hints.
with labels as (

    select distinct model_text as text from {{ ref('int_labels_published') }}

),

vendor_hints as (

    select distinct vendor_hint as text
    from {{ ref('int_labels_published') }}
    where vendor_hint is not null

),

efforts as (

    -- A word in front, so that all of it can be peeled.
    select distinct 'with ' || effort_text as text
    from {{ ref('int_labels_published') }}
    where effort_text is not null

),

registry_names as (

    select distinct name as text from {{ ref('int_registry_names') }}

),

harnesses as (

    select
        agent,
        {{ squash(norm('harness')) }} as harness_key
    from {{ ref('harnesses') }}

),

organisation_words as (

    select
        phrase,
        word
    from {{ ref('organisation_words') }}

),

texts as (

    select text from labels
    union
    select text from vendor_hints
    union
    select text from efforts
    union
    select text from registry_names

),

remarks as (

    select
        text,
        {{ unnested("regexp_extract_all(text, '[(]([^()]*)[)]', 1)") }} as remark
    from texts

),

-- A harness in parentheses, wherever it stands, says who drove the model and not which model it was. A lone number in
-- brackets is a footnote, and must not become the version of the name before it.
driven as (

    select
        remarks.text,
        string_agg(regexp_escape(remarks.remark), '|') as remarks,
        min_by(harnesses.agent, instr(remarks.text, remarks.remark)) as agent
    from remarks
    inner join harnesses on {{ squash(norm('remarks.remark')) }} = harnesses.harness_key
    group by remarks.text

),

worded as (

    select
        texts.text,
        driven.agent,
        {{ norm(replace_pattern(
            replace_pattern('texts.text', "coalesce('[(](' || driven.remarks || ')[)]', '^$')", "' '"),
            "'[\\[(] *[0-9]{1,2} *[\\])]'", "' '"
        )) }} as words
    from texts
    left join driven on texts.text = driven.text

),

-- One company is written in several ways; the longest spelling met is replaced by its word.
organised as (

    select
        worded.text,
        worded.agent,
        trim(coalesce(
            replace(
                ' ' || worded.words || ' ',
                ' ' || organisation_words.phrase || ' ',
                ' ' || organisation_words.word || ' '
            ),
            worded.words
        )) as normalized_name
    from worded
    left join organisation_words
        on contains(' ' || worded.words || ' ', ' ' || organisation_words.phrase || ' ')
    qualify row_number() over (
            partition by worded.text order by length(organisation_words.phrase) desc nulls last
        ) = 1

),

final as (

    select
        text,
        agent,
        normalized_name,
        {{ squash('normalized_name') }} as name_key
    from organised

)

select * from final
