"""A team's own runs: a board for each pack of tasks, and a page for each of the newest runs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from site_builder.addresses import SHORT, run_path
from site_builder.charts import Fall, Whisker, stacked, whiskers
from site_builder.marts import SHOWN_RUNS, Row
from site_builder.page import ROLE_NAMES, Board, Page, by

# Rows of one table; the rest is in the downloads.
SHOWN_CONFIGURATIONS = 100
SHOWN_RUNS_OF_ONE = 20
SHOWN_TASKS = 200
# Width of the drawing of a change, in its own units.
DRAWING = 132.0
TOTAL = "total"
# The checks of an attempt in their order: what each is, and its column.
CHECKS = (
    ("Schema", "schema_verdict"),
    ("Duplicate", "duplicate_verdict"),
    ("Pack", "pack_verdict"),
    ("Signature", "signature_verdict"),
    ("Rate limit", "limit_verdict"),
    ("Grades", "judge_state"),
)
PASSED = {"valid", "new", "allowed", "graded"}
REFUSED = {
    "invalid", "duplicate", "incomplete", "wrong_mac", "wrong_day", "from_the_future", "late",
    "other_tasks", "bad_signature", "unknown_key", "retired_key", "limited", "judge_failed",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What a tag moved in a category or the total, and its drawing where it was compared."""

    row: Row
    drawing: Whisker | None


@dataclass(frozen=True)
class Configuration:
    """A row of a board: its medians, what its tag moved, its newest runs, its public roles."""

    row: Row
    medians: list[Row]
    change: Change | None
    parts: list[Change]
    runs: list[Row]
    roles: Mapping[str, Row]

    @property
    def by_category(self) -> dict[str, Change]:
        """What the tag moved in each category."""
        return {part.row["category"]: part for part in self.parts}


@dataclass(frozen=True)
class Pack:
    """One board: its ranked configurations, and those that have no ranked run yet."""

    name: str | None
    sha256: str | None
    key: str
    ranked: list[Configuration]
    unranked: list[Configuration]
    left_out: int

    @property
    def changed(self) -> list[Configuration]:
        """The configurations of which some category was compared."""
        return [one for one in self.ranked if any(part.drawing for part in one.parts)]


@dataclass(frozen=True)
class Step:
    """A check of an attempt: its name, what it said, and how that reads at a glance."""

    name: str
    verdict: str | None
    kind: str


def pages(board: Board) -> Iterator[Page]:
    """The boards of own runs, and the pages of the newest runs."""
    marts = board.marts
    paths = paths_of(marts.runs)
    samples = [row for row in marts.run_configurations if row["is_sample"]]
    real = [row for row in marts.run_configurations if not row["is_sample"]]
    yield Page(
        "runs.html",
        "runs.html",
        {
            "real": _packs(board, real),
            "samples": _packs(board, samples),
            "run_paths": paths,
            "shown_runs": SHOWN_RUNS,
            "all_runs": marts.run_counts[0],
            "min_runs": board.parameter("run_min_runs_for_delta"),
            "drawing": DRAWING,
        },
    )
    yield from _runs(board, paths)


def paths_of(runs: Iterable[Row]) -> dict[int, str]:
    """The page of each shown run by its number; where a short hash names two, the whole one."""
    listed = list(runs)
    taken = Counter((row["is_sample"], row["run_sha256"][:SHORT]) for row in listed)
    return {
        row["submission_no"]: run_path(
            row["run_sha256"],
            is_sample=row["is_sample"],
            is_whole=taken[row["is_sample"], row["run_sha256"][:SHORT]] > 1,
        )
        for row in listed
    }


def steps_of(row: Row) -> list[Step]:
    """The checks of an attempt in their order; those after a refusal were not made."""
    return [Step(name, row[column], _kind(row[column])) for name, column in CHECKS]


def _kind(verdict: str | None) -> str:
    if verdict is None:
        return "unmade"
    return "passed" if verdict in PASSED else "refused" if verdict in REFUSED else "noted"


def _key(row: Row) -> tuple[Any, ...]:
    """What tells one configuration on one pack from another."""
    return tuple(
        row[name] for name in ("is_sample", "nickname", "model_key", "config", "pack_sha256")
    )


