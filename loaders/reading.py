"""Turns a body into the rows of its source, or says why it cannot be one of its answers."""

from collections.abc import Mapping

from loaders.contracts import require_floor, require_stated, text_of_row
from loaders.registry import Source

# Rows of each endpoint as JSON text, ready to be landed.
Rows = Mapping[str, list[str]]


def rows_of(
    source: Source, body: bytes, *, is_degraded: bool = False, stated_rows: int | None = None
) -> Rows:
    """The rows of a body that keeps every promise of its source.

    A floor tells a broken page from a small board. A lesser form has none, and neither has a body
    of which `stated_rows` says how many rows there are: boards were small once. Raises ValueError,
    or whatever a fault of the parser itself raises.
    """
    rows = source.parse(body)
    texts = {
        endpoint: [text_of_row(row, ordinal) for ordinal, row in enumerate(endpoint_rows)]
        for endpoint, endpoint_rows in rows.items()
    }
    count = row_count(source, texts)
    require_stated(count, stated_rows)
    has_floor = not is_degraded and stated_rows is None
    for part in source.part_floors:
        require_floor(part.count(rows), part.floor if has_floor else 1, part.what)
    require_floor(count, source.floor if has_floor else 1)
    return texts


def row_count(source: Source, rows: Rows) -> int:
    """Rows that the source publishes; what only describes them is not counted."""
    return sum(len(rows.get(endpoint, ())) for endpoint in source.endpoints)
