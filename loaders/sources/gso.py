"""GSO: shares of optimisation tasks done."""

from collections.abc import Mapping

from loaders.contracts import (
    Row,
    has_text,
    json_of,
    number_at,
    require_ranges,
    require_usable,
    rows_at,
)

SCORES = ("score_hack_control", "score")
ONE_ATTEMPT_FLOOR = 15
# Since then every run has its figure without the hacked ones. A board of newer runs that lacks it
# has renamed it, and the uncontrolled figure must not take its place unseen.
CONTROLLED_SINCE = "2025-11-03"


def parse(body: bytes) -> dict[str, list[Row]]:
    """Runs. Raises ValueError when the payload breaks its contract."""
    rows = rows_at(json_of(body), "models")
    newest = max((str(row["date"]) for row in rows if has_text(row, "date")), default="")
    needed = SCORES[:1] if newest >= CONTROLLED_SINCE else SCORES
    require_usable(
        rows,
        lambda row: (
            has_text(row, "name") and any(number_at(row, name) is not None for name in needed)
        ),
    )
    require_ranges(rows, dict.fromkeys(SCORES, (0.0, 100.0)))
    return {"models": rows}


def one_attempts(rows: Mapping[str, list[Row]]) -> int:
    """How many runs had one attempt at each task; staging leaves the others out."""
    return sum(1 for row in rows["models"] if str(row.get("setting")).lower() == "opt@1")
