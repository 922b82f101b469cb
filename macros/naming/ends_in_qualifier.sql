{% macro ends_in_qualifier(form, qualifier) -%}
    {#-
        Whether a name ends in a phrase of a relation of qualifiers, and not in the product's own name. Dates and budgets
        are recognised by their shape, every digit written as 9.
    -#}
    (
        ends_with(
            case
                when {{ qualifier }}.is_digit_shape then {{ replace_pattern(form, "'[0-9]'", "'9'") }}
                else {{ form }}
            end,
            ' ' || {{ qualifier }}.phrase
        )
        and not coalesce(ends_with({{ form }}, {{ qualifier }}.unless_after || ' ' || {{ qualifier }}.phrase), false)
    )
{%- endmacro %}
