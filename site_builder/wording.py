"""How figures and changes are said, by pages and commands alike: words and figures, no lookups."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).with_name("words.toml")
CAUSES = ("data", "selection", "method", "price", "fill")
# Less than this many points are not worth a word.
WORTH_A_WORD = 0.05
SHOWN_METRICS = 3
THE_METHOD = "the method as a whole"
NOBODY_SAID = "nobody has said why yet"
# Each evidence class: the name of its mark, and what it means.
MARKS = {
    "direct": ("measured", "a live source publishes the figure"),
    "override": ("reported", "an interested party published the figure, with a citation"),
    "fill_same_series": ("estimated", "an older model of the same line stands in"),
    "fill_conservative": ("estimated", "another model of the vendor stands in"),
    "fill_cross_vendor": ("estimated", "a model of another vendor stands in"),
    "composite": ("composite", "blended from its metrics"),
    "missing": ("missing", "nobody publishes a figure"),
}


def words(*, version: str) -> dict[str, Any]:
    """What pages are called and what the script says; `version` is that of the method."""
    catalogue = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    for entry in (*catalogue["pages"], *catalogue["more"], *catalogue["own"]):
        entry["path"] = entry["path"].format(version=version)
    return catalogue


def figure(value: float) -> str:
    """A published figure to six digits, or to all before its point; never in powers of ten."""
    if abs(value) >= 100_000:
        return f"{value:,.0f}"
    return f"{value:,.6g}" if value == 0 or abs(value) >= 0.0001 else f"{value:.12f}".rstrip("0")


def signed(value: float, *, decimals: int = 1, on_page: bool = False) -> str:
    """Points with their sign; what rounds to nothing has none."""
    text = f"{value:+.{decimals}f}"
    if not text.strip("+-0."):
        return text[1:]
    return text.replace("-", "−") if on_page else text


def percent(share: float) -> str:
    """Whole percent, cut: a share just below a threshold must not read as if it had reached it."""
    return f"{math.floor(share * 100 + 1e-9)}%"


def rank_range(low: int | None, high: int | None, *, on_page: bool = False) -> str:
    """The ranks that a model may hold; one number where there is no doubt."""
    if low is None or high is None:
        return "unranked"
    return f"{low}" if low == high else f"{low}{'–' if on_page else '-'}{high}"


def chance(probability: float) -> str:
    """A probability in whole percent; what is not certain never reads as certain."""
    return f"{min(99, max(1, round(100 * probability)))}%"


def headline(
    score_before: float | None,
    score_after: float | None,
    change: float | None,
    rank_before: int | None,
    rank_after: int | None,
    *,
    on_page: bool = False,
) -> str:
    """Scores and ranks before and now; a model that is on one board alone came or left."""
    if score_before is None or score_after is None or change is None:
        return "left" if score_after is None else "is new"
    arrow = _arrow(on_page)
    ranks = ""
    if rank_before != rank_after:
        ranks = f", rank {rank_before or '-'} {arrow} {rank_after or '-'}"
    moved = signed(change, on_page=on_page)
    return f"{score_before:.1f} {arrow} {score_after:.1f} ({moved}{ranks})"


def story(
    what_happened: str,
    raw_before: float | None,
    raw_after: float | None,
    label_after: str | None,
    *,
    on_page: bool = False,
) -> str:
    """What happened to the figure behind a metric, as it goes on after the metric's name."""
    before = None if raw_before is None else figure(raw_before)
    after = None if raw_after is None else figure(raw_after)
    step = f"{before} {_arrow(on_page)} {after}" if before != after else f"{after}"
    match what_happened:
        case "figure_came":
            return f"came, {after}" if before is None else f"measured, {step}"
        case "figure_left":
            return f"left, was {before}"
        case "figure_changed" if before != after:
            return step
        case "row_changed":
            return f"{step}, now of {'another row' if label_after is None else repr(label_after)}"
        case "estimate_came":
            return f"estimated, {after}"
        case "estimate_left":
            return f"estimate dropped, was {before}"
        case "estimate_changed":
            return f"estimate {step}" if before != after else f"estimate {after}, chosen anew"
        case "field_moved":
            return "stayed, its field moved"
        case "weight_shifted":
            return "weighs differently beside what came or left"
    return "counts differently"


def causes_told(points: Mapping[str, float]) -> list[str]:
    """The causes that are worth a word, the largest first."""
    told = [cause for cause in CAUSES if abs(points[cause]) >= WORTH_A_WORD]
    return sorted(told, key=lambda cause: -abs(points[cause]))


def _arrow(on_page: bool) -> str:
    return "→" if on_page else "->"
