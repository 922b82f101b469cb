"""Is it worth the money: scores by price and by speed, with the frontier of each role."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from site_builder.charts import Axis, Box, Label, Size, clipped, place_labels, tenth
from site_builder.marts import Row
from site_builder.page import Board, Page

PRICE, SPEED = "price", "speed"
# What a reader may be ready to pay at most, or needs at least.
LIMITS: dict[str, tuple[float, ...]] = {PRICE: (1, 3, 5, 10), SPEED: (200, 100, 50)}
COLUMNS = {PRICE: "blended_cost", SPEED: "output_speed"}
# Above so many models a dot bears no link and no name: their table is the board.
LINKED_MODELS = 300
INTERVAL = ("score_low", "score_high")
TEXT = 12.5
DOT, FIRST = 4.0, 6.5
# Room for the corner that says where the best would stand.
HINT = (150.0, 22.0)


SIZES = (
    Size("large", 1160, 520, 44, 26, 1140, 462, 26),
    Size("small", 360, 420, 30, 26, 346, 364, 20),
)


@dataclass(frozen=True)
class Dot:
    """A model in a drawing; `low` and `high` are the ends of its interval."""

    row: Row
    x: str
    y: str
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Scatter:
    """One drawing: its ticks, dots, frontier and labels, all in its own units."""

    size: Size
    across: list[tuple[str, float]]
    upward: list[tuple[str, float]]
    line: str
    rings: list[Dot]
    dots: list[Dot]
    first: list[Dot]
    labels: list[Label]
    hint: str


@dataclass(frozen=True)
class Panel:
    """All about one role on one axis."""

    role: Row
    axis: str
    frontier: list[Row]
    best_within: list[tuple[float | None, Row]]
    drawings: list[Scatter]


def pages(board: Board) -> Iterator[Page]:
    """One page; a panel per role and axis."""
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in board.marts.frontiers:
        if row["amount"] is not None:
            rows[row["role_key"], row["axis"]].append(row)
    standing = board.marts.scoreboard
    scores = [row["score"] for row in board.marts.frontiers] or [0.0, 100.0]
    yield Page(
        "value.html",
        "value.html",
        {
            "panels": [
                _panel(board, role, axis, rows[role["role_key"], axis], scores)
                for role in board.marts.roles
                for axis in (PRICE, SPEED)
            ],
            "is_linked": len(standing) <= LINKED_MODELS,
            "standing": standing,
            "scores": board.role_scores,
            "unknown": {
                axis: [row["model_id"] for row in standing if row[column] is None]
                for axis, column in COLUMNS.items()
            },
            # A logarithm has no place for nothing.
            "free": {
                axis: [
                    row["model_id"]
                    for row in standing
                    if row[column] is not None and row[column] <= 0
                ]
                for axis, column in COLUMNS.items()
            },
        },
    )


def _panel(board: Board, role: Row, axis: str, rows: list[Row], scores: Sequence[float]) -> Panel:
    known = {
        row["model_id"]: {**board.role_scores[row["model_id"]][role["role_key"]], **row}
        for row in rows
    }
    frontier = sorted(
        (row for row in known.values() if row["is_on_frontier"]),
        key=lambda row: row["frontier_place"],
    )
    drawn = [row for row in known.values() if row["amount"] > 0]
    names = {key: row["display_name"] for key, row in board.shared["models"].items()}
    return Panel(
        role=role,
        axis=axis,
        frontier=frontier,
        best_within=_best_within(axis, frontier),
        drawings=[_scatter(size, axis, drawn, scores, names) for size in SIZES] if drawn else [],
    )


def _best_within(axis: str, frontier: list[Row]) -> list[tuple[float | None, Row]]:
    """The best of the frontier within each limit, where it is not that of the limit before."""
    found: list[tuple[float | None, Row]] = []
    for limit in (*LIMITS[axis], None):
        within = [
            row
            for row in frontier
            if limit is None
            or (row["amount"] <= limit if axis == PRICE else row["amount"] >= limit)
        ]
        if within and (not found or found[-1][1] is not within[-1]):
            found.append((limit, within[-1]))
    return found


def _scatter(
    size: Size, axis: str, rows: list[Row], scores: Sequence[float], names: dict[str, str]
) -> Scatter:
    x_axis = Axis.around((row["amount"] for row in rows), size.left, size.right, is_log=True)
    y_axis = Axis.around(scores, size.bottom, size.top)

    def dot(row: Row) -> Dot:
        ends = (
            (tenth(y_axis.at(min(max(row[end], y_axis.low), y_axis.high))) for end in INTERVAL)
            if row["is_on_frontier"] and all(row[end] is not None for end in INTERVAL)
            else ()
        )
        return Dot(row, tenth(x_axis.at(row["amount"])), tenth(y_axis.at(row["score"])), *ends)

    ordered = [dot(row) for row in sorted(rows, key=lambda row: (row["amount"], row["model_id"]))]
    first = sorted(
        (one for one in ordered if one.row["is_on_frontier"]),
        key=lambda one: one.row["frontier_place"],
    )
    others = [one for one in ordered if not one.row["is_on_frontier"]]
    corner = (
        Box(size.left, size.top, size.left + HINT[0], size.top + HINT[1])
        if axis == PRICE
        else Box(size.right - HINT[0], size.top, size.right, size.top + HINT[1])
    )
    taken = [
        *(
            Box(float(one.x) - r, float(one.y) - r, float(one.x) + r, float(one.y) + r)
            for one in ordered
            for r in (FIRST if one.row["is_on_frontier"] else DOT,)
        ),
        *_lines(first, size, axis),
        corner,
    ]
    return Scatter(
        size=size,
        across=[(tenth(x_axis.at(tick)), tick) for tick in x_axis.spaced(34)],
        upward=[(tenth(y_axis.at(tick)), tick) for tick in y_axis.spaced(24)],
        line=_steps(first, size, axis),
        rings=[one for one in others if not one.row["is_ranked"]],
        dots=[one for one in others if one.row["is_ranked"]],
        first=first,
        labels=place_labels(
            [
                (
                    float(one.x),
                    float(one.y),
                    clipped(names[one.row["model_id"]], size.longest),
                    f"{one.row['frontier_place']}",
                )
                for one in first
            ],
            size.plot,
            taken,
            size=TEXT,
            reach=9,
        ),
        hint=tenth(size.left + 8 if axis == PRICE else size.right - 8),
    )


def _steps(first: list[Dot], size: Size, axis: str) -> str:
    """The best that can be had for so much: level to the next of the frontier, then up to it."""
    if not first:
        return ""
    steps = "".join(f"H{one.x}V{one.y}" for one in first[1:])
    return f"M{first[0].x} {first[0].y}{steps}H{tenth(_far_end(size, axis))}"


def _far_end(size: Size, axis: str) -> float:
    """Where more money, or less speed, buys nothing more."""
    return size.right if axis == PRICE else size.left


def _lines(first: list[Dot], size: Size, axis: str) -> list[Box]:
    """The frontier and the ranges, as things that a label had better not hide."""
    if not first:
        return []
    ends = [float(one.x) for one in first[1:]] + [_far_end(size, axis)]
    level = [
        Box(min(float(one.x), end), float(one.y) - 2, max(float(one.x), end), float(one.y) + 2)
        for one, end in zip(first, ends, strict=True)
    ]
    upright = [
        Box(float(one.x) - 3, float(one.high), float(one.x) + 3, float(one.low))
        for one in first
        if one.low
    ]
    return level + upright
