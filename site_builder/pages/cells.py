"""Cells of agent runs: one set-up on one task, its latest version, and all versions before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from site_builder.addresses import SHORT
from site_builder.marts import SHOWN_CELLS, Row
from site_builder.page import Board, Page, by

SET_UP = ("tui", "behavior_mode", "model", "plugin_stack")
# Wider or longer, a grid is no longer read, and the tables beneath it are.
GRID_SET_UPS = 12
GRID_TASKS = 60
SHOWN_SET_UPS = 60


@dataclass(frozen=True)
class Cell:
    """A cell as it was run last: its nine fields, and its older versions."""

    row: Row
    fields: list[Row]
    older: list[Row]

    @property
    def prefix(self) -> str:
        """What names the cell in a command."""
        return str(self.row["cell_id"][:SHORT])


@dataclass(frozen=True)
class SetUp:
    """An agent with its mode, model and plugins: its share of the grid, and its cells."""

    letter: str
    row: Row
    cells: list[Cell]


@dataclass(frozen=True)
class Side:
    """Own cells, or the samples: the whole grid and its set-ups."""

    grid: Row | None
    set_ups: list[SetUp]
    left_out: int
    tasks: list[tuple[str, list[Cell | None]]]
    is_whole: bool


def pages(board: Board) -> Iterator[Page]:
    """The page of cells."""
    sides = {is_sample: _side(board, is_sample=is_sample) for is_sample in (False, True)}
    yield Page(
        "cells.html",
        "cells.html",
        {
            "real": sides[False],
            "samples": sides[True],
            "shown_cells": SHOWN_CELLS,
            "all_cells": board.marts.run_counts[0]["cells"],
        },
    )


def _side(board: Board, *, is_sample: bool) -> Side:
    marts = board.marts
    versions: dict[tuple[Any, ...], list[Row]] = {}
    for row in marts.run_cells:
        if row["is_sample"] == is_sample:
            versions.setdefault(tuple(row[key] for key in SET_UP), []).append(row)
    fields = by(
        [row for row in marts.run_cell_fields if row["is_sample"] == is_sample], "cell_version_id"
    )
    coverage = [row for row in marts.run_cell_coverage if row["is_sample"] == is_sample]
    known = [row for row in coverage if row["scope"] == "set_up"]
    set_ups = [
        SetUp(f"S{place}", row, _cells(versions.get(tuple(row[key] for key in SET_UP), []), fields))
        for place, row in enumerate(known[:SHOWN_SET_UPS], start=1)
    ]
    tasks = sorted({cell.row["task"] for one in set_ups for cell in one.cells})
    across = set_ups[:GRID_SET_UPS]
    by_task = [{cell.row["task"]: cell for cell in one.cells} for one in across]
    return Side(
        grid=next((row for row in coverage if row["scope"] == "grid"), None),
        set_ups=set_ups,
        left_out=len(known) - len(set_ups),
        tasks=[(task, [cells.get(task) for cells in by_task]) for task in tasks[:GRID_TASKS]],
        is_whole=len(tasks) <= GRID_TASKS and len(set_ups) <= GRID_SET_UPS,
    )


def _cells(rows: list[Row], fields: dict[str, list[Row]]) -> list[Cell]:
    older = by([row for row in rows if not row["is_latest"]], "cell_id")
    return [
        Cell(row, fields.get(row["cell_version_id"], []), older.get(row["cell_id"], []))
        for row in rows
        if row["is_latest"]
    ]
