"""Two to four models beside each other: who would win, by how much, and on what."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from site_builder.filters import count_of, packed, price_of
from site_builder.marts import Row
from site_builder.page import ROLE_NAMES, Board, Page
from site_builder.wording import MARKS, chance, figure, percent, rank_range

# Of two thousand models hundreds cannot be told from a first: the nearest are shown.
SHOWN_CONTESTS = 8
MARK_LETTERS = {"measured": "m", "reported": "r", "estimated": "e", "missing": "-"}


def pages(board: Board) -> Iterator[Page]:
    """The comparison, with the closest contests for those without a choice."""
    wins = _wins(board)
    yield Page(
        "compare.html",
        "compare.html",
        {
            "contests": {
                role["role_key"]: _contests(board, role["role_key"], wins)
                for role in board.marts.roles
            },
            "examples": _examples(board),
            "compared": packed(_compared(board)),
        },
    )


def unique_names(board: Board) -> dict[str, str]:
    """What a model is chosen by: its name, with its id where another one is called so too."""
    names = {row["model_id"]: " ".join(row["display_name"].split()) for row in board.marts.models}
    times = Counter(name.lower() for name in names.values())
    return {
        model_id: name if times[name.lower()] == 1 else f"{name} ({model_id})"
        for model_id, name in names.items()
    }


def _wins(board: Board) -> dict[str, dict[str, float]]:
    return {
        row["model_id"]: dict(
            zip(row["other_model_ids"], row["winning_probabilities"], strict=True)
        )
        for row in board.marts.compared_pairs
    }


def _contests(board: Board, role_key: str, wins: dict[str, dict[str, float]]) -> dict[str, Any]:
    """The first of a role, and the nearest of those that cannot be told from it."""
    rivals = board.firsts[role_key]["first"] + board.firsts[role_key]["others"]
    if not rivals:
        return {"first": None, "others": [], "more": 0}
    first, *others = rivals
    shown = others[:SHOWN_CONTESTS]
    return {
        "first": first,
        "others": [
            {"row": row, "win": wins.get(first["model_id"], {}).get(row["model_id"])}
            for row in shown
        ],
        "more": len(others) - len(shown),
    }


def _examples(board: Board) -> list[tuple[str, str, list[Row]]]:
    """The first two of each role."""
    found = []
    for role in board.marts.roles:
        ranked = sorted(
            (row["role_rank"], row["model_id"])
            for row in board.marts.role_scores
            if row["role_key"] == role["role_key"] and row["role_rank"] is not None
        )
        if len(ranked) > 1:
            pair = [board.shared["models"][model_id] for _, model_id in ranked[:2]]
            found.append((role["label"], ROLE_NAMES[role["role_key"]], pair))
    return found


def _compared(board: Board) -> dict[str, Any]:
    """Everything that the script may put side by side, as lists in one order."""
    names = unique_names(board)
    ids = [row["model_id"] for row in board.marts.scoreboard]
    metrics = [row for row in board.marts.metrics if row["status"] == "scored"]
    headings, heading_of = _headings(board)
    labels = {row["group_key"]: row["label"] for row in board.marts.groups}
    efforts = sorted({row["effort"] for row in board.marts.metric_scores if row["effort"]})
    places = {row["model_id"]: place for place, row in enumerate(board.marts.compared_pairs)}
    return {
        "roles": [[role["label"], ROLE_NAMES[role["role_key"]]] for role in board.marts.roles],
        "headings": headings,
        "metrics": [
            [
                row["metric_key"],
                row["label"],
                row["unit"],
                int(row["higher_is_better"]),
                heading_of.get(row["metric_key"], -1),
            ]
            for row in metrics
        ],
        "efforts": efforts,
        "models": [
            _model(board, model_id, names, metrics, efforts, ids, places.get(model_id, -1))
            for model_id in ids
        ],
        "compared": len(board.marts.compared_pairs),
        # Above the diagonal only, in the order of ability: two digits a pair.
        "winning": _triangle(board, "winning_probabilities"),
        "abler": _triangle(board, "abler_probabilities"),
        "labels": labels,
    }


def _triangle(board: Board, column: str) -> list[str]:
    return [
        "".join(chance(share).rstrip("%").zfill(2) for share in row[column][place:])
        for place, row in enumerate(board.marts.compared_pairs)
    ]


def _headings(board: Board) -> tuple[list[str], dict[str, int]]:
    """Groups as headings, those of the same inputs as one; and the first where a metric counts."""
    inputs: dict[str, set[str]] = {row["group_key"]: set() for row in board.marts.groups}
    opened: dict[str, list[str]] = {}
    for row in board.marts.weights:
        if row["level"] == "composite":
            opened.setdefault(row["parent_key"], []).append(row["input_key"])
    for row in board.marts.weights:
        if row["level"] == "group" and row["parent_key"] in inputs:
            inputs[row["parent_key"]].update(opened.get(row["input_key"], [row["input_key"]]))
    merged: dict[frozenset[str], list[str]] = {}
    for group in board.marts.groups:
        merged.setdefault(frozenset(inputs[group["group_key"]]), []).append(group["label"])
    place_of: dict[str, int] = {}
    for place, keys in enumerate(merged):
        for key in keys:
            place_of.setdefault(key, place)
    return [" · ".join(group_labels) for group_labels in merged.values()], place_of


def _model(
    board: Board,
    model_id: str,
    names: dict[str, str],
    metrics: list[Row],
    efforts: list[str],
    ids: list[str],
    place: int,
) -> dict[str, Any]:
    model, wide = board.shared["models"][model_id], board.marts.standing(model_id)
    cells = {row["metric_key"]: row for row in board.cells[model_id]}
    rows = [cells.get(metric["metric_key"]) for metric in metrics]
    return {
        "id": model_id,
        "name": names[model_id],
        "vendor": model["vendor_name"],
        "effort": model["thinking_effort"],
        "open": None if model["has_open_weights"] is None else int(model["has_open_weights"]),
        "able": int(model_id in board.abilities.by_model),
        "place": place,
        "facts": [
            None if wide["blended_cost"] is None else price_of(wide["blended_cost"]),
            None if wide["output_speed"] is None else count_of(wide["output_speed"]),
            None if wide["context_window"] is None else count_of(wide["context_window"]),
        ],
        "roles": [
            _role(board.role_scores[model_id][role["role_key"]]) for role in board.marts.roles
        ],
        "scores": [
            None if row is None or row["score"] is None else round(row["score"], 1) for row in rows
        ],
        "figures": [
            "" if row is None or row["raw_value"] is None else figure(row["raw_value"])
            for row in rows
        ],
        "marks": "".join(
            "-" if row is None else MARK_LETTERS[MARKS[row["evidence_class"]][0]] for row in rows
        ),
        "at": [
            efforts.index(row["effort"]) if row is not None and row["effort"] else -1
            for row in rows
        ],
        "donors": {
            str(index): ids.index(row["donor_model_id"]) if row["donor_model_id"] in ids else -1
            for index, row in enumerate(rows)
            if row is not None and row["donor_model_id"] is not None
        },
    }


def _role(row: Row) -> list[Any]:
    """Score and its range, none where no figure stands behind it; rank, ranks, measured share."""
    has_range = row["missing_weight_share"] != 1
    return [
        round(row["score"], 1),
        round(row["score_low"], 1) if has_range else None,
        round(row["score_high"], 1) if has_range else None,
        row["role_rank"],
        ""
        if row["role_rank"] is None
        else rank_range(row["rank_low"], row["rank_high"], on_page=True),
        percent(row["measured_weight_share"]),
    ]
