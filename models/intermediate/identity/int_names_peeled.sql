-- One row per name and form of it: as it stands, then with one more trailing qualifier taken off.
with recursive names as (

    select distinct normalized_name as name from {{ ref('int_names_normalized') }}

),

qualifiers as (

    select
        phrase,
        is_digit_shape,
        unless_after
    from {{ ref('qualifiers') }}

),

forms as (

    select
        name,
        name as form,
        0 as depth,
        null::varchar as peeled_phrase
    from names

    union all

    -- Dates and budgets are recognised by their shape, every digit written as 9. The longest phrase is read first.
    (
        select
            forms.name,
            left(forms.form, length(forms.form) - length(qualifiers.phrase) - 1) as form,
            forms.depth + 1 as depth,
            qualifiers.phrase as peeled_phrase
        from forms
        inner join qualifiers
            on ends_with(
                    case
                        when qualifiers.is_digit_shape then regexp_replace(forms.form, '[0-9]', '9', 'g')
                        else forms.form
                    end,
                    ' ' || qualifiers.phrase
                )
                and not coalesce(
                    ends_with(forms.form, qualifiers.unless_after || ' ' || qualifiers.phrase), false
                )
        qualify row_number() over (
                partition by forms.name order by length(qualifiers.phrase) desc, qualifiers.phrase asc
            ) = 1
    )

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
