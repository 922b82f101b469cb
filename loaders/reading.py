"""Turns a body into the rows of its source, or says why it cannot be one of its answers."""

from collections.abc import Mapping

from loaders.contracts import require_floor, text_of_row
from loaders.registry import Source

# Rows of each endpoint as JSON text, ready to be landed.
Rows = Mapping[str, list[str]]


def rows_of(source: Source, body: bytes, *, is_degraded: bool = False) -> Rows:
    """The rows of a body that keeps every promise of its source; a lesser form has no floor.

    Raises ValueError, or whatever a fault of the parser itself raises.
    """
    rows = source.parse(body)
    texts = {
        endpoint: [text_of_row(row, ordinal) for ordinal, row in enumerate(endpoint_rows)]
        for endpoint, endpoint_rows in rows.items()
    }
    count = row_count(source, texts)
    if is_degraded:
        require_floor(count, 1)
    else:
        require_floor(count, source.floor)
    return texts


def row_count(source: Source, rows: Rows) -> int:
    """Rows that the source publishes; what only describes them is not counted."""
    return sum(len(rows.get(endpoint, ())) for endpoint in source.endpoints)
