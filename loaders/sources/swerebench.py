"""SWE-rebench: resolved shares per model and span of tasks, streamed by one page."""

from collections.abc import Iterator, Mapping

from loaders.contracts import (
    Row,
    has_text,
    number_at,
    objects,
    require_ranges,
    require_usable,
    text_of,
)
from loaders.rsc import array_after, stream_of

REQUIRED = frozenset({"modelId"})
RANGES = dict.fromkeys(("resolvedRate", "sem", "passN"), (0.0, 100.0))


def parse(body: bytes) -> dict[str, list[Row]]:
    """Leaderboard items. Raises ValueError when the page breaks its contract."""
    rows = objects(array_after(stream_of(text_of(body)), "items", REQUIRED), "items")
    require_usable(
        rows,
        lambda row: (
            has_text(row, "modelName")
            and any(number_at(span, "resolvedRate") is not None for span in _spans(row))
        ),
    )
    for row in rows:
        require_ranges(_spans(row), RANGES)
    return {"items": rows}


def _spans(row: Row) -> Iterator[Row]:
    """The figures of every span of tasks; an older page has them without the level `all`."""
    stats = row.get("rangeStats")
    if isinstance(stats, Mapping):
        spans = stats.get("all", stats)
        if isinstance(spans, Mapping):
            yield from (span for span in spans.values() if isinstance(span, Mapping))