def _packs(board: Board, rows: list[Row]) -> list[Pack]:
    medians, deltas, runs = (
        _grouped(listed)
        for listed in (board.marts.run_medians, board.marts.run_deltas, board.marts.runs)
    )
    packs: dict[tuple[Any, Any], list[Row]] = {}
    for row in rows:
        packs.setdefault((row["pack"], row["pack_sha256"]), []).append(row)
    made = []
    for place, ((name, sha256), found) in enumerate(packs.items(), start=1):
        ranked = [row for row in found if row["run_rank"] is not None]
        others = [row for row in found if row["run_rank"] is None]
        shown = [*ranked[:SHOWN_CONFIGURATIONS], *others[:SHOWN_CONFIGURATIONS]]
        totals = _changes(
            [
                delta
                for row in shown
                for delta in deltas.get(_key(row), [])
                if delta["category"] == TOTAL
            ]
        )
        parts = _changes(
            [
                delta
                for row in shown
                for delta in deltas.get(_key(row), [])
                if delta["category"] != TOTAL
            ]
        )
        configurations = [
            Configuration(
                row=row,
                medians=medians.get(_key(row), []),
                change=next(iter(totals.get(_key(row), [])), None),
                parts=parts.get(_key(row), []),
                runs=runs.get(_key(row), [])[:SHOWN_RUNS_OF_ONE],
                roles=board.role_scores.get(row["model_id"], {}),
            )
            for row in shown
        ]
        side = "sample" if found[0]["is_sample"] else "pack"
        made.append(
            Pack(
                name=name,
                sha256=sha256,
                key=f"{side}-{place}",
                ranked=[one for one in configurations if one.row["run_rank"] is not None],
                unranked=[one for one in configurations if one.row["run_rank"] is None],
                left_out=len(found) - len(shown),
            )
        )
    return made


def _grouped(rows: Iterable[Row]) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(row)
    return found


def _changes(rows: list[Row]) -> dict[tuple[Any, ...], list[Change]]:
    """Changes by configuration, those that were compared on one axis."""
    compared = [row for row in rows if row["delta"] is not None]
    placed = whiskers(
        [(row["delta"], row["delta_low"], row["delta_high"]) for row in compared], DRAWING
    )
    drawings = {id(row): drawing for row, drawing in zip(compared, placed, strict=True)}
    found: dict[tuple[Any, ...], list[Change]] = {}
    for row in rows:
        found.setdefault(_key(row), []).append(Change(row, drawings.get(id(row))))
    return found


def _runs(board: Board, paths: Mapping[int, str]) -> Iterator[Page]:
    marts = board.marts
    number = "submission_no"
    categories, records = by(marts.run_categories, number), by(marts.run_records, number)
    verdicts = {row[number]: row for row in marts.run_verdicts}
    contradictions = by(marts.run_contradictions, number)
    adjudications = by(marts.run_adjudications, "run_sha256")
    events: dict[tuple[Any, ...], list[Row]] = {}
    for event in marts.run_events:
        events.setdefault((event[number], event["task"], event["run_no"]), []).append(event)
    titles = {row["category"]: row["title"] for row in marts.run_categories}
    for run in marts.runs:
        parts = categories.get(run[number], [])
        tasks = records.get(run[number], [])
        yield Page(
            paths[run[number]],
            "run.html",
            {
                "run": run,
                "parts": _stacked(parts),
                "unfinished": [row for row in parts if row["points"] is None],
                "tasks": _in_order(tasks, titles),
                "task_rows": len(tasks),
                "shown_tasks": SHOWN_TASKS,
                "events": events,
                "steps": steps_of(verdicts[run[number]]) if run[number] in verdicts else [],
                "verdict": verdicts.get(run[number]),
                "contradictions": contradictions.get(run[number], []),
                "adjudications": adjudications.get(run["run_sha256"], []),
                "roles_of_model": board.role_scores.get(run["model_id"], {}),
                "role_keys": list(ROLE_NAMES),
            },
        )


def _in_order(tasks: list[Row], titles: Mapping[str, str]) -> dict[str, list[Row]]:
    """The first tasks of a run by category, as the scorecard lists these."""
    found = by(tasks[:SHOWN_TASKS], "category")
    order = [*(key for key in titles if key in found), *(key for key in found if key not in titles)]
    return {titles.get(key) or "Other": found[key] for key in order}


def _stacked(parts: list[Row]) -> list[tuple[Row, Fall | None]]:
    """Categories with their bars, end to end on an axis from 0 to 100."""
    falls = iter(stacked([float(row["points"]) for row in parts if row["points"] is not None], 100))
    return [(row, None if row["points"] is None else next(falls)) for row in parts]
