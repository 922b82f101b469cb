-- One row per pack and task: the catalogue of own tasks.
with as_of as (

    select max(as_of) as as_of from {{ source('request', 'board') }}

),

-- A bundled pack that a team uses is in its ledger too.
packs as (

    select
        packs.pack_sha256,
        any_value(packs.pack) as pack,
        any_value(packs.document) as document,
        bool_and(packs.is_sample) as is_sample
    from {{ source('runs', 'packs') }} as packs
    cross join as_of
    where packs.is_sample or as_of.as_of is null or packs.added_at <= as_of.as_of
    group by packs.pack_sha256

),

opened as (

    select
        pack_sha256,
        pack,
        is_sample,
        unnest(from_json(document -> '$.tasks', '[{
            "task": "varchar", "category": "varchar", "difficulty": "varchar", "added_on": "date",
            "grader": {"kind": "varchar"}
        }]')) as listed
    from packs

),

fields as (

    select
        pack_sha256,
        pack,
        is_sample,
        listed.*
    from opened

),

final as (

    select
        pack_sha256,
        task,
        pack,
        category,
        difficulty,
        struct_extract(grader, 'kind') as grader_kind,
        is_sample,
        added_on
    from fields

)

select * from final
