"""The board: who is best for which job, and how sure that is."""

from collections.abc import Iterator

from site_builder.marts import Row
from site_builder.page import ROLE_NAMES, Board, Page


def pages(board: Board) -> Iterator[Page]:
    """The board itself."""
    rows = [_row(board, row) for row in board.marts.scoreboard]
    roles = [role["role_key"] for role in board.marts.roles]
    yield Page(
        "index.html",
        "board.html",
        {
            "ranked": [row for row in rows if row["roles"]["B_raw"]["is_ranked"]],
            "unranked": [row for row in rows if not row["roles"]["B_raw"]["is_ranked"]],
            "leaders": {role_key: _leaders(rows, role_key) for role_key in roles},
            "vendors": sorted({(row["vendor"], row["vendor_name"]) for row in board.marts.models}),
        },
    )


def _row(board: Board, wide: Row) -> Row:
    model_id = wide["model_id"]
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
        ],
    }


def _leaders(rows: list[Row], role_key: str) -> list[Row]:
    """Rows of the first three ranks of a role, best first; more where the third is shared."""
    ranked = [
        (row["roles"][role_key]["role_rank"], row["model"]["model_id"], row)
        for row in rows
        if row["roles"][role_key]["role_rank"] is not None
    ]
    return [row for rank, _, row in sorted(ranked, key=lambda item: item[:2]) if rank <= 3]
