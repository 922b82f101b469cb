-- One row per entry and metric: the resolved share on the tasks that are younger than the model.
with source as (

    {{ current_rows('swerebench', 'items') }}

),

renamed as (

    select
        source_key,
        endpoint,
        row_ordinal,
        payload_sha256,
        url,
        fetched_at,

        -- names
        {{ json_text('payload', 'modelName') }} as model_name,
        null::string as vendor_hint,
        null::string as effort_text,
        null::string as agent,
        concat_ws(
            ' ',
            'mode=' || {{ json_text('payload', 'agentVersion') }},
            'type=' || coalesce({{ json_text('payload', 'meta.instance_type') }}, 'model'),
            'until=' || {{ json_text('payload', 'taskRangeTimestamp.to') }}
        ) as row_traits,

        -- Unix milliseconds; an older shape has seconds
        {{ json_number('payload', 'release.timestamp') }} as released_at,
        {{ json_number('payload', 'taskRangeTimestamp.from') }} as window_from,
        {{ json_number('payload', 'taskRangeTimestamp.to') }} as window_to,
        coalesce(
            {{ json_entries('payload', 'rangeStats.all') }},
            {{ json_entries('payload', 'rangeStats') }}
        ) as spans
    from source

),

opened as (

    select
        *,
        {{ unnested('spans') }} as span
    from renamed

),

spanned as (

    select
        source_key,
        endpoint,
        row_ordinal,
        {{ as_milliseconds('released_at') }} as released_at,
        {{ as_milliseconds('window_from') }} as window_from,
        {{ as_milliseconds('window_to') }} as window_to,
        {{ as_milliseconds("try_cast(split_part(span.key, ':', 1) as double)") }} as span_from,
        {{ as_milliseconds("try_cast(split_part(span.key, ':', 2) as double)") }} as span_to,
        {{ json_number('span.value', 'resolvedRate') }} as resolved_rate,
        {{ json_number('span.value', 'sem') }} as standard_error,
        {{ json_number('span.value', 'passN') }} as pass_n,
        {{ json_number('span.value', 'cachedTokenPercentage') }} as cached_share
    from opened
    where regexp_matches(span.key, '^[0-9]+:[0-9]+$')

),

-- A span without tasks is printed as zeros; a real zero has no share of cached tokens, or one above 0.
filled as (

    select *
    from spanned
    where
        resolved_rate is not null
        and span_to > span_from
        and not coalesce(
            resolved_rate = 0 and coalesce(standard_error, 0) = 0 and coalesce(pass_n, 0) = 0 and cached_share = 0,
            false
        )
    qualify row_number() over (
            partition by source_key, endpoint, row_ordinal, span_from, span_to order by resolved_rate desc
        ) = 1

),

-- Tasks older than the model may be in its training data, so the span starts after the release: the one that reaches
-- furthest, and of those the longest.
fresh as (

    select *
    from filled
    where released_at is null or span_from >= released_at
    qualify row_number() over (
            partition by source_key, endpoint, row_ordinal order by span_to desc, span_from asc
        ) = 1

),

whole as (

    select *
    from filled
    where span_from = window_from and span_to = window_to

),

scored as (

    select
        renamed.*,
        fresh.resolved_rate,
        fresh.standard_error,
        fresh.pass_n,
        whole.resolved_rate as whole_window_rate,
        whole.standard_error as whole_window_error,
        date '1970-01-01' + floor(coalesce(fresh.span_to, renamed.window_to) / 86400000)::integer as observed_on
    from renamed
    left join fresh on renamed.endpoint = fresh.endpoint and renamed.row_ordinal = fresh.row_ordinal
    left join whole on renamed.endpoint = whole.endpoint and renamed.row_ordinal = whole.row_ordinal

),

final as (

    {{ score_rows(
        'scored',
        labels={'modelName': 'model_name'},
        metrics={
            'SWERebench': {'value': 'resolved_rate', 'uncertainty': 'standard_error'},
            'SWERebenchFullWindow': {'value': 'whole_window_rate', 'uncertainty': 'whole_window_error'},
            'SWERebenchPassN': 'pass_n',
        }
    ) }}

)

select * from final
