"""The board: who is best for which job, and how sure that is."""

from collections.abc import Iterator
from typing import Any

from site_builder.filters import packed
from site_builder.marts import Row
from site_builder.page import ROLE_NAMES, Board, Page
from site_builder.wording import MARKS, percent, rank_range

# The marks of figures in an opened row, a letter each.
NO_CELL = {"evidence_class": "missing", "score": None}
LETTERS = {"measured": "m", "reported": "r", "estimated": "e", "missing": "-"}


def pages(board: Board) -> Iterator[Page]:
    """The board itself."""
    rows = [_row(board, row) for row in board.marts.scoreboard]
    roles = [role["role_key"] for role in board.marts.roles]
    ranked = [row for row in rows if row["roles"]["B_raw"]["is_ranked"]]
    unranked = [row for row in rows if not row["roles"]["B_raw"]["is_ranked"]]
    yield Page(
        "index.html",
        "board.html",
        {
            "ranked": ranked,
            "unranked": unranked,
            "for_script": packed(_for_script(board, [*ranked, *unranked])),
            "efforts": sorted({row["thinking_effort"] for row in board.marts.models}),
            "leaders": {role_key: _leaders(rows, role_key) for role_key in roles},
            "vendors": sorted({(row["vendor"], row["vendor_name"]) for row in board.marts.models}),
        },
    )


def _row(board: Board, wide: Row) -> Row:
    model_id = wide["model_id"]
    ability = board.abilities.by_model.get(model_id)
    roles = board.role_scores[model_id]
    return {
        "model": board.shared["models"][model_id],
        "wide": wide,
        "roles": roles,
        # A first that all others can be told from needs no mark.
        "tied": [
            name
            for key, name in ROLE_NAMES.items()
            if roles[key]["is_tied_with_best"] and board.firsts[key]["others"]
        ]
        + (["a"] if ability is not None and board.abilities.is_tie(ability) else []),
    }


def _for_script(board: Board, rows: list[Row]) -> dict[str, Any]:
    """What the script sorts and filters rows by, and what it shows when one is opened.

    Metrics stand in the order of the groups in which they count first; the cells of a model are in
    that order, a letter for each mark.
    """
    marts = board.marts
    metrics = {row["metric_key"]: row for row in marts.metrics if row["status"] == "scored"}
    composites: dict[str, list[str]] = {}
    inputs: dict[str, list[str]] = {}
    for row in sorted(marts.weights, key=lambda row: (-row["weight"], row["input_key"])):
        kept = {"composite": composites, "group": inputs}.get(row["level"])
        if kept is not None:
            kept.setdefault(row["parent_key"], []).append(row["input_key"])
    keys = list(metrics)
    places = {key: place for place, key in enumerate(keys)}
    return {
        "groups": [
            [
                group["label"],
                sorted(
                    {
                        places[metric]
                        for key in inputs.get(group["group_key"], [])
                        for metric in composites.get(key, [key])
                        if metric in places
                    }
                ),
            ]
            for group in marts.groups
        ],
        "metrics": [metrics[key]["label"] for key in keys],
        "marks": {letter: name for name, letter in LETTERS.items()},
        "rows": [_row_for_script(board, row, keys) for row in rows],
    }


def _row_for_script(board: Board, row: Row, keys: list[str]) -> list[Any]:
    model, wide = row["model"], row["wide"]
    model_id = model["model_id"]
    ability = board.abilities.by_model.get(model_id)
    by_metric = {cell["metric_key"]: cell for cell in board.cells[model_id]}
    cells = [by_metric.get(key, NO_CELL) for key in keys]
    groups = {group["group_key"]: group for group in board.group_scores[model_id]}
    sources = board.shared["sources"]
    return [
        model_id,
        f"{model['display_name']} {model_id} {model['vendor_name']}".lower(),
        model["vendor"],
        int(bool(model["has_open_weights"])),
        model["thinking_effort"],
        wide["blended_cost"],
        wide["output_speed"],
        wide["context_window"],
        [
            *(_role_place(row, role["role_key"]) for role in board.marts.roles),
            [None, "", 0, 0, "no figure", None]
            if ability is None
            else _ability_place(board, ability),
        ],
        [
            [round(group["score"]), percent(group["coverage"]), int(group["is_shrunk"])]
            for key in board.shared["groups"]
            for group in [groups[key]]
        ],
        "".join(LETTERS[MARKS[cell["evidence_class"]][0]] for cell in cells),
        [None if cell["score"] is None else round(cell["score"]) for cell in cells],
        [_may_be(row, role) for role in board.marts.roles],
        [sources[key]["name"] for key in model["sources"] if key in sources],
    ]


def _may_be(row: Row, role: Row) -> str:
    """A role with the range of its score; what nothing is known of has none."""
    score = row["roles"][role["role_key"]]
    if score["missing_weight_share"] == 1:
        return f"{role['label']} no figure behind it"
    ranks = f", rank {_range(score)}" if score["role_rank"] is not None else ""
    return f"{role['label']} {score['score_low']:.0f}–{score['score_high']:.0f}{ranks}"


def _role_place(row: Row, role_key: str) -> list[Any]:
    score = row["roles"][role_key]
    share = score["measured_weight_share"]
    tied = int(ROLE_NAMES[role_key] in row["tied"])
    return [score["role_rank"], _range(score), tied, share, percent(share), score["score"]]


def _ability_place(board: Board, ability: Row) -> list[Any]:
    tied = int(board.abilities.is_tie(ability))
    count = ability["measured_cells"]
    said = f"{count} {'figure' if count == 1 else 'figures'}"
    return [ability["ability_rank"], _range(ability), tied, count, said, ability["ability"]]


def _range(row: Row) -> str:
    if row["rank_low"] is None:
        return ""
    return rank_range(row["rank_low"], row["rank_high"], on_page=True)


def _leaders(rows: list[Row], role_key: str) -> list[Row]:
    """Rows of the first three ranks of a role, best first; more where the third is shared."""
    ranked = [
        (row["roles"][role_key]["role_rank"], row["model"]["model_id"], row)
        for row in rows
        if row["roles"][role_key]["role_rank"] is not None
    ]
    return [row for rank, _, row in sorted(ranked, key=lambda item: item[:2]) if rank <= 3]
