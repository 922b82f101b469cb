"""Sliding windows over accepted attempts: whether one more is let in, and if not, when."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from loaders.errors import SeedUnusable
from loaders.runs.seeds import SeedRow, read_seed

Field = Literal["ip", "nickname", "model"]
Route = Literal["http", "file"]

FIELDS: tuple[Field, ...] = ("ip", "nickname", "model")
COLUMNS = (
    "layer",
    "position",
    "key_fields",
    "attempt_limit",
    "window_s",
    "applies_to_files",
    "rationale",
)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try to hand in a run. `at` is in UTC; `ip` is a hash, and only the http route has one.

    Raises ValueError for a moment that is not in UTC, and for a route with the wrong `ip`.
    """

    at: datetime
    route: Route
    ip: str | None
    nickname: str
    model: str

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError(f"an attempt at {self.at.isoformat()} is not in UTC")
        if (self.route == "http") != (self.ip is not None):
            raise ValueError("an attempt over http has an ip, and one by file has none")


@dataclass(frozen=True, kw_only=True)
class Layer:
    """At most `limit` accepted attempts of one key within any `window_s` seconds.

    A layer that does not apply to an attempt neither refuses nor counts it. Raises ValueError for
    a limit or window below 1 and for a key without fields or with one twice.
    """

    layer: str
    key: tuple[Field, ...]
    limit: int
    window_s: int
    applies_to_files: bool

    def __post_init__(self) -> None:
        if self.limit < 1 or self.window_s < 1:
            raise ValueError(f"layer {self.layer}: limit and window_s are 1 or more")
        if not self.key or len(set(self.key)) < len(self.key) or not set(self.key) <= set(FIELDS):
            raise ValueError(f"layer {self.layer}: the key is some of {', '.join(FIELDS)}")

    @property
    def window(self) -> timedelta:
        """How long an accepted attempt counts."""
        return timedelta(seconds=self.window_s)

    def applies_to(self, attempt: Attempt) -> bool:
        """Whether the layer has a say about an attempt of that route."""
        return attempt.route == "http" or (self.applies_to_files and "ip" not in self.key)

    def key_of(self, attempt: Attempt) -> tuple[str | None, ...]:
        """What has to be equal for attempts to be counted together."""
        return tuple(getattr(attempt, field) for field in self.key)


@dataclass(frozen=True)
class Limits:
    """The layers in their order, which decides between equal waits. Raises ValueError for twins."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if len({layer.layer for layer in self.layers}) < len(self.layers):
            raise ValueError("two layers have the same name")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether an attempt is let in.

    `layer` is the one with the longest wait, exact to the microsecond; `limit`, `window_s` and
    `retry_after_s` (whole seconds, rounded up, 1 or more) are its own. All four are None for an
    attempt that is let in. The two tuples are in the order of the layers.
    """

    is_allowed: bool
    layer: str | None = None
    layers_fired: tuple[str, ...] = ()
    layers_not_applicable: tuple[str, ...] = ()
    limit: int | None = None
    window_s: int | None = None
    retry_after_s: int | None = None


