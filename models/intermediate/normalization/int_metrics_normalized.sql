-- One row per entry and metric: the figure's place in the population, 0-100, and after the pull.
{%- set ends = [
    0, var('tail_penalty_tail'), var('percentile_tail'), 1 - var('percentile_tail'), 1 - var('tail_penalty_tail'), 1
] %}

with evidence as (

    select
        entry_no,
        edition,
        metric_key,
        case when isfinite(raw_value) then raw_value end as raw_value,
        evidence_class = 'direct' and isfinite(raw_value) as is_direct,
        pull
    from {{ ref('int_evidence_of_editions') }}

),

metrics as (

    select
        metric_key,
        higher_is_better,
        is_log_scale,
        transform
    from {{ ref('metrics') }}

),

parameters as (

    select
        flat_tolerance,
        fraction_tolerance,
        small_population,
        tail_knee_position,
        tail_knee_score,
        min_direct_population
    from {{ ref('int_parameters') }}

),

-- A logarithm has no place for 0 or less: such a figure has no value, and is no member of the population.
on_scale as (

    select
        evidence.*,
        case
            when not metrics.is_log_scale then evidence.raw_value
            when evidence.raw_value > 0 then ln(evidence.raw_value)
        end as scale_value
    from evidence
    inner join metrics on evidence.metric_key = metrics.metric_key

),

-- Both populations in one pass over the windows, which carry no more than they must: what else is known of a metric
-- joins after them. A filter clause would say what the cases say and take ten times as long: windows have no short way
-- for it.
surveyed as (

    select
        *,
        count(case when is_direct then 1 end) over (partition by edition, metric_key) as direct_count,
        count(case when is_direct then scale_value end) over (partition by edition, metric_key) as direct_place_count,
        count(scale_value) over (partition by edition, metric_key) as place_count,
        {{ windowed_quantiles(
            'case when is_direct then scale_value end', ends, 'edition, metric_key'
        ) }} as direct_ends,
        {{ windowed_quantiles('scale_value', ends, 'edition, metric_key') }} as all_ends
    from on_scale

),

-- Models are measured against measured models; against everyone only where too few are measured.
populated as (

    select
        surveyed.entry_no,
        surveyed.edition,
        surveyed.metric_key,
        surveyed.raw_value,
        surveyed.pull,
        metrics.higher_is_better,
        metrics.transform,
        surveyed.scale_value,
        case
            when surveyed.direct_count < parameters.min_direct_population then surveyed.place_count
            else surveyed.direct_place_count
        end as member_count,
        case
            when surveyed.direct_count < parameters.min_direct_population then surveyed.all_ends
            else surveyed.direct_ends
        end as ends
    from surveyed
    inner join metrics on surveyed.metric_key = metrics.metric_key
    cross join parameters

),

ranged as (

    select
        populated.*,
        case
            when populated.transform = 'percentile' then {{ item_of('populated.ends', 3) }}
            when populated.member_count < parameters.small_population then {{ item_of('populated.ends', 1) }}
            else {{ item_of('populated.ends', 2) }}
        end as range_low,
        case
            when populated.transform = 'percentile' then {{ item_of('populated.ends', 4) }}
            when populated.member_count < parameters.small_population then {{ item_of('populated.ends', 6) }}
            else {{ item_of('populated.ends', 5) }}
        end as range_high
    from populated
    cross join parameters

),

positioned as (

    select
        ranged.*,
        abs(ranged.range_high - ranged.range_low) < parameters.flat_tolerance as is_flat,
        {{ clamp(
            '(ranged.scale_value - ranged.range_low) / nullif(ranged.range_high - ranged.range_low, 0)', 0, 1
        ) }} as position
    from ranged
    cross join parameters

),

oriented as (

    select
        *,
        case when higher_is_better then position else 1 - position end as goodness
    from positioned

),

normalized as (

    select
        oriented.*,
        case
            when oriented.transform = 'as_score' then {{ clamp(
                'case
                    when oriented.raw_value between -parameters.fraction_tolerance
                        and 1 + parameters.fraction_tolerance
                        then oriented.raw_value * 100
                    else oriented.raw_value
                end', 0, 100
            ) }}
            when oriented.scale_value is null or oriented.member_count = 0 then null
            when oriented.is_flat then 50
            when oriented.transform = 'percentile' then 100 * oriented.goodness
            when oriented.goodness >= parameters.tail_knee_position
                then parameters.tail_knee_score
                    + (100 - parameters.tail_knee_score)
                    * (oriented.goodness - parameters.tail_knee_position)
                    / (1 - parameters.tail_knee_position)
            else parameters.tail_knee_score * oriented.goodness / parameters.tail_knee_position
        end as normalized
    from oriented
    cross join parameters

),

final as (

    select
        entry_no,
        edition,
        metric_key,
        normalized,
        {{ pull_toward_middle('normalized', 'pull') }} as score
    from normalized

)

select * from final
