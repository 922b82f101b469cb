"""Terminal-Bench: one page a version of the benchmark, runs streamed."""

import re

from loaders.contracts import Row, number_at, objects, require_ranges, require_usable, text_of
from loaders.rsc import array_after, stream_of

REQUIRED = frozenset({"accuracy", "model"})
VERSION = re.compile(r'"name":"terminal-bench","version":"([^"]*)"')
SHOWING = re.compile(r"Showing (?:<!-- -->)?(\d+)(?:<!-- -->)? entries")


def parse(body: bytes, *, version: str) -> dict[str, list[Row]]:
    """Runs of one version. Raises ValueError when the page breaks its contract."""
    page = text_of(body)
    stream = stream_of(page)
    stated_version = VERSION.search(stream)
    if stated_version is None or stated_version.group(1) != version:
        raise ValueError(f"the page is not that of version {version}")
    rows = objects(array_after(stream, "rows", REQUIRED), "rows")
    showing = SHOWING.search(page)
    if showing is None or int(showing.group(1)) != len(rows):
        stated = "no number of" if showing is None else showing.group(1)
        raise ValueError(f"the page shows {stated} entries and holds {len(rows)}")
    require_usable(
        rows,
        lambda row: (
            isinstance(row.get("model"), list)
            and bool(row["model"])
            and number_at(row, "accuracy") is not None
        ),
    )
    require_ranges(rows, dict.fromkeys(("accuracy", "stderr"), (0.0, 1.0)))
    return {"runs": rows}
