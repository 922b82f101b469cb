"""What the board stands on, and how far it can be trusted: sources, benchmarks, labels, checks."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from site_builder.addresses import benchmark_path, source_path
from site_builder.charts import Axis
from site_builder.marts import Row
from site_builder.page import Board, Page, by
from site_builder.validity import validity_of
from site_builder.wording import MARKS

# Figures of the model itself, not those of a sibling.
OWN = ("direct", "override")
# The strip of figures on the page of a benchmark, in units of its drawing.
STRIP = (20.0, 980.0)
DOT = 13


def pages(board: Board) -> Iterator[Page]:
    """Sources and benchmarks with a page each, labels without a model, the checks of the board."""
    yield Page("sources.html", "sources.html")
    yield Page("unmatched.html", "unmatched.html")
    yield _validity(board)
    yield from _sources(board)
    yield from _benchmarks(board)


def _validity(board: Board) -> Page:
    standing = [row["model_id"] for row in board.marts.scoreboard]
    values = {
        "validity": validity_of(board.marts),
        "shares": [(model_id, board.role_scores[model_id]) for model_id in standing],
        "unseen": [
            model_id
            for model_id in standing
            if all(row["missing_weight_share"] == 1 for row in board.role_scores[model_id].values())
        ],
    }
    return Page("validity.html", "validity.html", values)


def _sources(board: Board) -> Iterator[Page]:
    marts = board.marts
    metrics = by(marts.metrics, "source_key")
    shares = board.shares("source")
    unmatched, excluded = by(marts.unmatched, "source_key"), by(marts.excluded, "source_key")
    measured = by(
        [row for row in marts.metric_scores if row["evidence_class"] in OWN], "metric_key"
    )
    for source in marts.sources:
        key = source["source_key"]
        values = {
            "source": source,
            "own_metrics": metrics.get(key, []),
            "measured": measured,
            "shares": shares.get(key, {}),
            "metric_shares": board.shares("metric"),
            "health": board.health,
            "figure_sources": {row["source_key"] for row in marts.published_figures},
            "unmatched_labels": unmatched.get(key, []),
            "excluded_labels": excluded.get(key, []),
        }
        yield Page(source_path(key), "source.html", values)


def _benchmarks(board: Board) -> Iterator[Page]:
    marts = board.marts
    cells = by(marts.metric_scores, "metric_key")
    figures = by(marts.published_figures, "metric_key")
    inputs = by([row for row in marts.weights if row["level"] == "composite"], "parent_key")
    shares = board.shares("metric")
    for metric in marts.metrics:
        key = metric["metric_key"]
        known = [cell for cell in cells.get(key, []) if cell["evidence_class"] != "missing"]
        known.sort(key=lambda cell: (cell["score"] is None, -(cell["score"] or 0)))
        rows = figures.get(key, [])
        values = {
            "metric": metric,
            "cells": known,
            "own": [cell for cell in known if cell["evidence_class"] in OWN],
            "lacking": [
                cell["model_id"]
                for cell in cells.get(key, [])
                if cell["evidence_class"] == "missing"
            ],
            "figures": [row for row in rows if row["model_id"] is not None],
            "others": [row for row in rows if row["model_id"] is None],
            "shares": shares.get(key, {}),
            "weights": board.metric_weights.get(key, []),
            "health": board.health.get(key),
            "inputs": sorted(inputs.get(key, []), key=lambda row: -row["weight"]),
            **_strip(metric, [cell for cell in known if cell["evidence_class"] in OWN]),
        }
        yield Page(benchmark_path(key), "benchmark.html", values)


def _strip(metric: Row, cells: list[Row]) -> dict[str, Any]:
    """A dot per published figure, on one axis, piled up where figures are alike."""
    known = sorted(
        (cell for cell in cells if cell["raw_value"] is not None),
        key=lambda cell: (cell["raw_value"], cell["model_id"]),
    )
    if not known:
        return {"axis": None, "dots": []}
    values = [cell["raw_value"] for cell in known]
    axis = Axis.around(values, *STRIP, is_log=metric["is_log_scale"] and min(values) > 0)
    piles: Counter[int] = Counter()
    placed = []
    for cell in known:
        x = axis.at(cell["raw_value"])
        pile = round(x / DOT)
        placed.append((x, piles[pile], cell))
        piles[pile] += 1
    height = max(piles.values()) * DOT + 46
    dots = [
        {
            "x": x,
            "y": height - 34 - DOT * above,
            "model_id": cell["model_id"],
            "value": cell["raw_value"],
            "kind": MARKS[cell["evidence_class"]][0],
        }
        for x, above, cell in placed
    ]
    return {
        "axis": axis,
        "dots": dots,
        "height": height,
        "lowest": values[0],
        "highest": values[-1],
    }
