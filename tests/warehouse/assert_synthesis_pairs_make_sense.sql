-- A pair that points at itself, or at a source that is misspelt, would fill nothing and look as if it did.
with pairs as (

    select * from {{ ref('synthesis_pairs') }}

),

models as (

    select
        model_id,
        vendor
    from {{ ref('models') }}

),

named_sources as (

    select
        pair_order,
        {{ unnested("split(source_keys, ' ')") }} as source_key
    from pairs
    where source_keys is not null

),

unknown_sources as (

    select
        named_sources.pair_order,
        min(named_sources.source_key) as source_key
    from named_sources
    left join {{ ref('sources') }} as sources on named_sources.source_key = sources.source_key
    where sources.source_key is null
    group by named_sources.pair_order

),

judged as (

    select
        pairs.pair_order,
        pairs.target_model_id,
        pairs.donor_model_id,
        case
            when pairs.target_model_id = pairs.donor_model_id then 'the model is its own donor'
            when unknown_sources.source_key is not null
                then '"' || unknown_sources.source_key || '" is no source of seeds/catalogue/sources.csv'
            when pairs.category = 'same_series_forward' and targets.vendor <> donors.vendor
                then 'models of two vendors cannot be one product line'
        end as problem
    from pairs
    inner join models as targets on pairs.target_model_id = targets.model_id
    inner join models as donors on pairs.donor_model_id = donors.model_id
    left join unknown_sources on pairs.pair_order = unknown_sources.pair_order

),

final as (

    select
        'seeds/synthesis/synthesis_pairs.csv' as file,
        'pair ' || pair_order || ', ' || target_model_id || ' from ' || donor_model_id as row_name,
        problem,
        'Correct the pair or remove it' as remedy
    from judged
    where problem is not null

)

select * from final
