-- One row per model and role, 0-100, with its rank among the models that are measured enough to be ranked.
with roles_blended as (

    select * from {{ ref('int_roles_blended') }}
    where edition = 'current'

),

parameters as (

    select min_measured_share from {{ ref('int_parameters') }}

),

judged as (

    select
        roles_blended.*,
        roles_blended.measured_weight_share >= parameters.min_measured_share as is_ranked
    from roles_blended
    cross join parameters

),

final as (

    select
        model_id,
        role_key,
        score,
        coverage,
        is_shrunk,
        measured_weight_share,
        is_ranked,
        case
            when is_ranked then rank() over (partition by role_key, is_ranked order by score desc)
        end::integer as role_rank,
        count(*) filter (where is_ranked) over (partition by role_key)::integer as ranked_models
    from judged

)

select * from final
