"""Where values stand in a drawing: the only arithmetic of the pages, and no page says it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

STEPS = (1, 2, 5, 10)
# Of the size of a text: how wide a letter is on average in a common typeface, capitals allowed for.
LETTER = 0.62
LINE = 1.2
LONGEST = 26
# In squares of the size of a text: as much as it may cover before a short one is better.
BEARABLE = 1.5


@dataclass(frozen=True)
class Axis:
    """A line from `start` to `end`, in units of the drawing, for values from `low` to `high`."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    @classmethod
    def around(
        cls, values: Iterable[float], start: float, end: float, *, is_log: bool = False
    ) -> "Axis":
        """An axis that holds every value, from one round number to another."""
        known = [value for value in values if not is_log or value > 0]
        low, high = min(known, default=1.0), max(known, default=10.0)
        if is_log:
            low, high = _log_end(low, is_low=True), _log_end(high, is_low=False)
            return cls(low, high if high > low else low * 10, start, end, is_log=True)
        step = _step(high - low)
        low = math.floor(low / step) * step
        return cls(low, max(math.ceil(high / step) * step, low + step), start, end)

    def at(self, value: float) -> float:
        """Where a value stands, to a hundredth of a unit."""
        low, high, value = (
            (math.log10(self.low), math.log10(self.high), math.log10(value))
            if self.is_log
            else (self.low, self.high, value)
        )
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 2)

    @property
    def ticks(self) -> list[float]:
        """Round numbers along the line, from `low` to `high`."""
        if self.is_log:
            decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            found = [step * 10.0**decade for decade in decades for step in STEPS[:3]]
            return [tick for tick in found if self.low * 0.999 <= tick <= self.high * 1.001]
        step = _step(self.high - self.low)
        count = round((self.high - self.low) / step)
        return [round(self.low + index * step, 10) for index in range(count + 1)]

    def spaced(self, gap: float) -> list[float]:
        """The ticks, thinned until no two are nearer than `gap` units of the drawing."""
        ticks = self.ticks
        if self.is_log and _nearest(self.at(tick) for tick in ticks) < gap:
            ticks = [tick for tick in ticks if _is_decade(tick)] or ticks[:1]
        while len(ticks) > 1 and _nearest(self.at(tick) for tick in ticks) < gap:
            ticks = ticks[::2]
        return ticks


@dataclass(frozen=True)
class Box:
    """A rectangle of the drawing, from its left and upper edge to its right and lower one."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The area that two rectangles share."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return width * height if width > 0 and height > 0 else 0.0

    def holds(self, other: "Box") -> bool:
        """Whether the other lies within this one."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )


@dataclass(frozen=True)
class Size:
    """A drawing for one kind of screen: its size, the edges of its plot, and its longest name."""

    name: str
    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    longest: int

    @property
    def plot(self) -> Box:
        """Where values are drawn."""
        return Box(self.left, self.top, self.right, self.bottom)


@dataclass(frozen=True)
class Label:
    """A text of the drawing: where it stands, and which end of it stands there."""

    text: str
    x: float
    y: float
    anchor: str

    def box(self, size: float) -> Box:
        """The room that the text takes up."""
        width = text_width(self.text, size)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left, self.y - size * 0.9, left + width, self.y + size * (LINE - 0.9))


def tenth(value: float) -> str:
    """A place to a tenth of a unit, in as few letters as it takes."""
    return f"{value:.1f}".removesuffix(".0")


def text_width(text: str, size: float) -> float:
    """How wide a text may be; rather too much than too little."""
    return len(text) * size * LETTER


def clipped(text: str, longest: int = LONGEST) -> str:
    """A text on one line that a drawing has room for."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def place_labels(
    points: Sequence[tuple[float, float, str, str]],
    area: Box,
    taken: Iterable[Box] = (),
    *,
    size: float,
    reach: float,
) -> list[Label]:
    """A label per point (x, y, text, short text), none over another and all within `area`.

    The first of eight places around the point is taken that covers the least of `taken`. Where
    none is free of other labels the short text is tried, and then the point goes without.
    """
    obstacles = list(taken)
    placed: list[Label] = []
    boxes: list[Box] = []
    for x, y, *texts in points:
        for text in texts:
            free = [
                (order, label, box)
                for order, label, box in _around(x, y, text, size, reach)
                if area.holds(box) and not any(box.overlap(other) for other in boxes)
            ]
            near = _reached(obstacles, [box for *_, box in free])
            covered = [
                (sum(box.overlap(other) for other in near), order, label, box)
                for order, label, box in free
            ]
            # A text that hides a good part of other things is worse than a short one.
            fit = [item for item in covered if item[0] <= BEARABLE * size**2 or text == texts[-1]]
            if fit:
                _, _, label, box = min(fit, key=lambda item: item[:2])
                placed.append(label)
                boxes.append(box)
                break
    return placed


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, `gap` apart or more, within `low` and `high` if they fit."""
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    places = [0.0] * len(wanted)
    before = -math.inf
    for index in order:
        before = places[index] = max(wanted[index], before + gap, low)
    after = math.inf
    for index in reversed(order):
        after = places[index] = min(places[index], after - gap, high)
    # Too many for the room: they keep their order and their gaps, and go on below.
    if order and places[order[0]] < low:
        for number, index in enumerate(order):
            places[index] = low + number * gap
    return [round(place, 2) for place in places]


