-- One row per edition, model and metric: the figure's place in the population, 0-100, and after the pull.
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

entries as (

    select
        entry_no,
        model_id
    from {{ ref('int_entries') }}

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
        end as scale_value,
        -- A filter clause would say the same and take ten times as long: windows have no short way for it.
        count(case when evidence.is_direct then 1 end) over (
            partition by evidence.edition, evidence.metric_key
        ) as direct_count
    from evidence
    inner join metrics on evidence.metric_key = metrics.metric_key

),

-- Models are measured against measured models; against everyone only where too few are measured.
populated as (

    select
        on_scale.*,
        case
            when on_scale.direct_count < parameters.min_direct_population or on_scale.is_direct
                then on_scale.scale_value
        end as member_value
    from on_scale
    cross join parameters

),

bounded as (

    select
        *,
        count(member_value) over (partition by edition, metric_key) as member_count,
        min(member_value) over (partition by edition, metric_key) as lowest,
        max(member_value) over (partition by edition, metric_key) as highest,
        {{ windowed_quantile('member_value', var('percentile_tail'), 'edition, metric_key') }} as percentile_low,
        {{ windowed_quantile('member_value', 1 - var('percentile_tail'), 'edition, metric_key') }} as percentile_high,
        {{ windowed_quantile('member_value', var('tail_penalty_tail'), 'edition, metric_key') }} as tail_low,
        {{ windowed_quantile('member_value', 1 - var('tail_penalty_tail'), 'edition, metric_key') }} as tail_high
    from populated

),

ranged as (

    select
        bounded.entry_no,
        bounded.edition,
        bounded.metric_key,
        bounded.raw_value,
        bounded.pull,
        bounded.scale_value,
        bounded.member_count,
        metrics.higher_is_better,
        metrics.transform,
        case
            when metrics.transform = 'percentile' then bounded.percentile_low
            when bounded.member_count < parameters.small_population then bounded.lowest
            else bounded.tail_low
        end as range_low,
        case
            when metrics.transform = 'percentile' then bounded.percentile_high
            when bounded.member_count < parameters.small_population then bounded.highest
            else bounded.tail_high
        end as range_high
    from bounded
    inner join metrics on bounded.metric_key = metrics.metric_key
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
        normalized.entry_no,
        normalized.edition,
        entries.model_id,
        normalized.metric_key,
        normalized.normalized,
        {{ pull_toward_middle('normalized.normalized', 'normalized.pull') }} as score
    from normalized
    inner join entries on normalized.entry_no = entries.entry_no

)

select * from final
