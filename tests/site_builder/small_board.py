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
