-- One row per check and subject: what the board's own figures say about how far its scores can be trusted.
with parameters as (

    select * from {{ ref('int_parameters') }}

),

held_out as (

    select * from {{ ref('fct_held_out') }}

),

families_drawn as (

    select * from {{ ref('int_families_drawn') }}

),

-- Held out: the mean over benchmarks, and what other draws of families would have said.
dated as (

    select
        held_out.*,
        release_days.spearman as release_spearman
    from held_out
    left join held_out as release_days
        on release_days.predictor = 'release_day' and held_out.metric_key = release_days.metric_key

),

draws as (

    select
        families_drawn.scenario,
        dated.predictor,
        {{ exact_sum('families_drawn.times * dated.spearman') }}
        / {{ exact_sum('families_drawn.times', 'dated.spearman is not null') }} as spearman,
        {{ exact_sum('families_drawn.times * dated.kendall') }}
        / {{ exact_sum('families_drawn.times', 'dated.kendall is not null') }} as kendall,
        {{ exact_sum('families_drawn.times * (dated.spearman - dated.release_spearman)') }}
        / {{ exact_sum('families_drawn.times', '(dated.spearman - dated.release_spearman) is not null') }} as gain
    from families_drawn
    inner join dated on families_drawn.family = dated.family
    where starts_with(families_drawn.scenario, 'families:')
    group by families_drawn.scenario, dated.predictor

),

resampled as (

    select
        predictor as subject,
        unnest(['held_out_spearman', 'held_out_kendall', 'gain_over_release_day']) as check_key,
        unnest([spearman, kendall, gain]) as drawn_value
    from draws

),

resampled_places as (

    select
        *,
        row_number() over (partition by check_key, subject order by drawn_value) as place,
        count(*) over (partition by check_key, subject) as draw_count
    from resampled
    where drawn_value is not null

),

resampled_ranges as (

    select
        resampled_places.check_key,
        resampled_places.subject,
        min(resampled_places.drawn_value) filter (
            where resampled_places.place > floor(parameters.interval_tail * resampled_places.draw_count)
        ) as value_low,
        max(resampled_places.drawn_value) filter (
            where resampled_places.place <= resampled_places.draw_count
            - floor(parameters.interval_tail * resampled_places.draw_count)
        ) as value_high
    from resampled_places
    cross join parameters
    group by resampled_places.check_key, resampled_places.subject

),

foretelling_means as (

    select
        predictor as subject,
        {{ exact_sum('spearman') }} / count(spearman) as spearman,
        {{ exact_sum('kendall') }} / count(kendall) as kendall,
        {{ exact_sum('spearman - release_spearman') }} / count(spearman - release_spearman) as gain,
        count(spearman) as sample_size
    from dated
    group by predictor

),

foretelling_values as (

    select
        subject,
        unnest(['held_out_spearman', 'held_out_kendall', 'gain_over_release_day']) as check_key,
        unnest([spearman, kendall, gain]) as value,
        sample_size
    from foretelling_means

),

foretelling as (

    select
        foretelling_values.check_key,
        foretelling_values.subject,
        foretelling_values.value,
        resampled_ranges.value_low,
        resampled_ranges.value_high,
        foretelling_values.sample_size,
        case when foretelling_values.check_key = 'gain_over_release_day' then parameters.date_margin end as bar_low,
        null::double as bar_high
    from foretelling_values
    cross join parameters
    left join resampled_ranges
        on
            foretelling_values.check_key = resampled_ranges.check_key
            and foretelling_values.subject = resampled_ranges.subject
    where foretelling_values.check_key <> 'gain_over_release_day' or foretelling_values.subject <> 'release_day'

),

roles_varied as (

    select * from {{ ref('int_roles_varied') }}

),

roles_blended as (

    select * from {{ ref('int_roles_blended') }}
    where edition = 'current' and is_ranked

),

rank_ranges as (

    select * from {{ ref('fct_rank_ranges') }}

),

-- Split halves: two boards made of different benchmarks, and how alike they rank.
halves as (

    select
        split_part(roles_varied.scenario, ':', 2) as draw,
        roles_varied.role_key,
        roles_varied.model_id,
        max(roles_varied.score) filter (where split_part(roles_varied.scenario, ':', 3) = 'a') as first_score,
        max(roles_varied.score) filter (where split_part(roles_varied.scenario, ':', 3) = 'b') as second_score
    from roles_varied
    inner join roles_blended
        on roles_varied.model_id = roles_blended.model_id and roles_varied.role_key = roles_blended.role_key
    where starts_with(roles_varied.scenario, 'half:')
    group by split_part(roles_varied.scenario, ':', 2), roles_varied.role_key, roles_varied.model_id

),

halves_placed as (

    select
        draw,
        role_key,
        {{ average_rank('first_score', 'draw, role_key') }} as first_rank,
        {{ average_rank('second_score', 'draw, role_key') }} as second_rank
    from halves

),

halves_correlated as (

    select
        draw,
        role_key,
        {{ correlation('first_rank', 'second_rank') }} as spearman
    from halves_placed
    group by draw, role_key

),

split_halves as (

    select
        'split_half' as check_key,
        role_key as subject,
        {{ exact_sum('spearman') }} / count(spearman) as value,
        min(spearman) as value_low,
        max(spearman) as value_high,
        count(spearman) as sample_size,
        null::double as bar_low,
        null::double as bar_high
    from halves_correlated
    group by role_key

),

-- Stability: how wide the ranges of ranks are, and how sure the first place is.
rank_widths as (

    select
        'rank_width_' || kind as check_key,
        role_key as subject,
        median(rank_high - rank_low + 1) as value,
        min(rank_high - rank_low + 1)::double as value_low,
        max(rank_high - rank_low + 1)::double as value_high,
        count(*) as sample_size,
        null::double as bar_low,
        null::double as bar_high
    from rank_ranges
    where rank_low is not null
    group by kind, role_key

),

first_places as (

    select
        'first_stays_first_' || rank_ranges.kind as check_key,
        rank_ranges.role_key as subject,
        rank_ranges.best_share as value,
        case
            when rank_ranges.kind <> 'without'
                then rank_ranges.best_share - parameters.interval_deviations
                    * sqrt(rank_ranges.best_share * (1 - rank_ranges.best_share) / rank_ranges.scenario_count)
        end as value_low,
        case
            when rank_ranges.kind <> 'without'
                then rank_ranges.best_share + parameters.interval_deviations
                    * sqrt(rank_ranges.best_share * (1 - rank_ranges.best_share) / rank_ranges.scenario_count)
        end as value_high,
        rank_ranges.scenario_count as sample_size,
        null::double as bar_low,
        null::double as bar_high
    from rank_ranges
    cross join parameters
    inner join roles_blended
        on rank_ranges.model_id = roles_blended.model_id and rank_ranges.role_key = roles_blended.role_key
    qualify row_number() over (
            partition by rank_ranges.kind, rank_ranges.role_key
            order by roles_blended.score desc, roles_blended.model_id asc
        ) = 1

),

united as (

    select * from {{ ref('int_calibration_checks') }}
    union all
    select * from foretelling
    union all
    select * from {{ ref('int_masking_checks') }}
    union all
    select * from split_halves
    union all
    select * from rank_widths
    union all
    select * from first_places

),

final as (

    select
        check_key,
        subject,
        value,
        value_low,
        value_high,
        sample_size::integer as sample_size,
        bar_low,
        bar_high,
        case
            when bar_low is not null or bar_high is not null
                then value >= coalesce(bar_low, value) and value <= coalesce(bar_high, value)
        end as is_met
    from united

)

select * from final
