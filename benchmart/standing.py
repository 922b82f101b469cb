"""How each source stands in a warehouse: its last outcome, and the rows in force."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

LAST_OUTCOMES = """
select
    fetches.source_key,
    fetches.status,
    fetches.problem,
    fetches.mark,
    fetches.fetched_at,
    (
        select max(row_count) from raw.payloads
        where source_key = fetches.source_key and payload_sha256 = fetches.payload_sha256
    ) as row_count
from raw.fetches as fetches
qualify row_number() over (partition by source_key order by fetch_ordinal desc) = 1
"""


@dataclass(frozen=True)
class Standing:
    """The last outcome of a source; `fetched_at` (UTC) and rows are those of its payload."""

    status: str
    problem: str | None
    mark: str
    fetched_at: datetime | None
    row_count: int | None


def standings(connection: duckdb.DuckDBPyConnection) -> dict[str, Standing]:
    """How each source stands that was ever asked, by source key."""
    return {
        source_key: Standing(
            status, problem, mark, fetched_at.replace(tzinfo=UTC) if fetched_at else None, row_count
        )
        for source_key, status, problem, mark, fetched_at, row_count in connection.execute(
            LAST_OUTCOMES
        ).fetchall()
    }