class Windows:
    """The accepted attempts that still count. One thread at a time.

    Time only goes forward, over both methods; both take amortised constant time for a layer.
    """

    def __init__(self, limits: Limits) -> None:
        self._windows = tuple(_Window(layer) for layer in limits.layers)
        self._latest: datetime | None = None

    @property
    def remembered(self) -> int:
        """How many moments are held, over all layers: what has left every window is forgotten."""
        return sum(window.remembered for window in self._windows)

    def verdict(self, attempt: Attempt) -> Verdict:
        """Whether an attempt is let in; it is not recorded.

        Raises ValueError for an attempt before one that was seen earlier.
        """
        self._advance(attempt.at)
        waits: list[tuple[Layer, timedelta]] = []
        not_applicable = []
        for window in self._windows:
            if not window.layer.applies_to(attempt):
                not_applicable.append(window.layer.layer)
            elif (wait := window.wait(attempt)) is not None:
                waits.append((window.layer, wait))
        if not waits:
            return Verdict(is_allowed=True, layers_not_applicable=tuple(not_applicable))
        # Of equal waits `max` takes the first, which is the order of the layers.
        layer, longest = max(waits, key=lambda fired: fired[1])
        return Verdict(
            is_allowed=False,
            layer=layer.layer,
            layers_fired=tuple(fired.layer for fired, _ in waits),
            layers_not_applicable=tuple(not_applicable),
            limit=layer.limit,
            window_s=layer.window_s,
            retry_after_s=-(-longest // SECOND),
        )

    def record(self, attempt: Attempt) -> None:
        """Count an attempt that was accepted, by whatever limits held then.

        Raises ValueError for an attempt before one that was seen earlier.
        """
        self._advance(attempt.at)
        for window in self._windows:
            if window.layer.applies_to(attempt):
                window.record(attempt)

    def _advance(self, now: datetime) -> None:
        if self._latest is not None and now < self._latest:
            raise ValueError(
                f"an attempt at {now.isoformat()} comes after one at {self._latest.isoformat()}; "
                "attempts are given in the order of their times"
            )
        self._latest = now
        for window in self._windows:
            window.forget(now)


class _Window:
    """The newest accepted moments of every key of one layer, `limit` of each at most.

    The oldest of a full deque is the limit-th newest accepted attempt: the one whose leaving lets
    the next one in, however many there were before it.
    """

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        # In the order of their newest moment. (A dict would be slow to give its first key again
        # and again: it walks over those that were deleted.)
        self._accepted: OrderedDict[tuple[str | None, ...], deque[datetime]] = OrderedDict()

    @property
    def remembered(self) -> int:
        return sum(len(moments) for moments in self._accepted.values())

    def wait(self, attempt: Attempt) -> timedelta | None:
        """Time until the layer would let the attempt in, above zero, or None if it does now."""
        moments = self._accepted.get(self.layer.key_of(attempt))
        if moments is None or len(moments) < self.layer.limit:
            return None
        # Differences of moments, since a sum may lie beyond the last year there is.
        age = attempt.at - moments[0]
        return self.layer.window - age if age < self.layer.window else None

    def record(self, attempt: Attempt) -> None:
        key = self.layer.key_of(attempt)
        moments = self._accepted.setdefault(key, deque(maxlen=self.layer.limit))
        while moments and self._has_left(moments[0], attempt.at):
            moments.popleft()
        moments.append(attempt.at)
        self._accepted.move_to_end(key)

    def forget(self, now: datetime) -> None:
        """Drop the keys of which nothing counts any more."""
        while self._accepted:
            moments = next(iter(self._accepted.values()))
            if not self._has_left(moments[-1], now):
                return
            self._accepted.popitem(last=False)

    def _has_left(self, moment: datetime, now: datetime) -> bool:
        return now - moment >= self.layer.window


def read_limits(path: Path) -> Limits:
    """Read the seed run_limits, layers by position. Raises SeedUnusable: file, row, remedy."""
    layers: dict[int, Layer] = {}
    for row in read_seed(path, COLUMNS):
        position = row.count("position")
        layer = _layer_of(row)
        if position in layers:
            row.refuse(f"position {position} is taken. Give every layer its own.")
        if any(layer.layer == other.layer for other in layers.values()):
            row.refuse(f"layer {layer.layer} is there already. Keep one row.")
        layers[position] = layer
    if not layers:
        # Nobody lifts every limit by an empty file on purpose.
        raise SeedUnusable(f"{path}: lists no layer. Restore it from the repository.")
    return Limits(tuple(layers[position] for position in sorted(layers)))


def _layer_of(row: SeedRow) -> Layer:
    row.text("rationale")
    named = row.text("key_fields").split("+")
    key = tuple(field for name in named for field in FIELDS if field == name)
    if len(key) < len(named) or len(set(key)) < len(key):
        row.refuse(
            f"key_fields is {row.cells['key_fields']!r}. "
            f"Join some of {', '.join(FIELDS)} with +, each once."
        )
    applies_to_files = row.flag("applies_to_files")
    if applies_to_files and "ip" in key:
        row.refuse("a file has no ip, so the layer cannot apply to files. Write false.")
    return Layer(
        layer=row.text("layer"),
        key=key,
        limit=row.count("attempt_limit"),
        window_s=row.count("window_s"),
        applies_to_files=applies_to_files,
    )
