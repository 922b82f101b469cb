"""The board: who is best for which job, and how sure that is."""

from collections.abc import Iterator
from typing import Any

from site_builder.marts import Row
from site_builder.page import ROLE_NAMES, Board, Page
from site_builder.wording import percent, rank_range


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
            "for_script": [_for_script(board, row) for row in (*ranked, *unranked)],
            "efforts": sorted({row["thinking_effort"] for row in board.marts.models}),
            "leaders": {role_key: _leaders(rows, role_key) for role_key in roles},
            "vendors": sorted({(row["vendor"], row["vendor_name"]) for row in board.marts.models}),
        },
    )


def _row(board: Board, wide: Row) -> Row:
    model_id = wide["model_id"]
    ability = board.abilities.by_model.get(model_id)
    places = {row["group_key"]: place for place, row in enumerate(board.marts.groups)}
    roles = board.role_scores[model_id]
    metrics = board.shared["metrics"]
    return {
        "model": board.shared["models"][model_id],
        "wide": wide,
        "roles": roles,
        "groups": sorted(board.group_scores[model_id], key=lambda row: places[row["group_key"]]),
        "missing": [
            cell["metric_key"]
            for cell in board.cells[model_id]
            if cell["evidence_class"] == "missing"
            and metrics[cell["metric_key"]]["status"] == "scored"
        ],
        # A first that all others can be told from needs no mark.
        "tied": [
            name
            for key, name in ROLE_NAMES.items()
            if roles[key]["is_tied_with_best"] and board.firsts[key]["others"]
        ]
        + (["a"] if ability is not None and board.abilities.is_tie(ability) else []),
    }


def _for_script(board: Board, row: Row) -> list[Any]:
    """What the script filters and sorts a row by; places by role, then by ability."""
    model, wide = row["model"], row["wide"]
    ability = board.abilities.by_model.get(model["model_id"])
    return [
        f"{model['display_name']} {model['model_id']} {model['vendor_name']}".lower(),
        model["vendor"],
        int(bool(model["has_open_weights"])),
        model["thinking_effort"],
        wide["blended_cost"],
        wide["output_speed"],
        wide["context_window"],
        *(_role_place(row, role["role_key"]) for role in board.marts.roles),
        [None, "", 0, 0, "no figure", None] if ability is None else _ability_place(board, ability),
    ]


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
