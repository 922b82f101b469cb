"""What moved and why: the scores of every kept board, and the causes of each step."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from site_builder.charts import Axis, Size, clipped, spread, tenth, text_width
from site_builder.marts import Row
from site_builder.page import Board, Page
from site_builder.wording import CAUSES, WORTH_A_WORD

FIRST_RANKS = 5
# Above so many models the field behind the first is that of the best of today.
FIELD = 200
SHOWN_STEPS = 12
SHOWN_MOVERS = 8
TEXT = 12.5
LABEL_GAP = 15.5


SIZES = (
    Size("large", 580, 440, 30, 34, 400, 406, 24),
    Size("small", 360, 420, 28, 34, 210, 384, 16),
)


@dataclass(frozen=True)
class Kept:
    """A kept board, and whether its method is another one than that of the board before."""

    key: str
    label: str
    row: Row
    has_new_method: bool


@dataclass(frozen=True)
class Line:
    """The scores of one model over the boards; a label stands beside its end, if it has one."""

    model_id: str
    path: str
    end: tuple[str, str] | None = None
    label_y: str = ""
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    """One role for one kind of screen."""

    size: Size
    days: list[tuple[str, str, str]]
    upward: list[tuple[str, float]]
    methods: list[tuple[str, str, str]]
    field: list[Line]
    first: list[Line]


@dataclass(frozen=True)
class RoleHistory:
    """One role: its drawings, and the scores behind them by model, None where a board had none."""

    role: Row
    drawings: list[Drawing]
    first: list[tuple[str, list[Row | None]]]


@dataclass(frozen=True)
class Step:
    """From one kept board to the next: the largest changes, each with its score before."""

    before: Kept
    after: Kept
    changes: list[tuple[Row, Row]]
    causes: list[str]


def pages(board: Board) -> Iterator[Page]:
    """One page, of as many boards as were kept."""
    kept, found = _kept(board.marts.score_history)
    steps = [_step(before, after, found) for before, after in pairwise(kept)][::-1]
    values: dict[str, Any] = {
        "kept": kept,
        "histories": [],
        "steps": steps[:SHOWN_STEPS],
        "older_steps": len(steps) - len(steps[:SHOWN_STEPS]),
        "field_size": FIELD,
        "best": {role["role_key"]: _best(board, role["role_key"]) for role in board.marts.roles},
    }
    if len(kept) > 1:
        values["histories"] = [
            _history(board, role, kept, _by_model(kept, found, role["role_key"]))
            for role in board.marts.roles
        ]
    yield Page("history.html", "history.html", values)


Found = dict[str, dict[tuple[str, str], Row]]
Scores = dict[str, list[Row | None]]


def _kept(rows: list[Row]) -> tuple[list[Kept], Found]:
    """The boards in their order, and the rows of each by model and role."""
    found: Found = {}
    heads: dict[str, Row] = {}
    for row in rows:
        heads.setdefault(row["board_key"], row)
        found.setdefault(row["board_key"], {})[row["model_id"], row["role_key"]] = row
    kept: list[Kept] = []
    for key, row in heads.items():
        is_new = bool(kept) and kept[-1].row["method_version"] != row["method_version"]
        kept.append(Kept(key, row["label"], row, is_new))
    return kept, found


def _by_model(kept: list[Kept], found: Found, role_key: str) -> Scores:
    """The rows of one role by model, the best of today first; who left comes last."""
    scores: Scores = {}
    for one in reversed(kept):
        for model_id, role in found[one.key]:
            if role == role_key and model_id not in scores:
                scores[model_id] = [found[each.key].get((model_id, role_key)) for each in kept]
    return scores


def _best(board: Board, role_key: str) -> list[Row]:
    ranked = [
        row
        for row in board.marts.role_scores
        if row["role_key"] == role_key and row["role_rank"] is not None
    ]
    ranked.sort(key=lambda row: (row["role_rank"], row["model_id"]))
    return [row for row in ranked if row["role_rank"] <= FIRST_RANKS]


def _history(board: Board, role: Row, kept: list[Kept], scores: Scores) -> RoleHistory:
    first = {
        model_id: rows
        for model_id, rows in scores.items()
        if any(row and row["role_rank"] and row["role_rank"] <= FIRST_RANKS for row in rows)
    }
    field = {key: rows for key, rows in list(scores.items())[:FIELD] if key not in first}
    values = [row["score"] for rows in (*first.values(), *field.values()) for row in rows if row]
    names = {row["model_id"]: row["display_name"] for row in board.marts.models}
    return RoleHistory(
        role=role,
        drawings=[_drawing(size, kept, field, first, values, names) for size in SIZES],
        first=list(first.items()),
    )


def _drawing(
    size: Size,
    kept: list[Kept],
    field: Scores,
    first: Scores,
    values: list[float],
    names: dict[str, str],
) -> Drawing:
    across = _moments(kept, size)
    y_axis = Axis.around(values, size.bottom, size.top)

    def line(model_id: str, rows: list[Row | None]) -> Line:
        path, pen = "", "M"
        for x, row in zip(across, rows, strict=True):
            if row is None:
                pen = "M"
                continue
            # A board between two that lack the model still has its dot: a line of no length.
            path += f"{pen}{tenth(x)} {tenth(y_axis.at(row['score']))}" + "h0" * (pen == "M")
            pen = "L"
        last = rows[-1]
        end = None if last is None else (tenth(across[-1]), tenth(y_axis.at(last["score"])))
        return Line(model_id, path, end)

    lines = [line(model_id, rows) for model_id, rows in first.items()]
    # Those of today's best that the height has room for; the table names all of them.
    room = int((size.bottom - size.top) / LABEL_GAP)
    ending = [one for one in lines if one.end][:room]
    places = spread(
        [float(one.end[1]) for one in ending if one.end], LABEL_GAP, size.top, size.bottom
    )
    labelled = [
        Line(
            one.model_id,
            one.path,
            one.end,
            tenth(place),
            clipped(names.get(one.model_id, one.model_id), size.longest),
        )
        for one, place in zip(ending, places, strict=True)
    ]
    return Drawing(
        size=size,
        days=_days(kept, across),
        upward=[(tenth(y_axis.at(tick)), tick) for tick in y_axis.spaced(24)],
        methods=_methods(kept, across, size),
        field=[line(model_id, rows) for model_id, rows in field.items()],
        first=[one for one in lines if one not in ending] + labelled,
    )


def _moments(kept: list[Kept], size: Size) -> list[float]:
    """Where each board stands: as far apart as they were made, or evenly if that says nothing."""
    times = [one.row["generated_at"].timestamp() for one in kept]
    if times[0] == times[-1]:
        times = [float(number) for number in range(len(kept))]
    axis = Axis(times[0], times[-1], size.left + 6, size.right)
    return [axis.at(time) for time in times]


def _days(kept: list[Kept], across: list[float]) -> list[tuple[str, str, str]]:
    """The days below a drawing: the last and the first, and those between that have room."""
    shown: dict[int, tuple[float, float, str]] = {}
    last = len(kept) - 1
    for index in (last, 0, *range(last - 1, 0, -1)):
        width = text_width(clipped(kept[index].label, 14), TEXT)
        anchor = "end" if index == last else "start" if index == 0 else "middle"
        left = across[index] - {"end": width, "start": 0.0, "middle": width / 2}[anchor]
        if all(left > right + 6 or left + width < start - 6 for start, right, _ in shown.values()):
            shown[index] = (left, left + width, anchor)
    return [
        (tenth(across[index]), clipped(kept[index].label, 14), anchor)
        for index, (_, _, anchor) in sorted(shown.items())
    ]


def _methods(kept: list[Kept], across: list[float], size: Size) -> list[tuple[str, str, str]]:
    """Where the method changed: a place, a text where there is room for one, and its anchor."""
    found: list[tuple[str, str, str]] = []
    room = size.left
    for one, x in zip(kept, across, strict=True):
        if not one.has_new_method:
            continue
        text = clipped(f"method {one.row['method_version']}", 18)
        width = text_width(text, TEXT)
        # Beside its line on the side that has room.
        anchor = "start" if x + width + 4 < size.width else "end"
        left = x + 4 if anchor == "start" else x - 4 - width
        if left < room:
            text = ""
        else:
            room = left + width + 6
        found.append((tenth(x), text, anchor))
    return found


def _step(before: Kept, after: Kept, found: Found) -> Step:
    changed = [
        row
        for key, row in found[after.key].items()
        if row["change"] is not None
        and abs(row["change"]) >= WORTH_A_WORD
        and key in found[before.key]
    ]
    changed.sort(key=lambda row: (-abs(row["change"]), row["model_id"], row["role_key"]))
    shown = changed[:SHOWN_MOVERS]
    return Step(
        before=before,
        after=after,
        changes=[(found[before.key][row["model_id"], row["role_key"]], row) for row in shown],
        causes=[
            cause for cause in CAUSES if any(row[f"{cause}_points"] is not None for row in shown)
        ],
    )
