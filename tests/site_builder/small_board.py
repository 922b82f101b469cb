"""A warehouse of three models and five metrics: just the marts, with every kind of gap."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

UNBROKEN = "W" * 300
OVERRIDE = "left \u202etfel"
LANDED = "2026-05-07 08:30:00"
SHA = "ab" * 32
SEEDS = "cd" * 32
LABEL = "<i>then</i> \u202ereverof"
HOSTILE = "<img src=x onerror=alert(1)>"
ENDLESS = "E" * 300
RECEIPT = b'{"a": "receipt"}\n'
RECEIPT_SHA = hashlib.sha256(RECEIPT).hexdigest()
NOTHING_FETCHED = (0, 0, 0, 0, None, None, None)
SHAPES = {
    "board": (
        "board_id varchar, generated_at timestamp, method_version varchar, fingerprint varchar,"
        " model_count integer, metric_count integer, source_count integer,"
        " measured_cells integer, reported_cells integer, estimated_cells integer,"
        " missing_cells integer, seeds_sha256 varchar, method_sha256 varchar, compared_label varchar,"
        " compared_with varchar"
    ),
    "dim_models": (
        "model_id varchar, display_name varchar, vendor varchar, vendor_name varchar,"
        " series varchar, thinking_effort varchar, released_on date, has_open_weights boolean,"
        " licence varchar, aliases varchar[], sources varchar[]"
    ),
    "dim_metrics": (
        "metric_key varchar, label varchar, description varchar, source_key varchar,"
        " unit varchar, higher_is_better boolean, status varchar, is_log_scale boolean default false,"
        " transform varchar default 'percentile', valid_min double default 0, valid_max double"
    ),
    "dim_sources": (
        "source_key varchar, name varchar, url varchar, licence varchar, attribution varchar,"
        " status varchar, problem varchar, n_rows_ingested integer, n_rows_matched integer,"
        " n_rows_unmatched integer, n_rows_excluded integer, fetched_at timestamp, age_hours integer, payload_sha256 varchar,"
        " ttl_hours integer default 24, since_compared varchar"
    ),
    "dim_groups": (
        "group_key varchar, label varchar, description varchar, is_capability boolean,"
        " position integer"
    ),
    "dim_roles": "role_key varchar, label varchar, question varchar, position integer",
    "dim_weights": "level varchar, parent_key varchar, input_key varchar, weight double",
    "dim_parameters": "parameter_key varchar, parameter_value varchar, rationale varchar",
    "fct_metric_scores": (
        "model_id varchar, metric_key varchar, raw_value double, normalized double,"
        " score double, evidence_class varchar, pull double, source_key varchar, label varchar,"
        " effort varchar, agent varchar, variant_count integer, donor_model_id varchar,"
        " chain_length integer, citation varchar, observed_on date, source_url varchar, payload_sha256 varchar,"
        " fetched_at timestamp"
    ),
    "fct_group_scores": (
        "model_id varchar, group_key varchar, score double, coverage double, is_shrunk boolean"
    ),
    "fct_role_scores": (
        "model_id varchar, role_key varchar, score double, score_low double, score_high double,"
        " coverage double, is_shrunk boolean, measured_weight_share double,"
        " independent_weight_share double, reported_weight_share double, estimated_weight_share double,"
        " missing_weight_share double, gap_filled_score double, is_ranked boolean,"
        " role_rank integer, rank_low integer, rank_high integer, best_share double,"
        " is_tied_with_best boolean, ranked_models integer"
    ),
    "fct_published_figures": (
        "source_key varchar, endpoint varchar, row_ordinal integer, metric_key varchar,"
        " label varchar, model_id varchar, exclusion_reason varchar, effort varchar, agent varchar,"
        " raw_value double, value_low double, value_high double, observed_on date,"
        " is_selected boolean"
    ),
    "scoreboard": (
        "model_id varchar, b_raw double, b_rank integer, b_measured double,"
        " blended_cost double, output_speed double, context_window double,"
        " is_synthesis_dominant boolean, estimated_metrics integer"
    ),
    "fct_abilities": (
        "model_id varchar, measured_cells integer, ability double, ability_low double,"
        " ability_high double, ability_rank integer, rank_low integer, rank_high integer,"
        " best_share double, is_tied_with_best boolean"
    ),
    "fct_ability_pairs": (
        "model_id varchar, other_model_id varchar, abler_probability double,"
        " winning_probability double"
    ),
    "fct_metric_health": (
        "metric_key varchar, family varchar, model_count integer, slope double, noise double,"
        " held_out_model_count integer, held_out_spearman double, held_out_upper_bound double,"
        " is_flagged boolean"
    ),
    "fct_validity": (
        "check_key varchar, subject varchar, value double, value_low double, value_high double,"
        " sample_size integer, bar_low double, bar_high double, is_met boolean"
    ),
    "fct_contributions": (
        "model_id varchar, role_key varchar, metric_key varchar, score double, points double,"
        " effective_weight double default 0.5"
    ),
    "dim_role_shares": "role_key varchar, share_of varchar, share_key varchar, weight double",
    "fct_group_contributions": (
        "model_id varchar, role_key varchar, group_key varchar, weight double, score double,"
        " points double"
    ),
    "fct_role_changes": (
        "model_id varchar, role_key varchar, score_before double, score_after double,"
        " change double, rank_before integer, rank_after integer, data_points double,"
        " selection_points double, price_points double, fill_points double, method_points double"
    ),
    "fct_score_changes": (
        "model_id varchar, role_key varchar, metric_key varchar, cause varchar, points double,"
        " what_happened varchar, raw_before double, raw_after double, label_before varchar,"
        " label_after varchar"
    ),
    "fct_departures": (
        "what varchar, model_id varchar, source_key varchar, metric_key varchar,"
        " last_seen_on date, reason varchar, evidence varchar, decided_by varchar, decided_on date,"
        " compared_with varchar"
    ),
    "fct_provenance": (
        "claim_key varchar, standing varchar, position integer, subject varchar,"
        " statement varchar, thing_count integer, thing varchar"
    ),
    "dim_snapshots": (
        "snapshot_date varchar, board_id varchar, generated_at timestamp, method_version varchar,"
        " receipt_sha256 varchar, signed_by varchar"
    ),
    "fct_value_frontiers": (
        "model_id varchar, role_key varchar, axis varchar, amount double, score double,"
        " is_ranked boolean, is_on_frontier boolean, frontier_place integer"
    ),
    "fct_score_history": (
        "board_key varchar, label varchar, board_id varchar, generated_at timestamp,"
        " method_version varchar, is_current boolean, model_id varchar, role_key varchar,"
        " score double, role_rank integer, change double, data_points double,"
        " selection_points double, method_points double, price_points double, fill_points double"
    ),
    "fct_identity": (
        "source_key varchar, label_field varchar, label varchar, vendor_hint varchar,"
        " exclusion_reason varchar"
    ),
    "audit_unmatched_labels": (
        "source_key varchar, label_field varchar, label varchar, vendor_hint varchar,"
        " row_count integer, nearest_models varchar"
    ),
    "run_scoreboard": (
        "is_sample boolean, nickname varchar, model_key varchar, config varchar, "
        "pack_sha256 varchar, pack varchar, model varchar, model_id varchar, "
        "score decimal(12,6), tier varchar, run_rank integer, best_score decimal(12,6), "
        "lowest_score decimal(12,6), spread decimal(12,6), provisional_score decimal(12,6), "
        "run_count integer, ranked_runs integer, partial_runs integer, "
        "provisional_runs integer, withdrawn_runs integer, is_lab boolean, "
        "median_cost_usd double, median_latency_s double, last_received_at timestamp"
    ),
    "dim_run_tiers": (
        "tier varchar, position integer, lower_bound decimal(12,6), "
        "upper_bound decimal(12,6), rationale varchar"
    ),
    "fct_run_medians": (
        "is_sample boolean, nickname varchar, model_key varchar, config varchar, "
        "pack_sha256 varchar, category varchar, title varchar, position integer, "
        "score decimal(12,6), ranked_runs integer"
    ),
    "fct_run_deltas": (
        "is_sample boolean, nickname varchar, model_key varchar, config varchar, "
        "pack_sha256 varchar, category varchar, position integer, state varchar, "
        "tagged_runs integer, base_runs integer, paired_tasks integer, delta double, "
        "delta_low double, delta_high double, is_sure boolean"
    ),
    "fct_runs": (
        "submission_no bigint, run_sha256 varchar, is_sample boolean, nickname varchar, "
        "model varchar, model_id varchar, model_key varchar, config varchar, pack varchar, "
        "pack_sha256 varchar, pack_verdict varchar, harness varchar, "
        "harness_version varchar, importer varchar, is_complete boolean, is_final boolean, "
        "is_ranked boolean, is_withdrawn boolean, is_lab boolean, claims_lab boolean, "
        "score decimal(12,6), tier varchar, task_count integer, error_count integer, "
        "cost_usd double, duration_s double, input_tokens bigint, output_tokens bigint, "
        "load_profile varchar, anchor_version integer, latency_p50_s double, "
        "latency_p95_s double, tokens_per_s double, method_version varchar, "
        "started_at timestamp, finished_at timestamp, received_at timestamp"
    ),
    "fct_run_categories": (
        "submission_no bigint, category varchar, title varchar, position integer, "
        "state varchar, task_count integer, graded_count integer, final_count integer, "
        "error_count integer, left_out_count integer, score decimal(12,6), "
        "points decimal(12,6), weight decimal(7,6), earned_units bigint, "
        "possible_units bigint, earned decimal(12,6), possible decimal(12,6)"
    ),
    "fct_run_records": (
        "submission_no bigint, task varchar, run_no integer, is_sample boolean, "
        "run_sha256 varchar, category varchar, difficulty varchar, grading varchar, "
        "grader_kind varchar, grader_name varchar, evidence varchar, is_final boolean, "
        "passed boolean, score decimal(4,2), earned_units bigint, possible_units bigint, "
        "earned decimal(12,6), possible decimal(12,6), is_error boolean, integrity integer, "
        "is_cell boolean, cell_id varchar, cell_version_id varchar, task_added_date date, "
        "prompt_sha256 varchar, output_sha256 varchar, transcript_sha256 varchar, "
        "grader_sha256 varchar, notes_sha256 varchar, grade_sha256 varchar, "
        "duration_s double, cost_usd double, input_tokens bigint, output_tokens bigint"
    ),
    "fct_run_events": (
        "submission_no bigint, task varchar, run_no integer, kind varchar, event_no bigint, "
        "run_sha256 varchar, state varchar, grader varchar, grader_version varchar, "
        "actor varchar, reason varchar, input_sha256 varchar, rationale_sha256 varchar, "
        "passed boolean, score decimal(4,2), strength integer, is_self_judged boolean, "
        "is_evidence boolean, is_ranked boolean, decided_at timestamp"
    ),
    "fct_run_verdicts": (
        "submission_no bigint, is_sample boolean, run_sha256 varchar, route varchar, "
        "origin varchar, importer varchar, nickname varchar, model varchar, config varchar, "
        "verdict varchar, schema_verdict varchar, duplicate_verdict varchar, "
        "duplicate_of bigint, pack_verdict varchar, signature_verdict varchar, "
        "signed_by varchar, limit_verdict varchar, limit_layer varchar, "
        "layers_fired varchar, attempt_limit integer, window_s integer, "
        "retry_after_s integer, judge_state varchar, problem varchar, is_accepted boolean, "
        "received_at timestamp"
    ),
    "fct_run_contradictions": (
        "submission_no bigint, task varchar, run_no integer, contradiction varchar, "
        "is_sample boolean, run_sha256 varchar, nickname varchar, model varchar, "
        "config varchar, detail varchar"
    ),
    "fct_run_adjudications": (
        "run_sha256 varchar, action varchar, task varchar, run_no integer, decided_on date, "
        "is_sample boolean, nickname varchar, model varchar, config varchar, passed boolean, "
        "score decimal(4,2), decided_by varchar, reason varchar, evidence varchar"
    ),
    "dim_run_exploits": (
        "exploit_id varchar, task varchar, trigger_text varchar, grader_call varchar, "
        "found_on date, found_by varchar, patched_on date, patched_in varchar, "
        "evidence varchar"
    ),
    "fct_cells": (
        "cell_version_id varchar, is_sample boolean, cell_id varchar, tui varchar, "
        "behavior_mode varchar, model varchar, task varchar, plugin_stack varchar, "
        "tui_image_sha varchar, model_endpoint_sha varchar, sampling_profile varchar, "
        "task_added_date date, pin_strength varchar, format_version integer, "
        "is_latest boolean, run_count integer, final_runs integer, pass_share double, "
        "error_runs integer, broken_integrity_runs integer, median_cost_usd double, "
        "median_duration_s double, reproduce_command varchar, reproduce_gaps varchar, "
        "last_started_at timestamp"
    ),
    "fct_cell_fields": (
        "cell_version_id varchar, is_sample boolean, field varchar, position integer, "
        "is_identity boolean, value varchar, gap varchar"
    ),
    "fct_cell_coverage": (
        "is_sample boolean, scope varchar, tui varchar, behavior_mode varchar, "
        "model varchar, plugin_stack varchar, cells_run integer, cells_possible integer, "
        "coverage double, run_count integer"
    ),
}
ROLES = ("I_raw", "P_raw", "B_raw", "R")
BOARD = "0123456789ab"
NOT_KEPT = (None, None, None, None, None)


def _roles(
    model_id: str, scores: tuple[float, ...], share: float, rank: int | None, **values: Any
) -> list[tuple]:
    """The rows of fct_role_scores of one model; what is not named is null."""
    names = [column.split()[0] for column in SHAPES["fct_role_scores"].split(",")]
    given = {
        "model_id": model_id,
        "coverage": share,
        "is_shrunk": False,
        "measured_weight_share": share,
        "is_ranked": rank is not None,
        "role_rank": rank,
        "ranked_models": 2,
        **values,
    }
    return [
        tuple(
            {
                "score_low": score,
                "score_high": score,
                **given,
                "role_key": role,
                "score": score,
            }.get(name)
            for name in names
        )
        for role, score in zip(ROLES, scores, strict=True)
    ]


def _change(model_id: str, role: str, before: Any, after: Any, **values: Any) -> tuple:
    """A row of fct_role_changes; ranks that are not named are null, and causes are 0."""
    names = [column.split()[0] for column in SHAPES["fct_role_changes"].split(",")]
    change = None if before is None or after is None else after - before
    given = {
        **{name: 0.0 for name in names if name.endswith("_points")},
        "model_id": model_id,
        "role_key": role,
        "score_before": before,
        "score_after": after,
        "change": change,
        **values,
    }
    return tuple(given.get(name) for name in names)


def _figure(place: tuple, label: str, raw_value: float, **values: Any) -> tuple:
    """A row of fct_published_figures; what is not named is null, and nothing is selected."""
    names = [column.split()[0] for column in SHAPES["fct_published_figures"].split(",")]
    given = {
        **dict(zip(names, place, strict=False)),
        "label": label,
        "effort": "default",
        "raw_value": raw_value,
        "is_selected": False,
        **values,
    }
    return tuple(given.get(name) for name in names)


def _cell(model_id: str, metric_key: str, evidence_class: str, **values: Any) -> tuple:
    """A row of fct_metric_scores; what is not named is null."""
    names = [column.split()[0] for column in SHAPES["fct_metric_scores"].split(",")]
    given = {
        "model_id": model_id,
        "metric_key": metric_key,
        "evidence_class": evidence_class,
        "pull": 0.0,
        **values,
    }
    return tuple(given.get(name) for name in names)


def _row(table: str, **values: Any) -> tuple:
    """A row of a mart of own runs; what is not named is null."""
    return tuple(values.get(column.split()[0]) for column in SHAPES[table].split(", "))


def _run(number: int, **values: Any) -> tuple:
    """A row of fct_runs: of an own configuration, complete and final."""
    given = {
        "submission_no": number,
        "run_sha256": f"{number % 16:x}" * 64,
        "is_sample": False,
        "nickname": HOSTILE,
        "model": "A one",
        "model_id": "acme/a-1",
        "model_key": "acme/a-1",
        "config": "base",
        "pack": LABEL,
        "pack_sha256": SHA,
        "pack_verdict": "valid",
        "harness": "<b>harness</b>",
        "is_complete": True,
        "is_final": True,
        "is_ranked": True,
        "is_withdrawn": False,
        "is_lab": False,
        "claims_lab": False,
        "task_count": 2,
        "error_count": 0,
        "method_version": "1.0.0",
        "received_at": f"2026-06-{number:02} 10:00:00",
        **values,
    }
    return _row("fct_runs", **given)


def _configuration(**values: Any) -> tuple:
    """A row of run_scoreboard."""
    given = {
        "is_sample": False,
        "nickname": HOSTILE,
        "model_key": "acme/a-1",
        "config": "base",
        "pack_sha256": SHA,
        "pack": LABEL,
        "model": "A one",
        "model_id": "acme/a-1",
        "run_count": 1,
        "ranked_runs": 1,
        "partial_runs": 0,
        "provisional_runs": 0,
        "withdrawn_runs": 0,
        "is_lab": False,
        "last_received_at": "2026-06-02 10:00:00",
        **values,
    }
    return _row("run_scoreboard", **given)


OWN = {"is_sample": False, "nickname": HOSTILE, "model_key": "acme/a-1", "pack_sha256": SHA}
CATEGORIES = ("code", "reason", "write", "tool_use", "rag", "speed")


def _scorecard(number: int, *scores: str | None) -> list[tuple]:
    """The rows of fct_run_categories of one run."""
    return [
        _row(
            "fct_run_categories",
            submission_no=number,
            category=category,
            title=category.capitalize(),
            position=place,
            state="missing" if score is None else "final",
            task_count=0 if score is None else 2,
            graded_count=0,
            final_count=0,
            error_count=1,
            left_out_count=0,
            score=score,
            points=None if score is None else float(score) * 0.15,
            weight="0.150000",
            earned=None if category == "speed" or score is None else "1.500000",
            possible=None if category == "speed" or score is None else "2.000000",
        )
        for place, (category, score) in enumerate(zip(CATEGORIES, scores, strict=True), start=1)
    ]


def _field(version: str, position: int, field: str, value: str | None, gap: str | None) -> tuple:
    return (version, False, field, position, position <= 5, value, gap)


def _kept(
    key: str, label: str, day: str, version: str, scores: dict[str, tuple[float | None, ...]]
) -> list[tuple]:
    """The rows of fct_score_history of one board: score, rank, change and causes by model."""
    return [
        (key, label, key, f"{day} 12:00:00", version, key == BOARD, model_id, role, *values)
        for model_id, values in scores.items()
        for role in ROLES
    ]


ROWS: dict[str, list[tuple]] = {
    "board": [
        (
            BOARD,
            "2026-06-12 12:00:00",
            "1.0.0",
            "f",
            3,
            3,
            2,
            3,
            1,
            1,
            4,
            SEEDS,
            SHA,
            LABEL,
            "then",
        )
    ],
    # Not in the order of their ids: the outputs bring their own.
    "dim_models": [
        ("zeta/z-1", UNBROKEN, "zeta", "Zeta", "z", "default", None, None, None, [], []),
        (
            "acme/a-1",
            '<script>alert("a")</script>',
            "acme",
            "Acme & Sons",
            "a",
            "default",
            date(2026, 1, 2),
            True,
            "MIT",
            ["b\nc", "a"],
            ["two", "one"],
        ),
        ("acme/a-2", OVERRIDE, "acme", "Acme & Sons", "a", "high", None, False, None, [], []),
    ],
    "dim_metrics": [
        ("Speed", "Speed", "How fast.", "one", "tokens per second", True, "scored"),
        ("Price", "Price", "How dear.", "one", "USD", False, "scored"),
        ("Solve", "Solving", "How able.", "two", "percent", True, "scored"),
        ("Old", "Old test", "No longer run.", "two", "percent", True, "historical"),
        ("Blend", "Blend", "Both.", None, "points", True, "composite"),
    ],
    "dim_sources": [
        (
            "two",
            "Two",
            "https://[broken",
            None,
            "Two, by hand",
            "failed",
            "<b>gone</b>",
            *NOTHING_FETCHED,
        ),
        (
            "one",
            "One",
            "https://one.example/x",
            "MIT",
            "One",
            "recorded",
            None,
            9,
            4,
            5,
            3,
            LANDED,
            867,
            SHA,
        ),
        (
            "overrides",
            "Cited",
            None,
            None,
            "Each its own",
            "verified",
            None,
            1,
            1,
            0,
            0,
            None,
            None,
            None,
        ),
    ],
    "dim_groups": [("G", "Group", "All of it.", True, 1)],
    "dim_roles": [
        ("I_raw", "Idea", "Who has ideas?", 1),
        ("P_raw", "Planning", "Who plans?", 2),
        ("B_raw", "Building", "Who builds?", 3),
        ("R", "Reviewing", "Who reviews?", 4),
    ],
    "dim_weights": [
        ("role", "R", "G", 1.0),
        ("role", "I_raw", "G", 1.0),
        ("role", "P_raw", "G", 1.0),
        ("role", "B_raw", "G", 1.0),
        ("group", "G", "Blend", 0.1 + 0.2),
        ("group", "G", "Price", 0.7),
        ("composite", "Blend", "Speed", 1 / 3),
        ("composite", "Blend", "Solve", 2 / 3),
    ],
    "dim_parameters": [
        ("trust_threshold", "0.70", "Half trust."),
        ("trust_transition_width", "0.2", "A band."),
        ("coverage_tolerance", "1e-9", "A hair."),
        ("min_measured_share", "0.4", "Enough."),
        ("empty_composite", "neutral", "In the middle."),
        ("pull.override", "1e-9", "A little."),
        ("run_min_runs_for_delta", "3", "No luck."),
    ],
    "fct_metric_scores": [
        _cell(
            "acme/a-1",
            "Speed",
            "direct",
            raw_value=0.00002,
            normalized=100.0,
            score=100.0,
            source_key="one",
            label="{{ 7 * 7 }}",
            effort="high",
            agent="<b>agent</b>",
            variant_count=2,
            source_url="https://one.example/x?a=1&b=2",
            payload_sha256=SHA,
            fetched_at=LANDED,
        ),
        _cell(
            "acme/a-1",
            "Price",
            "direct",
            raw_value=1234.56,
            normalized=12.3456789,
            score=12.3456789,
            source_key="one",
            label="A",
            source_url="javascript:alert(1)",
        ),
        _cell(
            "acme/a-1",
            "Solve",
            "override",
            raw_value=0.0,
            normalized=0.0,
            score=5.0,
            source_key="overrides",
            citation="Card </style><img src=x onerror=alert(1)>",
            observed_on=date(2026, 3, 1),
        ),
        _cell("acme/a-1", "Old", "missing"),
        _cell("acme/a-1", "Blend", "composite", score=66.66666666),
        _cell(
            "acme/a-2",
            "Speed",
            "fill_conservative",
            raw_value=80.0,
            normalized=80.0,
            score=75.5,
            source_key="one",
            donor_model_id="acme/a-1",
            chain_length=2,
        ),
        _cell(
            "acme/a-2",
            "Price",
            "direct",
            raw_value=0.003,
            normalized=99.0,
            score=99.0,
            source_key="one",
            label="A2",
            effort="high",
            variant_count=1,
            source_url="https://[broken",
            payload_sha256=SHA,
            fetched_at=LANDED,
        ),
        *[_cell("acme/a-2", key, "missing") for key in ("Solve", "Old")],
        _cell("acme/a-2", "Blend", "composite", score=75.5),
        *[_cell("zeta/z-1", key, "missing") for key in ("Speed", "Price", "Solve", "Old")],
        _cell("zeta/z-1", "Blend", "composite", score=50.0),
    ],
    "fct_group_scores": [
        ("acme/a-1", "G", 40.1234565, 1.0, False),
        ("acme/a-2", "G", 70.0, 0.7, True),
        ("zeta/z-1", "G", 50.0, 0.0, True),
    ],
    "fct_role_scores": [
        *_roles(
            "zeta/z-1",
            (50.0, 50.0, 50.0, 50.0),
            0.0,
            None,
            independent_weight_share=0.0,
            reported_weight_share=0.0,
            estimated_weight_share=0.0,
            missing_weight_share=1.0,
        ),
        *_roles(
            "acme/a-1",
            (40.5, 41.5, 42.5, 43.25),
            0.445,
            2,
            score_low=31.0,
            score_high=71.75,
            independent_weight_share=0.245,
            reported_weight_share=0.2,
            estimated_weight_share=0.155,
            missing_weight_share=0.4,
            gap_filled_score=47.0,
            rank_low=1,
            rank_high=2,
            best_share=0.59,
            is_tied_with_best=True,
        ),
        *_roles(
            "acme/a-2",
            (70.0, 71.0, 72.0, 73.0),
            0.7000001,
            1,
            score_low=69.0,
            score_high=80.0,
            independent_weight_share=0.7000001,
            reported_weight_share=0.0,
            estimated_weight_share=0.2,
            missing_weight_share=0.0999999,
            gap_filled_score=77.0,
            rank_low=1,
            rank_high=1,
            best_share=0.41,
            is_tied_with_best=True,
        ),
    ],
    # One model has no ability, and one was not drawn.
    "fct_abilities": [
        ("zeta/z-1", 0, None, None, None, None, None, None, None, None),
        ("acme/a-1", 1, 44.75, 31.0, 58.5, 2, 1, 2, 0.59, True),
        ("acme/a-2", 3, 55.25, 52.0, 58.0, 1, 1, 1, 0.41, True),
    ],
    "fct_ability_pairs": [
        ("acme/a-1", "acme/a-2", 0.1, 0.295),
        ("acme/a-2", "acme/a-1", 0.9, 0.705),
    ],
    "fct_metric_health": [
        ("Speed", "one", 3, 0.5, 0.25, 3, 0.75, 1.0, False),
        ("Solve", "<b>family</b>", 3, -0.004, 1.0, 3, -0.5, 0.125, True),
        ("Old", "Old", 3, 0.5, 0.5, None, None, None, False),
    ],
    # Bars that are missed on either side, values that came to nothing, and names of nobody.
    "fct_validity": [
        ("cell_intervals", "all", 0.8649, None, None, 1234, 0.87, 0.93, False),
        ("sure_statements", "all", 0.885, None, None, 96, 0.88, None, True),
        ("statements", "said 90 %", 0.885, None, None, 96, None, None, None),
        ("statements", "said 50 %", 0.4, None, None, 5, None, None, None),
        ("statements", "<b>said</b>", 0.5, None, None, 5, None, None, None),
        ("held_out_spearman", "release_day", 0.25, 0.125, 0.375, 3, None, None, None),
        ("held_out_spearman", "I_raw", -0.25, -0.5, None, 3, None, None, None),
        ("held_out_spearman", "B_raw", 0.5, 0.375, 0.625, 3, None, None, None),
        ("held_out_spearman", "P_raw", None, None, None, 0, None, None, None),
        ("held_out_spearman", "ability", 0.2799, 0.25, 0.3, 3, None, None, None),
        ("held_out_spearman", HOSTILE, 0.375, 0.25, 0.5, 3, None, None, None),
        ("held_out_kendall", "B_raw", 0.375, None, None, 3, None, None, None),
        ("held_out_kendall", "ability", None, None, None, 0, None, None, None),
        ("gain_over_release_day", "I_raw", -0.5, -0.75, 0.0, 3, 0.03, None, False),
        ("gain_over_release_day", "B_raw", 0.25, 0.125, 0.5, 3, 0.03, None, True),
        ("gain_over_release_day", "ability", 0.0299, 0.0, 0.125, 3, 0.03, None, False),
        ("gain_over_release_day", HOSTILE, 0.125, -0.25, 0.5, 3, 0.03, None, True),
        ("split_half", "B_raw", 0.5, -0.25, 0.75, 10, None, None, None),
        ("rank_width_weights", "B_raw", 1.5, 1.0, 2.0, 2, None, None, None),
        ("rank_width_families", "B_raw", 2.0, 2.0, 2.0, 2, None, None, None),
        ("first_stays_first_weights", "B_raw", 1.0, None, None, 100, None, None, None),
        ("first_stays_first_families", "B_raw", 0.41, None, None, 100, None, None, None),
        ("first_stays_first_families", "R", None, None, None, 0, None, None, None),
        ("masking_shrunk", "B_raw", 4.25, None, None, 7, None, None, None),
        ("masking_gap_filled", "B_raw", 2.0, None, None, 7, None, None, None),
        ("masking_shrunk", "R", 1.0, None, None, 2, None, None, None),
        ("masking_gap_filled", "R", 1.5, None, None, 2, None, None, None),
    ],
    # Variants, a row that nobody answers to, one left out, and names of attackers.
    "fct_published_figures": [
        _figure(
            ("one", "main", 0, "Speed"),
            "{{ 7 * 7 }}",
            0.00002,
            model_id="acme/a-1",
            effort="high",
            agent="<b>agent</b>",
            is_selected=True,
        ),
        _figure(("one", "main", 0, "Price"), "A", 1234.56, model_id="acme/a-1", is_selected=True),
        _figure(("one", "main", 1, "Speed"), ENDLESS, 7.0, model_id="acme/a-1", effort="low"),
        _figure(
            ("one", "main", 2, "Price"),
            "A2",
            0.003,
            model_id="acme/a-2",
            effort="high",
            is_selected=True,
        ),
        _figure(("one", "main", 3, "Speed"), HOSTILE, 1e6, value_low=9e5, value_high=1.1e6),
        _figure(("one", "main", 4, "Speed"), OVERRIDE, -3.0, observed_on=date(2026, 3, 1)),
        _figure(("one", "main", 5, "Speed"), '"quoted"\nlabel', 0.0, agent=UNBROKEN),
        _figure(("one", "<i>end</i>", 0, "Price"), "javascript:alert(1)", 1e-9, effort=HOSTILE),
        _figure(("one", "main", 6, "Price"), "auto", 2.5, exclusion_reason="<u>router</u>"),
        _figure(("two", "main", 0, "Old"), LABEL, 99.0),
    ],
    "scoreboard": [
        ("acme/a-1", 42.5, 2, 0.445, 1234.56, 0.00002, 1e6, False, 0),
        ("acme/a-2", 72.0, 1, 0.7000001, 0.003, None, None, True, 1),
        ("zeta/z-1", 50.0, None, 0.0, None, None, None, False, 0),
    ],
    "fct_contributions": [
        ("acme/a-1", "B_raw", "Solve", 5.0, -13.5),
        ("acme/a-1", "B_raw", "Speed", 100.0, 6.0),
        ("acme/a-1", "B_raw", "Price", None, 0.0),
        ("acme/a-2", "B_raw", "Speed", 75.5, 22.0),
        ("acme/a-2", "R", "Speed", 75.5, 0.04),
        ("zeta/z-1", "B_raw", "Speed", None, 0.0),
    ],
    "dim_role_shares": [
        ("B_raw", "metric", "Speed", 0.75),
        ("B_raw", "metric", "Solve", 0.25),
        ("B_raw", "source", "one", 0.75),
        ("B_raw", "source", "two", 0.25),
    ],
    "fct_group_contributions": [
        ("acme/a-1", "B_raw", "G", 1.0, 40.1234565, -7.5),
        ("acme/a-2", "B_raw", "G", 1.0, 70.0, 22.0),
    ],
    # One score rises and falls by several causes, one moves by nothing that shows, one model is
    # new and another one left.
    "fct_role_changes": [
        _change(
            "acme/a-1",
            "B_raw",
            50.0,
            42.5,
            rank_before=1,
            rank_after=2,
            data_points=-9.25,
            selection_points=1.5,
            price_points=0.25,
            fill_points=0.04,
            method_points=-0.04,
        ),
        _change("acme/a-1", "I_raw", 40.25, 40.5, data_points=0.25),
        _change("acme/a-1", "P_raw", 41.5, 41.5),
        _change("acme/a-1", "R", 43.21, 43.25, data_points=0.04),
        _change("acme/a-2", "B_raw", 68.5, 72.0, rank_after=1, fill_points=3.5),
        _change("acme/a-2", "I_raw", 70.0, 70.0),
        *[_change("zeta/z-1", role, None, 50.0) for role in ROLES],
        *[_change("gone/<b>g</b>", role, 60.0, None, rank_before=3) for role in ROLES],
    ],
    "fct_score_changes": [
        ("acme/a-1", "B_raw", "Solve", "data", -9.25, "figure_changed", 88.0, 0.0, "A", "A"),
        ("acme/a-1", "B_raw", "Speed", "selection", 1.5, "row_changed", 1.0, 2.0, "A", HOSTILE),
        ("acme/a-1", "B_raw", "Price", "price", 0.25, "figure_changed", 1e6, 1234.56, "A", "A"),
        ("acme/a-1", "B_raw", "Speed", "fill", 0.04, "estimate_came", None, 7.0, None, "A"),
        ("acme/a-1", "B_raw", None, "method", -0.04, None, None, None, None, None),
        ("acme/a-1", "I_raw", "Speed", "data", 0.25, "row_changed", 3.0, 3.0, "A", ENDLESS),
        ("acme/a-1", "R", "Speed", "data", 0.04, None, None, None, None, None),
        ("acme/a-2", "B_raw", "Speed", "fill", 3.5, "estimate_came", None, 80.0, None, "B"),
    ],
    "fct_departures": [
        (
            "model",
            "gone/<b>g</b>",
            None,
            None,
            date(2026, 5, 1),
            HOSTILE,
            ENDLESS,
            "<b>us</b>",
            date(2026, 5, 2),
            "then",
        ),
        ("source", None, "<u>lost</u>", None, date(2026, 5, 1), None, None, None, None, "then"),
        ("figure", "acme/a-1", "one", "Old", date(2026, 5, 1), ENDLESS, None, None, None, "then"),
        # The snapshot that this board is not compared with asks its own.
        ("figure", "acme/a-2", "one", "Old", date(2026, 1, 1), None, None, None, None, "elsewhen"),
    ],
    "fct_provenance": [
        ("rows", "attested", 2, "Rows", HOSTILE, None, None),
        ("payloads", "attested", 1, "<b>Fetched</b>", "Hashed.", 1, "payloads"),
        ("measured", "asserted", 3, ENDLESS, "Said.", 1234, "figures"),
        ("missing", "not_covered", 4, "Gaps", "Nobody.", 0, "figures"),
    ],
    "dim_snapshots": [
        ("2026-04-01", "aaaaaaaaaaaa", "2026-04-01 12:00:00", "0.9.0", SHA, "<b>key</b>"),
        ("2026-05-01", "bbbbbbbbbbbb", "2026-05-01 12:00:00", "1.0.0", RECEIPT_SHA, None),
        ("../escape", "cccccccccccc", "2026-03-01 12:00:00", "0.8.0", RECEIPT_SHA[::-1], ENDLESS),
    ],
    # The cheaper one is the better one too; only the other one's speed was measured.
    "fct_value_frontiers": [
        row
        for role in ROLES
        for row in (
            ("acme/a-1", role, "price", 1234.56, 42.5, True, False, None),
            ("acme/a-2", role, "price", 0.003, 72.0, True, True, 1),
            ("zeta/z-1", role, "price", 0.0, 50.0, False, False, None),
            ("acme/a-1", role, "speed", 0.00002, 42.5, True, True, 1),
        )
    ],
    # A model that left, one that came, a method that changed, and a step of unknown causes.
    "fct_score_history": [
        *_kept(
            "aaaaaaaaaaaa",
            HOSTILE,
            "2026-04-01",
            "0.9.0",
            {
                "gone/<b>g</b>": (60.0, 1, None, *NOT_KEPT),
                "acme/a-1": (48.0, 2, None, *NOT_KEPT),
            },
        ),
        *_kept(
            "bbbbbbbbbbbb",
            ENDLESS,
            "2026-05-01",
            "1.0.0",
            {
                "acme/a-1": (50.0, 2, 2.0, *NOT_KEPT),
                "acme/a-2": (68.5, 1, None, *NOT_KEPT),
            },
        ),
        *_kept(
            BOARD,
            "2026-06-12",
            "2026-06-12",
            "1.0.0",
            {
                "acme/a-1": (42.5, 2, -7.5, -9.25, 1.5, -0.04, 0.25, 0.04),
                "acme/a-2": (72.0, 1, 3.5, 0.0, 0.0, 0.0, 0.0, 3.5),
                "zeta/z-1": (50.0, None, None, *NOT_KEPT),
            },
        ),
    ],
    "fct_identity": [
        ("one", "name", "auto", None, "router"),
        ("one", "name", "kept", None, None),
    ],
    "audit_unmatched_labels": [
        ("one", "name", "<i>lost</i>", None, 3, "acme/a-1"),
        ("one", "name", '"quoted"\nlabel', "'hint'", 1, ""),
    ],
    # A score a hair below a tier, a tag without enough runs, a lab, and a score that nobody checked.
    "run_scoreboard": [
        _configuration(
            score="89.999999",
            tier="MAINLINE",
            run_rank=1,
            best_score="89.999999",
            lowest_score="80.000000",
            spread="9.999999",
            provisional_score="99.990000",
            run_count=3,
            ranked_runs=2,
            provisional_runs=1,
            median_cost_usd=0.5,
            median_latency_s=1.25,
        ),
        _configuration(
            config="more",
            score="70.000000",
            tier="FEEDER",
            run_rank=2,
            best_score="70.000000",
            lowest_score="70.000000",
            spread="0.000000",
            is_lab=True,
        ),
        _configuration(
            nickname=ENDLESS,
            model=UNBROKEN,
            model_key="w",
            model_id=None,
            config="apart",
            ranked_runs=0,
            provisional_runs=1,
            provisional_score="59.960000",
        ),
        _configuration(
            is_sample=True,
            nickname="sample",
            model="made-up",
            model_id=None,
            model_key="madeup",
            pack="practice",
            pack_sha256=SEEDS,
            score="50.000000",
            tier="TAP",
            run_rank=1,
            best_score="50.000000",
            lowest_score="50.000000",
            spread="0.000000",
        ),
    ],
    "dim_run_tiers": [
        ("TRUNK", 1, "90.000000", None, "<b>best</b>"),
        ("MAINLINE", 2, "75.000000", "90.000000", "Good."),
        ("FEEDER", 3, "60.000000", "75.000000", "Fair."),
        ("TAP", 4, "0.000000", "60.000000", "Poor."),
    ],
    "fct_run_medians": [
        _row(
            "fct_run_medians",
            **OWN,
            config=config,
            category=category,
            title=category.capitalize(),
            position=place,
            score=score,
            ranked_runs=1,
        )
        for config, score in (("base", "89.999999"), ("more", "0.050000"))
        for place, category in enumerate(CATEGORIES, start=1)
    ],
    "fct_run_deltas": [
        _row(
            "fct_run_deltas",
            **OWN,
            config="more",
            category="total",
            position=0,
            state="not_enough_runs",
            tagged_runs=1,
            base_runs=2,
            paired_tasks=2,
        ),
        _row(
            "fct_run_deltas",
            **OWN,
            config="more",
            category="code",
            position=1,
            state="compared",
            tagged_runs=3,
            base_runs=3,
            paired_tasks=12,
            delta=-4.25,
            delta_low=-8.0,
            delta_high=-0.5,
            is_sure=True,
        ),
        _row(
            "fct_run_deltas",
            **OWN,
            config="more",
            category="reason",
            position=2,
            state="compared",
            tagged_runs=3,
            base_runs=3,
            paired_tasks=1,
            delta=2.0,
            is_sure=False,
        ),
    ],
    "fct_runs": [
        _run(1, score="89.999999", tier="MAINLINE", latency_p50_s=1.25, load_profile="chat"),
        _run(2, score="99.990000", tier="TRUNK", is_final=False, is_ranked=False, claims_lab=True),
        _run(3, config="more", score="70.000000", tier="FEEDER", is_lab=True, cost_usd=0.5),
        _run(
            4,
            nickname=ENDLESS,
            model=UNBROKEN,
            model_id=None,
            model_key="w",
            config="apart",
            is_complete=False,
            is_ranked=False,
        ),
        _run(
            5,
            is_sample=True,
            nickname="sample",
            model="made-up",
            model_id=None,
            model_key="madeup",
            pack="practice",
            pack_sha256=SEEDS,
            score="50.000000",
            tier="TAP",
        ),
    ],
    "fct_run_categories": [
        *_scorecard(1, *["89.999999"] * 6),
        *_scorecard(4, "50.000000", None, None, None, None, None),
    ],
    "fct_run_records": [
        _row(
            "fct_run_records",
            submission_no=1,
            task=task,
            run_no=1,
            is_sample=False,
            run_sha256="1" * 64,
            category="code",
            difficulty="hard",
            grading=grading,
            evidence=evidence,
            passed=passed,
            score=score,
            earned=earned,
            possible="2.000000",
            is_error=evidence == "not_earned",
            integrity=0,
            prompt_sha256=SHA,
            cost_usd=0.25,
        )
        for task, grading, evidence, passed, score, earned in (
            (HOSTILE, "deterministic", "recheck", True, None, "2.000000"),
            (UNBROKEN, "judged", "judge", None, "7.50", "1.500000"),
            ("lost", "judged", "judge_failed", None, None, None),
            ("crashed", "deterministic", "not_earned", None, None, "0.000000"),
        )
    ],
    "fct_run_events": [
        _row(
            "fct_run_events",
            submission_no=1,
            task=HOSTILE,
            run_no=1,
            kind=kind,
            event_no=0,
            state="graded",
            grader="<b>grader</b>",
            grader_version="1",
            actor=OVERRIDE,
            reason=ENDLESS,
            passed=passed,
            strength=strength,
            is_self_judged=False,
            decided_at="2026-06-01 11:00:00",
        )
        for kind, passed, strength in (("provisional", False, 1), ("recheck", True, 3))
    ],
    # Accepted, refused by its schema with nothing to read, and refused by a limit.
    "fct_run_verdicts": [
        _row(
            "fct_run_verdicts",
            submission_no=1,
            is_sample=False,
            run_sha256="1" * 64,
            route="file",
            origin="<b>runs</b>/one.json",
            nickname=HOSTILE,
            model="A one",
            config="base",
            verdict="accepted",
            schema_verdict="valid",
            duplicate_verdict="new",
            pack_verdict="valid",
            signature_verdict="unsigned",
            limit_verdict="allowed",
            judge_state="graded",
            is_accepted=True,
            received_at="2026-06-01 10:00:00",
        ),
        _row(
            "fct_run_verdicts",
            submission_no=6,
            is_sample=False,
            route="http",
            origin=UNBROKEN,
            verdict="refused_by_schema",
            schema_verdict="invalid",
            problem="<img src=x onerror=alert(2)> is no key",
            is_accepted=False,
            received_at="2026-06-06 10:00:00",
        ),
        _row(
            "fct_run_verdicts",
            submission_no=7,
            is_sample=False,
            run_sha256="7" * 64,
            route="http",
            nickname=ENDLESS,
            model=HOSTILE,
            config="base",
            verdict="refused_by_rate_limit",
            schema_verdict="valid",
            duplicate_verdict="new",
            pack_verdict="no_pack",
            signature_verdict="unsigned",
            limit_verdict="limited",
            limit_layer="nickname_model",
            attempt_limit=5,
            window_s=3600,
            retry_after_s=1200,
            is_accepted=False,
            received_at="2026-06-07 10:00:00",
        ),
    ],
    "fct_run_contradictions": [
        (
            1,
            HOSTILE,
            1,
            "passed_without_integrity",
            False,
            "1" * 64,
            HOSTILE,
            "A one",
            "base",
            "<u>d</u>",
        ),
        (2, "", 0, "lab_without_signature", False, "2" * 64, HOSTILE, "A one", "base", ENDLESS),
    ],
    "fct_run_adjudications": [
        (
            "1" * 64,
            "grade",
            HOSTILE,
            1,
            date(2026, 6, 3),
            False,
            HOSTILE,
            "A one",
            "base",
            True,
            None,
            "<b>us</b>",
            ENDLESS,
            HOSTILE,
        ),
        ("e" * 64, "withdraw", "", 0, date(2026, 6, 2), *(None,) * 9),
    ],
    "dim_run_exploits": [
        ("one", None, HOSTILE, "<i>call()</i>", date(2026, 6, 1), UNBROKEN, None, None, ENDLESS),
        (
            "two",
            "<u>task</u>",
            ENDLESS,
            None,
            date(2026, 5, 1),
            None,
            date(2026, 5, 2),
            "<s>2</s>",
            None,
        ),
    ],
    # Two versions of one cell, and a cell without a grade in a set-up that says little.
    "fct_cells": [
        _row(
            "fct_cells",
            cell_version_id=version * 64,
            is_sample=False,
            cell_id=cell * 64,
            tui=tui,
            behavior_mode="auto",
            model=HOSTILE,
            task=UNBROKEN,
            plugin_stack=None,
            pin_strength=pin,
            is_latest=is_latest,
            reproduce_command=f"run-cell --model '{HOSTILE}'",
            reproduce_gaps="plugin_stack",
            run_count=2,
            final_runs=1,
            pass_share=share,
            error_runs=1,
            broken_integrity_runs=1,
            last_started_at=f"2026-06-0{day} 10:00:00",
        )
        for version, cell, tui, pin, is_latest, share, day in (
            ("a", "c", "<b>tui</b>", "content", True, 0.999, 2),
            ("b", "c", "<b>tui</b>", "named", False, 0.0, 1),
            ("d", "e", None, None, True, None, 1),
        )
    ],
    "fct_cell_fields": [
        _field("a" * 64, 1, "tui", "<b>tui</b>", None),
        _field("a" * 64, 3, "model", HOSTILE, None),
        _field("a" * 64, 4, "task", UNBROKEN, None),
        _field("a" * 64, 5, "plugin_stack", None, "not_applicable"),
        _field("a" * 64, 6, "tui_image_sha", None, "not_recorded"),
        _field("a" * 64, 9, "task_added_date", None, "not_in_version"),
    ],
    "fct_cell_coverage": [
        (False, "set_up", "<b>tui</b>", "auto", HOSTILE, None, 1, 2, 0.5, 2),
        (False, "set_up", None, "auto", HOSTILE, None, 1, 2, 0.5, 1),
        (False, "grid", None, None, None, None, 2, 4, 0.5, 3),
    ],
}


def build_small_board(path: Path, *statements: str) -> Path:
    """Write the marts into a new DuckDB file, and change them by the statements."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for table, columns in SHAPES.items():
            connection.execute(f"create table marts.{table} ({columns})")
            names = [name.split()[0] for name in columns.split(", ")][: len(ROWS[table][0])]
            marks = ", ".join("?" for _ in names)
            connection.executemany(
                f"insert into marts.{table} ({', '.join(names)}) values ({marks})", ROWS[table]
            )
        for statement in statements:
            connection.execute(statement)
    return path
