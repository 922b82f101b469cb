{% macro current_rows(source_key, endpoint) -%}
    {#-
        Rows of the payload of one source that is in force on this board; older payloads stay in raw. Address and moment
        are those of the landing in force: the same content may have been landed before.
    -#}
    select
        landed.source_key,
        landed.endpoint,
        landed.row_ordinal,
        landed.payload,
        landed.payload_sha256,
        payloads.source_url as url,
        payloads.fetched_at
    from {{ source('raw', source_key ~ '__' ~ endpoint) }} as landed
    inner join {{ ref('stg_payloads__current') }} as payloads
        on landed.source_key = payloads.source_key and landed.payload_sha256 = payloads.payload_sha256
{%- endmacro %}
