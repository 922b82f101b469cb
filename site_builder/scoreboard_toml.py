"""The three TOML files: the board, what is missing from it, and its coefficients."""

from collections import defaultdict
from typing import Any

import tomli_w

from site_builder.marts import Marts, Row

SCHEMA_VERSION = "1.5"
METHODOLOGY = (
    "Published figures, placed 0-100 among the measured models, pulled by evidence, blended by "
    "coverage into groups and roles."
)
ROLES = {"i_raw": "I_raw", "p_raw": "P_raw", "b_raw": "B_raw", "r": "R"}
COPIES = {"i_adj": "i_raw", "p_adj": "p_raw", "b_adj": "b_raw"}
LEVELS = {"composite": "composite_weights", "group": "group_weights", "role": "role_weights"}


def scoreboard_toml(marts: Marts, *, generator: str) -> str:
    """`scoreboard.toml`: scores, groups, metrics and gaps of every model; 6 decimals."""
    metrics = _by_model(marts.metric_scores)
    groups = _by_model(marts.group_scores)
    roles = _by_model(marts.role_scores)
    abilities = {row["model_id"]: row for row in marts.abilities if row["ability"] is not None}
    document = {
        "schema_version": SCHEMA_VERSION,
        "board_id": marts.board["board_id"],
        "generated_at": moment(marts.board["generated_at"]),
        "generator": generator,
        "methodology": METHODOLOGY,
        "method_version": marts.board["method_version"],
        "sources": {row["source_key"]: _source(row) for row in marts.sources},
        "models": [
            _model(
                row,
                metrics[row["model_id"]],
                groups[row["model_id"]],
                roles[row["model_id"]],
                abilities.get(row["model_id"]),
                marts,
            )
            for row in marts.models
        ],
    }
    return to_toml(document)


def missing_toml(marts: Marts) -> str:
    """`missing.toml`: per model the scored metrics without a value and the shrunk groups."""
    metrics = _by_model(marts.metric_scores)
    groups = _by_model(marts.group_scores)
    return to_toml(
        {
            row["model_id"]: {
                "display_name": row["display_name"],
                **_missing(metrics[row["model_id"]], groups[row["model_id"]], marts),
            }
            for row in marts.models
        }
    )


def coefficients_toml(marts: Marts) -> str:
    """`coefficients.toml`: the coefficients in force, in full precision for reading back."""
    document: dict[str, dict[str, Any]] = {table: {} for table in LEVELS.values()}
    for row in marts.weights:
        parent = document[LEVELS[row["level"]]].setdefault(row["parent_key"], {})
        parent[row["input_key"]] = row["weight"]
    document["parameters"] = {
        row["parameter_key"]: _number_or_text(row["parameter_value"]) for row in marts.parameters
    }
    return to_toml(document)


def moment(value: Any) -> str:
    """A UTC moment as RFC 3339."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}"


def to_toml(document: dict[str, Any]) -> str:
    """A document with the keys of every table in order, arrays as they are."""
    return tomli_w.dumps(_sorted(document))


def _sorted(value: Any) -> Any:
    """The same value with the keys of every table in order; arrays come sorted already."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _source(row: Row) -> dict[str, Any]:
    facts = {
        "status": row["status"],
        "n_rows_ingested": row["n_rows_ingested"],
        "n_rows_matched": row["n_rows_matched"],
        "n_rows_unmatched": row["n_rows_unmatched"],
    }
    # TOML has no null: what a source does not have is left out.
    if row["fetched_at"] is not None:
        facts["fetched_at"] = moment(row["fetched_at"])
        facts["payload_sha256"] = row["payload_sha256"]
    if row["problem"] is not None:
        facts["problem"] = row["problem"]
    return facts


def _model(
    row: Row,
    metrics: list[Row],
    groups: list[Row],
    roles: list[Row],
    ability: Row | None,
    marts: Marts,
) -> dict[str, Any]:
    by_role = {role["role_key"]: role for role in roles}
    scores = {name: round(by_role[key]["score"], 6) for name, key in ROLES.items()}
    scores |= {copy: scores[name] for copy, name in COPIES.items()}
    return {
        "canonical_id": row["model_id"],
        "display_name": row["display_name"],
        "vendor": row["vendor"],
        "thinking_effort": row["thinking_effort"],
        "aliases": sorted(row["aliases"]),
        "sources": sorted(row["sources"]),
        "scores": scores,
        "groups": {group["group_key"]: round(group["score"], 6) for group in groups},
        "metrics": {
            metric["metric_key"]: round(metric["score"], 6)
            for metric in metrics
            if metric["score"] is not None
        },
        "figures": {
            metric["metric_key"]: _figure(metric)
            for metric in metrics
            if metric["raw_value"] is not None
        },
        "missing": _missing(metrics, groups, marts),
        "filled": {
            metric["metric_key"]: {
                "donor": metric["donor_model_id"],
                "evidence_class": metric["evidence_class"],
                "chain_length": metric["chain_length"],
            }
            for metric in metrics
            if metric["evidence_class"].startswith("fill_")
        },
        "synthesis_dominant": marts.standing(row["model_id"])["is_synthesis_dominant"],
        "measured_weight_share": {
            name: round(by_role[key]["measured_weight_share"], 6) for name, key in ROLES.items()
        },
        "ranks": {
            name: by_role[key]["role_rank"]
            for name, key in ROLES.items()
            if by_role[key]["role_rank"] is not None
        },
        "rank_ranges": {
            name: [by_role[key]["rank_low"], by_role[key]["rank_high"]]
            for name, key in ROLES.items()
            if by_role[key]["role_rank"] is not None
        },
        "score_ranges": {
            name: [round(by_role[key]["score_low"], 6), round(by_role[key]["score_high"], 6)]
            for name, key in ROLES.items()
        },
        "gap_filled": {
            name: round(by_role[key]["gap_filled_score"], 6)
            for name, key in ROLES.items()
            if by_role[key]["gap_filled_score"] is not None
        },
        **({} if ability is None else {"ability": _ability(ability)}),
    }


def _ability(row: Row) -> dict[str, Any]:
    """The ability of a model with its interval and the ranks that it may hold."""
    return {
        "value": round(row["ability"], 6),
        "low": round(row["ability_low"], 6),
        "high": round(row["ability_high"], 6),
        "rank": row["ability_rank"],
        "rank_low": row["rank_low"],
        "rank_high": row["rank_high"],
        "best_share": round(row["best_share"], 6),
        "measured_cells": row["measured_cells"],
    }


def _figure(metric: Row) -> dict[str, Any]:
    """The published figure behind a metric, and whose it is; what is lacking is left out."""
    said = {
        "source": metric["source_key"],
        "label": metric["label"],
        "effort": metric["effort"],
        "agent": metric["agent"],
        "donor": metric["donor_model_id"],
        "citation": metric["citation"],
    }
    return {
        "value": metric["raw_value"],
        "evidence_class": metric["evidence_class"],
        "pull": metric["pull"],
        **{name: text for name, text in said.items() if text is not None},
    }


def _missing(metrics: list[Row], groups: list[Row], marts: Marts) -> dict[str, list[str]]:
    scored = {row["metric_key"] for row in marts.metrics if row["status"] == "scored"}
    return {
        "metrics": sorted(
            row["metric_key"]
            for row in metrics
            if row["evidence_class"] == "missing" and row["metric_key"] in scored
        ),
        "groups_shrunk": sorted(row["group_key"] for row in groups if row["is_shrunk"]),
    }


def _by_model(rows: list[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["model_id"]].append(row)
    return grouped


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
