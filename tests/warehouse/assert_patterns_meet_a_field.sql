-- A pattern on a field that the source does not have never fires: what it should leave out is scored.
with patterns as (

    select
        source_key,
        field,
        pattern,
        'seeds/identity/exclusions.csv' as file
    from {{ ref('exclusions') }}

    union all

    select
        source_key,
        field,
        pattern,
        'seeds/identity/selection_rules.csv' as file
    from {{ ref('selection_rules') }}

),

fields as (

    select distinct
        source_key,
        label_field
    from {{ ref('int_labels_published') }}

),

final as (

    select
        patterns.file,
        patterns.source_key || ', ' || patterns.pattern as row_name,
        patterns.field || ' is no field of the source' as problem,
        'Write vendor_hint, row_traits, or one of '
        || {{ joined_in_order('fields.label_field', ', ', 'fields.label_field') }} as remedy
    from patterns
    inner join fields on patterns.source_key = fields.source_key
    where patterns.field not in ('vendor_hint', 'row_traits')
    group by patterns.file, patterns.source_key, patterns.pattern, patterns.field
    having not bool_or(patterns.field = fields.label_field)

)

select * from final
