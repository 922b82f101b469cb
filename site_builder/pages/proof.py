"""What was kept, and what anyone can check: snapshots and provenance."""

from collections.abc import Iterator

from site_builder.marts import Row
from site_builder.page import Board, Page
from site_builder.snapshot_files import is_day
from site_builder.wording import NOBODY_SAID

STANDINGS = {
    "attested": ("Attested", "Anyone can check it from the published files."),
    "asserted": ("Asserted", "Somebody says it, and it is repeated here."),
    "not_covered": ("Not covered", "Nobody vouches for it."),
}


def pages(board: Board) -> Iterator[Page]:
    """Snapshots, and what is attested, asserted or neither."""
    yield Page(
        "snapshots.html",
        "snapshots.html",
        {"downloads": board.downloads, "nobody_said": NOBODY_SAID},
    )
    claims: dict[str, list[Row]] = {standing: [] for standing in STANDINGS}
    for row in board.marts.claims:
        claims[row["standing"]].append(row)
    days = [row["snapshot_date"] for row in board.marts.snapshots if is_day(row["snapshot_date"])]
    yield Page(
        "provenance.html",
        "provenance.html",
        {"standings": STANDINGS, "claims": claims, "last_day": days[0] if days else None},
    )
