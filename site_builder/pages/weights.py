"""The board by weights of one's own: the same sums as in the warehouse, beside its own ranks."""

from collections.abc import Iterator
from typing import Any

from site_builder.filters import packed
from site_builder.marts import Row
from site_builder.page import ROLE_NAMES, Board, Page
from site_builder.wording import MARKS

# Without script the board's own ranks are shown, and the board has all of them.
SHOWN_RANKS = 50
BLENDING = ("trust_threshold", "trust_transition_width", "coverage_tolerance", "min_measured_share")


def pages(board: Board) -> Iterator[Page]:
    """The weights in force, the ranks that they make, and all that a script needs to move them."""
    ranked: dict[str, list[Row]] = {role["role_key"]: [] for role in board.marts.roles}
    for row in board.marts.role_scores:
        if row["role_rank"] is not None:
            ranked[row["role_key"]].append(row)
    for rows in ranked.values():
        rows.sort(key=lambda row: (row["role_rank"], row["model_id"]))
    yield Page(
        "weights.html",
        "weights.html",
        {
            "default_ranks": {key: rows[:SHOWN_RANKS] for key, rows in ranked.items()},
            "default_weights": _sets(board),
            "min_measured": float(board.parameter("min_measured_share")),
            "weighed": packed(_weighed(board)),
        },
    )


def _sets(board: Board) -> dict[str, dict[str, dict[str, float]]]:
    """Weights by level, set and input."""
    sets: dict[str, dict[str, dict[str, float]]] = {"role": {}, "group": {}, "composite": {}}
    for row in board.marts.weights:
        sets[row["level"]].setdefault(row["parent_key"], {})[row["input_key"]] = row["weight"]
    return sets


def _weighed(board: Board) -> dict[str, Any]:
    """Scores of every input of a group in full precision, and what the blending needs beside."""
    sets = _sets(board)
    inputs = sorted({key for weights in sets["group"].values() for key in weights})
    leaves = sorted({leaf for key in inputs for leaf in sets["composite"].get(key, {key: 1.0})})
    labels = {row["metric_key"]: row["label"] for row in board.marts.metrics}
    return {
        "roles": [
            [row["role_key"], row["label"], ROLE_NAMES[row["role_key"]]]
            for row in board.marts.roles
        ],
        "groups": [
            [row["group_key"], row["label"], int(row["is_capability"])]
            for row in board.marts.groups
        ],
        "labels": {key: labels.get(key, key) for key in inputs},
        "weights": sets,
        "parameters": {key: float(board.parameter(key)) for key in BLENDING},
        "written": {row["parameter_key"]: row["parameter_value"] for row in board.marts.parameters},
        "board": board.marts.board["board_id"],
        "inputs": inputs,
        "leaves": leaves,
        "models": [_model(board, row["model_id"], inputs, leaves) for row in board.marts.models],
    }


def _model(board: Board, model_id: str, inputs: list[str], leaves: list[str]) -> dict[str, Any]:
    cells = {row["metric_key"]: row for row in board.cells[model_id]}
    roles = board.role_scores[model_id]
    return {
        "id": model_id,
        "name": board.shared["models"][model_id]["display_name"],
        "scores": [cells[key]["score"] if key in cells else None for key in inputs],
        "measured": "".join(
            "1"
            if key in cells and MARKS[cells[key]["evidence_class"]][0] in ("measured", "reported")
            else "0"
            for key in leaves
        ),
        "default": [
            [roles[row["role_key"]]["score"], roles[row["role_key"]]["role_rank"]]
            for row in board.marts.roles
        ],
    }
