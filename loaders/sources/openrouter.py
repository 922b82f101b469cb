"""OpenRouter's model catalogue: prices and context windows."""

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

# Routers that pass a request on carry the price -1.
RANGES = {
    "pricing.prompt": (-1.0, 0.1),
    "pricing.completion": (-1.0, 0.1),
    "context_length": (1.0, 1e9),
    "top_provider.context_length": (1.0, 1e9),
}
WITH_FIGURE_FLOOR = 200


def parse(body: bytes) -> dict[str, list[Row]]:
    """Catalogue entries. Raises ValueError when the payload breaks its contract."""
    rows = rows_at(json_of(body), "data")
    require_usable(rows, lambda row: has_text(row, "id") and _context(row) is not None)
    require_ranges(rows, RANGES)
    require_floor(
        sum(1 for row in rows if _context(row)), WITH_FIGURE_FLOOR, "rows with a context length"
    )
    require_floor(
        sum(1 for row in rows if _has_prices(row)), WITH_FIGURE_FLOOR, "rows with both prices"
    )
    return {"models": rows}


def _has_prices(row: Row) -> bool:
    return all((number_at(row, f"pricing.{name}") or 0) > 0 for name in ("prompt", "completion"))


def _context(row: Row) -> float | None:
    return number_at(row, "context_length") or number_at(row, "top_provider.context_length")