def _around(
    x: float, y: float, text: str, size: float, reach: float
) -> list[tuple[int, Label, Box]]:
    middle, above, below = y + size * 0.35, y - reach, y + reach + size * 0.75
    places = (
        (x - reach, above, "end"),
        (x, above - size * 0.2, "middle"),
        (x - reach, middle, "end"),
        (x + reach, below, "start"),
        (x + reach, middle, "start"),
        (x, below + size * 0.2, "middle"),
        (x + reach, above, "start"),
        (x - reach, below, "end"),
    )
    labels = [Label(text, round(at, 2), round(line, 2), anchor) for at, line, anchor in places]
    return [(order, label, label.box(size)) for order, label in enumerate(labels)]


def _reached(obstacles: Sequence[Box], boxes: Sequence[Box]) -> list[Box]:
    """The obstacles that any of some boxes near each other may cover: a few of thousands."""
    if not boxes:
        return []
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    top, bottom = min(box.top for box in boxes), max(box.bottom for box in boxes)
    return [
        box
        for box in obstacles
        if box.left < right and box.right > left and box.top < bottom and box.bottom > top
    ]


def _nearest(places: Iterable[float]) -> float:
    known = sorted(places)
    return min((b - a for a, b in pairwise(known)), default=math.inf)


def _is_decade(value: float) -> bool:
    power = math.log10(value)
    return abs(power - round(power)) < 1e-9


@dataclass(frozen=True)
class Fall:
    """A part of a waterfall: its left edge and width, and where the fall began, in percent."""

    x: float
    width: float
    began: float


def waterfall(start: float, parts: Sequence[float]) -> list[Fall]:
    """Bars that lead from a start to the sum, each from where the one before it ended."""
    stops = list(accumulate(parts, initial=start))
    low, high = min(stops), max(stops)
    axis = Axis(low, high if high > low else low + 1, 0, 100)
    return [
        Fall(
            x=min(axis.at(before), axis.at(after)),
            width=round(abs(axis.at(after) - axis.at(before)), 2),
            began=axis.at(start),
        )
        for before, after in pairwise(stops)
    ]


def stacked(parts: Sequence[float], most: float) -> list[Fall]:
    """Bars end to end from 0, on an axis that ends at `most`, whatever their sum."""
    axis = Axis(0, most, 0, 100)
    stops = list(accumulate(parts, initial=0.0))
    return [
        Fall(x=axis.at(before), width=round(axis.at(after) - axis.at(before), 2), began=0)
        for before, after in pairwise(stops)
    ]


@dataclass(frozen=True)
class Whisker:
    """A change on an axis around 0: its dot, 0, and the ends of its interval if it has one."""

    dot: float
    zero: float
    ends: tuple[float, float] | None


def whiskers(
    changes: Sequence[tuple[float, float | None, float | None]], width: float, margin: float = 6
) -> list[Whisker]:
    """Changes with their ends on one axis that goes as far below 0 as above it."""
    known = [abs(value) for change in changes for value in change if value is not None]
    most = max(known, default=0) or 1.0
    axis = Axis(-most, most, margin, width - margin)
    return [
        Whisker(
            axis.at(value),
            axis.at(0),
            None if low is None or high is None else (axis.at(low), axis.at(high)),
        )
        for value, low, high in changes
    ]


def _step(span: float) -> float:
    """The round number of which some five fill a span."""
    rough = span / 5 if span > 0 else 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    return next(step * size for step in STEPS if step * size >= rough * 0.999)


def _log_end(value: float, *, is_low: bool) -> float:
    """The nearest 1, 2 or 5 of a decade at or below a value, or at or above it."""
    decade = 10.0 ** math.floor(math.log10(value))
    steps = [step * decade for step in STEPS]
    if is_low:
        return max(step for step in steps if step <= value * 1.000001)
    return min(step for step in steps if step >= value * 0.999999)
