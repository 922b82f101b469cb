"""The Berkeley Function Calling Leaderboard: one CSV file."""

import csv
import io

from loaders.contracts import Row, has_text, number_at, require_ranges, require_usable, text_of

REQUIRED = ("Model", "Overall Acc")
SHARES = (
    "Overall Acc",
    "Non-Live AST Acc",
    "Live Acc",
    "Multi Turn Acc",
    "Web Search Acc",
    "Memory Acc",
    "Relevance Detection",
    "Irrelevance Detection",
)


def parse(body: bytes) -> dict[str, list[Row]]:
    """Leaderboard lines, cells as text. Raises ValueError when the file breaks its contract."""
    text = text_of(body)
    if text.lstrip()[:1] == "<":
        raise ValueError("HTML came where CSV was expected")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = reader.fieldnames or []
        rows: list[Row] = list(reader)
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num} is no CSV ({error})") from error
    for name in REQUIRED:
        if name not in columns:
            raise ValueError(f"the column {name!r} is missing")
    for ordinal, row in enumerate(rows):
        if None in row or None in row.values():
            raise ValueError(f"row {ordinal} has not the {len(columns)} cells of the header")
    figures = [{name: _without_sign(row.get(name)) for name in ("Model", *SHARES)} for row in rows]
    require_usable(
        figures, lambda row: has_text(row, "Model") and number_at(row, "Overall Acc") is not None
    )
    require_ranges(figures, dict.fromkeys(SHARES, (0.0, 100.0)))
    return {"rows": rows}


def _without_sign(cell: str | None) -> str | None:
    """A cell without its percent sign, as staging will read it."""
    return cell and cell.removesuffix("%")
