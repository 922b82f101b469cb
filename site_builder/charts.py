"""Where values stand in a drawing: the only arithmetic of the pages, and no page says it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

STEPS = (1, 2, 5, 10)


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
