"""How far the numbers can be trusted: selection and words, every number is one of a mart."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from site_builder.marts import Marts, Row

YARDSTICK = "release_day"
# What is drawn anew, in the words that follow "boards".
KINDS = {
    "weights": ("Weights moved a little", "with the weights moved a little"),
    "families": ("Benchmarks drawn anew", "with the benchmarks drawn anew"),
    "without": ("One family left out", "with one family of benchmarks left out"),
}


@dataclass(frozen=True)
class Foretelling:
    """One score held to benchmarks that it has not seen; a row is None where the mart has none."""

    name: str
    is_yardstick: bool
    spearman: Row
    kendall: Row | None
    gain: Row | None

    @property
    def verdict(self) -> str:
        """Whether it beats the release day by its margin, in words."""
        if self.is_yardstick:
            return "the yardstick"
        if self.gain is None or self.gain["is_met"] is None:
            return "cannot be judged"
        if not self.gain["is_met"]:
            return "no"
        low, bar = self.gain["value_low"], self.gain["bar_low"]
        return "yes" if low is not None and low >= bar else "on average, not surely"


@dataclass(frozen=True)
class Band:
    """Statements said with about the same probability: whole percent where the band begins."""

    begins: int
    row: Row


@dataclass(frozen=True)
class FirstPlace:
    """How often the first model of a role stays first under one kind of doubt."""

    role: str
    kind: str
    row: Row

    @property
    def surely_at_least(self) -> float:
        """The lower end of the share where boards were drawn, else the share itself."""
        low, value = self.row["value_low"], self.row["value"]
        return float(value if low is None else low)


@dataclass(frozen=True)
class Validity:
    """The checks of a board by key and subject, and what the page says of them."""

    checks: dict[str, dict[str, Row]]
    foretellings: list[Foretelling]
    bands: list[Band]
    first_places: list[FirstPlace]
    kinds: dict[str, tuple[str, str]]
    gap_filled_is_steadier: list[str]
    shrunk_is_steadier: list[str]
    masked_most: float
    benchmarks_move_more: bool
    families: dict[str, str]

    def check(self, check_key: str, subject: str = "all") -> Row | None:
        """One row of the mart, or None where it has none or came to nothing."""
        row = self.checks.get(check_key, {}).get(subject)
        return None if row is None or row["value"] is None else row

    @property
    def missed(self) -> list[str]:
        """The scores that do not beat the release day by the margin."""
        return [score.name for score in self.foretellings if score.verdict == "no"]

    @property
    def unjudged(self) -> list[str]:
        """The scores of which nothing says whether they beat it."""
        return [score.name for score in self.foretellings if score.verdict == "cannot be judged"]

    @property
    def correlation_ticks(self) -> tuple[float, ...]:
        """Labels of the axis of foretelling: all of it only where a score goes against figures."""
        rows = [score.spearman for score in self.foretellings]
        lowest = min(
            (row[key] for row in rows for key in ("value", "value_low") if row[key] is not None),
            default=0,
        )
        return (-1, -0.5, 0, 0.5, 1) if lowest < 0 else (0, 0.25, 0.5, 0.75, 1)

    @property
    def open_places(self) -> list[FirstPlace]:
        """First places that stay first on less than half of the boards of a kind."""
        return [place for place in self.first_places if place.surely_at_least < 0.5]

    @property
    def least_sure_place(self) -> FirstPlace | None:
        """The first place that stays first the least often."""
        return min(self.first_places, key=lambda place: place.row["value"], default=None)


def validity_of(marts: Marts) -> Validity:
    """Everything that the page of validity says, but for abilities and shares."""
    checks: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in marts.validity:
        checks[row["check_key"]][row["subject"]] = row
    roles = {row["role_key"]: row["label"] for row in marts.roles}
    masked = [
        (roles[key], shrunk["value"], filled["value"])
        for key in roles
        for shrunk, filled in _both(checks, "masking_shrunk", "masking_gap_filled", key)
    ]
    widths = [
        (by_weights["value"], by_benchmarks["value"])
        for key in roles
        for by_weights, by_benchmarks in _both(
            checks, "rank_width_weights", "rank_width_families", key
        )
    ]
    return Validity(
        checks=dict(checks),
        foretellings=_foretellings(checks, roles),
        bands=_bands(checks["statements"].values()),
        first_places=[
            FirstPlace(roles[key], kind, row)
            for key in roles
            for kind in KINDS
            for row in [checks[f"first_stays_first_{kind}"].get(key)]
            if row is not None and row["value"] is not None
        ],
        kinds=KINDS,
        gap_filled_is_steadier=[name for name, shrunk, filled in masked if filled < shrunk],
        shrunk_is_steadier=[name for name, shrunk, filled in masked if filled >= shrunk],
        masked_most=max((value for _, *values in masked for value in values), default=1),
        benchmarks_move_more=bool(widths) and all(low < high for low, high in widths),
        families=_families(marts),
    )


def _both(
    checks: dict[str, dict[str, Row]], first: str, second: str, subject: str
) -> list[tuple[Row, Row]]:
    """The two rows, where both came to something."""
    pair = checks[first].get(subject), checks[second].get(subject)
    if pair[0] is None or pair[1] is None or None in (pair[0]["value"], pair[1]["value"]):
        return []
    return [(pair[0], pair[1])]


def _foretellings(checks: dict[str, dict[str, Row]], roles: dict[str, str]) -> list[Foretelling]:
    """Every score with a mean correlation, the highest first."""
    names = {
        **roles,
        "mean_role": "Mean of the roles",
        "ability": "Ability",
        **{f"gap_filled_{key}": f"{label}, gaps filled" for key, label in roles.items()},
        "gap_filled_mean_role": "Mean of the roles, gaps filled",
        YARDSTICK: "Release day",
    }
    rows = [row for row in checks["held_out_spearman"].values() if row["value"] is not None]
    return [
        Foretelling(
            name=names.get(row["subject"]) or str(row["subject"]),
            is_yardstick=row["subject"] == YARDSTICK,
            spearman=row,
            kendall=checks["held_out_kendall"].get(row["subject"]),
            gain=checks["gain_over_release_day"].get(row["subject"]),
        )
        for row in sorted(rows, key=lambda row: (-row["value"], row["subject"]))
    ]


def _bands(rows: Iterable[Row]) -> list[Band]:
    """Bands of probability; the mart words them as `said 70 %`."""
    found = [(re.search(r"\d+", row["subject"]), row) for row in rows if row["value"] is not None]
    return sorted(
        (Band(int(number[0]), row) for number, row in found if number),
        key=lambda band: band.begins,
    )


def _families(marts: Marts) -> dict[str, str]:
    """What a family is called: its source, or what it is where citations alone know it."""
    sources = {row["source_key"]: row["name"] for row in marts.sources}
    metrics = {row["metric_key"] for row in marts.metrics}
    return {
        family: sources.get(family, "cited figures" if family in metrics else family.capitalize())
        for family in sorted({row["family"] for row in marts.metric_health})
    }
