-- One row per scenario and family of benchmarks: how many times the family counts in it.
-- Scenarios: families:<n> draws as many families as there are, some twice and some never; half:<n>:a and b part them;
-- without:<family> leaves one out.
with families as (

    select
        family,
        row_number() over (order by family) as place,
        count(*) over () as family_count
    from {{ ref('int_capability_metrics') }}
    group by family

),

parameters as (

    select
        stability_draws,
        half_draws,
        draw_salt
    from {{ ref('int_parameters') }}

),

drawn as (

    select
        'families:' || draws.draw as scenario,
        1 + floor(
            {{ uniform_draw('parameters.draw_salt', "'families:' || draws.draw", 'families.place') }}
            * families.family_count
        ) as place
    from families
    cross join parameters
    cross join unnest(range(1, parameters.stability_draws::bigint + 1)) as draws (draw)

),

parted as (

    select
        draws.draw,
        families.family,
        row_number() over (
            partition by draws.draw
            order by {{ uniform_draw('parameters.draw_salt', "'half:' || draws.draw", 'families.family') }}
        ) % 2 as half
    from families
    cross join parameters
    cross join unnest(range(1, parameters.half_draws::bigint + 1)) as draws (draw)

),

final as (

    select
        drawn.scenario,
        families.family,
        count(*)::integer as times
    from drawn
    inner join families on drawn.place = families.place
    group by drawn.scenario, families.family

    union all

    select
        'half:' || draw || case half when 0 then ':a' else ':b' end as scenario,
        family,
        1 as times
    from parted

    union all

    select
        'without:' || left_out.family as scenario,
        families.family,
        1 as times
    from families as left_out
    inner join families on left_out.family <> families.family

)

select * from final
