-- One row per source row that is left out, with the reason; nothing of it is scored.
with labels as (

    select * from {{ ref('int_labels_published') }}

),

exclusions as (

    select
        source_key,
        field,
        comparison,
        pattern,
        scope,
        reason
    from {{ ref('exclusions') }}
    where scope in ('row', 'system')

),

compared as (

    select
        labels.source_key,
        labels.endpoint,
        labels.row_ordinal,
        exclusions.scope,
        exclusions.reason,
        exclusions.comparison = 'like' as is_named,
        coalesce(
            case exclusions.field
                when 'vendor_hint' then labels.vendor_hint
                when 'row_traits' then labels.row_traits
                else labels.label
            end, ''
        ) ilike exclusions.pattern as is_like
    from labels
    inner join exclusions
        on
            labels.source_key = exclusions.source_key
            and exclusions.field in ('vendor_hint', 'row_traits', labels.label_field)

),

-- A row that is no single model is one whatever else can be said of it.
final as (

    select
        source_key,
        endpoint,
        row_ordinal,
        reason,
        scope = 'system' as is_system
    from compared
    where is_like = is_named
    qualify row_number() over (
            partition by source_key, endpoint, row_ordinal order by is_system desc, reason asc
        ) = 1

)

select * from final
