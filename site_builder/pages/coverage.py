"""What is missing: every model by every scored metric, with the mark of each cell."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from site_builder.marts import Row
from site_builder.page import Board, Page
from site_builder.wording import MARKS

OTHER = "Without a group"
# What a cell is called in the page: of two thousand models there are half a million cells.
CELLS = {
    "measured": Markup("<td class=m>"),
    "reported": Markup("<td class=r>"),
    "estimated": Markup("<td class=e>"),
    "missing": Markup("<td>"),
}


@dataclass(frozen=True)
class Column:
    """A metric, and how many models have which mark on it."""

    metric: Row
    counts: Counter[str]


@dataclass(frozen=True)
class Line:
    """A model, how many metrics have which mark on it, and its cells as they stand in the page."""

    model: Row
    counts: Counter[str]
    cells: Markup


def pages(board: Board) -> Iterator[Page]:
    """One page with one table."""
    groups = _groups(board)
    keys = [row["metric_key"] for _, rows in groups for row in rows]
    marks = {
        model_id: {row["metric_key"]: MARKS[row["evidence_class"]][0] for row in rows}
        for model_id, rows in board.cells.items()
    }
    lines = []
    by_metric: dict[str, Counter[str]] = {key: Counter() for key in keys}
    for row in board.marts.scoreboard:
        found = marks.get(row["model_id"], {})
        own = [found.get(key, "missing") for key in keys]
        for key, mark in zip(keys, own, strict=True):
            by_metric[key][mark] += 1
        lines.append(
            Line(
                model=board.shared["models"][row["model_id"]],
                counts=Counter(own),
                cells=Markup("").join(CELLS[mark] for mark in own),
            )
        )
    yield Page(
        "coverage.html",
        "coverage.html",
        {
            "columns": [
                Column(row, by_metric[row["metric_key"]]) for _, rows in groups for row in rows
            ],
            "groups_of": groups,
            "lines": lines,
        },
    )


def _groups(board: Board) -> list[tuple[str, list[Row]]]:
    """The scored metrics by the first group that they count for, composites opened."""
    inputs: dict[tuple[str, str], list[str]] = {}
    for row in board.marts.weights:
        inputs.setdefault((row["level"], row["parent_key"]), []).append(row["input_key"])
    left = {row["metric_key"]: row for row in board.marts.metrics if row["status"] == "scored"}
    found = []
    for group in board.marts.groups:
        keys = [
            key
            for first in inputs.get(("group", group["group_key"]), [])
            for key in inputs.get(("composite", first), [first])
        ]
        if rows := [left.pop(key) for key in dict.fromkeys(keys) if key in left]:
            found.append((group["label"], rows))
    return [*found, (OTHER, list(left.values()))] if left else found
