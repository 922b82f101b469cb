-- One row per edition, model and metric: the figure that the scores of the edition stand on, or that there is none.
with current_evidence as (

    select
        model_id,
        metric_key,
        raw_value,
        evidence_class,
        pull,
        donor_model_id
    from {{ ref('int_evidence') }}

),

editions as (

    select * from {{ ref('int_editions') }}

),

entries as (

    select
        entry_no,
        edition,
        model_id
    from {{ ref('int_entries') }}

),

metrics as (

    select metric_key
    from {{ ref('metrics') }}
    where status <> 'composite'

),

cells as (

    select * from {{ source('history', 'cells') }}

),

evidence_classes as (

    select
        evidence_class,
        pull,
        is_measured
    from {{ ref('int_evidence_classes') }}

),

previous_evidence as (

    select
        editions.edition,
        cells.model_id,
        cells.metric_key,
        cells.raw_value,
        cells.evidence_class,
        cells.pull,
        cells.donor_model_id
    from editions
    inner join cells on editions.board_key = cells.board_key

),

-- The pull is the method's, not the evidence's: old figures are pulled as this method pulls them. A fill's pull hangs
-- on its chain; where the same donor stands in, the chain's pull of today is known.
standing as (

    select
        'current' as edition,
        model_id,
        metric_key,
        raw_value,
        evidence_class,
        pull
    from current_evidence
    where raw_value is not null

    union all

    -- Without the estimates, so that none of them is in a population either: what ability stands on.
    select
        'measured' as edition,
        current_evidence.model_id,
        current_evidence.metric_key,
        current_evidence.raw_value,
        current_evidence.evidence_class,
        current_evidence.pull
    from current_evidence
    inner join evidence_classes
        on current_evidence.evidence_class = evidence_classes.evidence_class and evidence_classes.is_measured
    where current_evidence.raw_value is not null

    union all

    select
        previous_evidence.edition,
        previous_evidence.model_id,
        previous_evidence.metric_key,
        previous_evidence.raw_value,
        previous_evidence.evidence_class,
        coalesce(
            current_evidence.pull,
            case when previous_evidence.donor_model_id is null then evidence_classes.pull end,
            previous_evidence.pull
        ) as pull
    from previous_evidence
    left join evidence_classes on previous_evidence.evidence_class = evidence_classes.evidence_class
    left join current_evidence
        on
            previous_evidence.model_id = current_evidence.model_id
            and previous_evidence.metric_key = current_evidence.metric_key
            and previous_evidence.evidence_class = current_evidence.evidence_class
            and previous_evidence.donor_model_id = current_evidence.donor_model_id

),

final as (

    select
        entries.entry_no,
        entries.edition,
        entries.model_id,
        metrics.metric_key,
        standing.raw_value,
        standing.evidence_class,
        standing.pull
    from entries
    cross join metrics
    left join standing
        on
            entries.edition = standing.edition
            and entries.model_id = standing.model_id
            and metrics.metric_key = standing.metric_key

)

select * from final
