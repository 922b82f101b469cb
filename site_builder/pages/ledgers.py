"""Ledgers of own runs: labs, verdicts, contradictions, exploits, and what people decided."""

from collections import Counter
from collections.abc import Iterator

from site_builder.marts import SHOWN_ROWS
from site_builder.page import Board, Page
from site_builder.pages.runs import paths_of, steps_of
from site_builder.wording import NOBODY_SAID


def pages(board: Board) -> Iterator[Page]:
    """A page for each ledger; an empty one says so."""
    marts = board.marts
    counts = marts.run_counts[0]
    paths = paths_of(marts.runs)
    shared = {"run_paths": paths, "counts": counts, "shown_rows": SHOWN_ROWS}
    yield Page(
        "lab.html",
        "lab.html",
        {
            **shared,
            "configurations": [row for row in marts.run_configurations if row["is_lab"]][
                :SHOWN_ROWS
            ],
            "claims": [row for row in marts.runs if row["claims_lab"] and not row["is_lab"]][
                :SHOWN_ROWS
            ],
        },
    )
    yield Page(
        "verdicts.html",
        "verdicts.html",
        {
            **shared,
            "attempts": [(row, steps_of(row)) for row in marts.run_verdicts[:SHOWN_ROWS]],
            "met": Counter(row["verdict"] for row in marts.run_verdicts[:SHOWN_ROWS]),
        },
    )
    yield Page(
        "contradictions.html",
        "contradictions.html",
        {**shared, "found": marts.run_contradictions[:SHOWN_ROWS]},
    )
    yield Page("exploits.html", "exploits.html", shared)
    yield Page(
        "adjudications.html",
        "adjudications.html",
        {
            **shared,
            "paths_by_hash": {row["run_sha256"]: paths[row["submission_no"]] for row in marts.runs},
            "explained": [row for row in marts.departures if row["reason"] is not None],
            "unexplained": [row for row in marts.departures if row["reason"] is None],
            "nobody_said": NOBODY_SAID,
        },
    )
