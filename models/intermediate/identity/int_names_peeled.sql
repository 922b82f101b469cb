-- One row per name and form of it: as it stands, then with one more trailing qualifier taken off.
with recursive names as (

    select distinct normalized_name as name from {{ ref('int_names_normalized') }}

),

qualifiers as (

    select
        phrase,
        is_digit_shape,
        unless_after,
        row_number() over (order by length(phrase) desc, phrase asc) as precedence
    from {{ ref('qualifiers') }}

),

forms as (

    select
        name,
        name as form,
        0 as depth,
        null::string as peeled_phrase
    from names

    union all

    -- The longest phrase is read first: of what can be taken off, nothing may go before it.
    select
        forms.name,
        left(forms.form, length(forms.form) - length(qualifiers.phrase) - 1) as form,
        forms.depth + 1 as depth,
        qualifiers.phrase as peeled_phrase
    from forms
    inner join qualifiers on {{ ends_in_qualifier('forms.form', 'qualifiers') }}
    left join qualifiers as longer
        on qualifiers.precedence > longer.precedence and {{ ends_in_qualifier('forms.form', 'longer') }}
    where longer.phrase is null

),

final as (

    select
        name,
        form,
        {{ squash('form') }} as form_key,
        depth,
        peeled_phrase
    from forms

)

select * from final
