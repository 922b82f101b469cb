"""The leaderboards of Scale AI: one page a board, all of one shape."""

import re

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

REQUIRED = frozenset({"model", "score"})
RANGES = {"score": (0.0, 100.0), "confidenceInterval_upper": (0.0, 100.0)}
CANONICAL = re.compile(r'<link rel="canonical" href="[^"]*/leaderboard/([^"/]+)"')
TITLE = re.compile(r"<title>([^<]*)</title>")


def parse(body: bytes, *, board: str, title: str) -> dict[str, list[Row]]:
    """Entries of one board; `board` ends its canonical link, `title` is said by its title.

    Raises ValueError when the page breaks its contract or is another board's.
    """
    page = text_of(body)
    canonical = CANONICAL.search(page)
    if canonical is None or canonical.group(1) != board:
        raise ValueError(f"the canonical link does not name the board {board!r}")
    heading = TITLE.search(page)
    if heading is None or _letters(title) not in _letters(heading.group(1)):
        raise ValueError(f"the title does not name the board {title!r}")
    rows = objects(array_after(stream_of(page), "entries", REQUIRED), "entries")
    require_usable(rows, lambda row: has_text(row, "model") and number_at(row, "score") is not None)
    require_ranges(rows, RANGES)
    return {"entries": rows}


def _letters(text: str) -> str:
    """Titles of one board differ in hyphens and blanks."""
    return "".join(character for character in text.lower() if character.isalnum())
