"""GSO: shares of optimisation tasks done."""

from loaders.contracts import (
    Row,
    has_text,
    json_of,
    number_at,
    require_floor,
    require_ranges,
    require_usable,
    rows_at,
)

SCORES = ("score_hack_control", "score")
ONE_ATTEMPT_FLOOR = 15


def parse(body: bytes) -> dict[str, list[Row]]:
    """Runs. Raises ValueError when the payload breaks its contract."""
    rows = rows_at(json_of(body), "models")
    require_usable(
        rows,
        lambda row: (
            has_text(row, "name") and any(number_at(row, name) is not None for name in SCORES)
        ),
    )
    require_ranges(rows, dict.fromkeys(SCORES, (0.0, 100.0)))
    one_attempt = [row for row in rows if str(row.get("setting")).lower() == "opt@1"]
    require_floor(len(one_attempt), ONE_ATTEMPT_FLOOR, "rows with the setting Opt@1")
    return {"models": rows}
