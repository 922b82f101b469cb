"""How each source stands in a warehouse: its last outcome, and the rows in force."""

from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from loaders.payload import Landed

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
    ) as row_count,
    (
        select arg_max(payload_sha256, (fetched_at, landing_ordinal)) from raw.payloads
        where source_key = fetches.source_key and status <> 'recorded'
    ) as good_sha256,
    (
        select max(fetched_at) from raw.payloads
        where source_key = fetches.source_key and status <> 'recorded'
    ) as good_fetched_at
from raw.fetches as fetches
qualify row_number() over (partition by source_key order by fetch_ordinal desc) = 1
"""


@dataclass(frozen=True)
class Standing:
    """The last outcome of a source; `fetched_at` (UTC) and rows are those of its payload.

    `last_good` is the newest payload that was ever fetched, whatever the last outcome was.
    """

    status: str
    problem: str | None
    mark: str
    fetched_at: datetime | None
    row_count: int | None
    last_good: Landed | None


def standings(connection: duckdb.DuckDBPyConnection) -> dict[str, Standing]:
    """How each source stands that was ever asked, by source key."""
    found = {}
    for key, status, problem, mark, fetched_at, row_count, sha256, good_at in connection.execute(
        LAST_OUTCOMES
    ).fetchall():
        found[key] = Standing(
            status,
            problem,
            mark,
            fetched_at.replace(tzinfo=UTC) if fetched_at else None,
            row_count,
            Landed(sha256=sha256, fetched_at=good_at.replace(tzinfo=UTC)) if sha256 else None,
        )
    return found
