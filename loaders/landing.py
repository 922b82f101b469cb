"""Lands payloads in the raw schema: append-only, once per content, in bulk."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders.contracts import require_no_shrink
from loaders.errors import LandingError, UpstreamBroken, reason_of
from loaders.payload import Fetched, Landed, Payload
from loaders.reading import Rows, row_count, rows_of
from loaders.recordings import read_recording
from loaders.registry import SOURCES, Source, sources

PAYLOADS = """
create table if not exists raw.payloads (
    source_key varchar not null,
    payload_sha256 varchar not null,
    url varchar not null,
    fetched_at timestamp not null,
    status varchar not null,
    payload_bytes bigint not null,
    row_count integer not null,
    landing_ordinal integer not null
)
"""
FETCHES = """
create table if not exists raw.fetches (
    source_key varchar not null,
    fetch_ordinal integer not null,
    decided_at timestamp not null,
    status varchar not null,
    payload_sha256 varchar,
    fetched_at timestamp,
    problem varchar,
    retries integer not null,
    mark varchar not null
)
"""
# A payload is nearly the one before it. ZSTD, which looks back over some payloads, finds that; the
# compression that DuckDB would choose does so only where one payload's rows fit into a block.
ROWS = """
create table if not exists raw.{table} (
    source_key varchar not null,
    endpoint varchar not null,
    row_ordinal integer not null,
    payload json not null using compression zstd,
    payload_sha256 varchar not null,
    url varchar not null,
    fetched_at timestamp not null
)
"""


@dataclass(frozen=True)
class LandingReport:
    """What became of one source: rows of the payload in force, and whether they were new here.

    `absent` are boards that the source is known for and this payload has not. `is_change` says
    whether a table gained anything: known content of a new moment is a payload too.
    """

    fetched: Fetched
    row_count: int = 0
    was_new: bool = False
    is_change: bool = False
    absent: tuple[str, ...] = ()


def open_raw_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw tables of every registered source where they are missing."""
    connection.execute("create schema if not exists raw")
    connection.execute(PAYLOADS)
    connection.execute(FETCHES)
    for source in SOURCES:
        for endpoint in (*source.endpoints, *source.lookups):
            connection.execute(ROWS.format(table=f"{source.source_key}__{endpoint}"))


def land_recordings(
    connection: duckdb.DuckDBPyConnection,
    directory: Path,
    *,
    only: Collection[str] | None = None,
    accept_shrink: Collection[str] = (),
) -> list[LandingReport]:
    """Land the recorded responses; all are checked before the first is landed.

    Raises PayloadMissing or UpstreamBroken, and then nothing was landed.
    """
    recorded = [read_recording(source, directory) for source in sources(only)]
    return land(connection, recorded, now=datetime.now(UTC), accept_shrink=accept_shrink)


def land(
    connection: duckdb.DuckDBPyConnection,
    collected: Sequence[Fetched],
    *,
    now: datetime,
    accept_shrink: Collection[str] = (),
    is_history: bool = False,
) -> list[LandingReport]:
    """Check every payload against its contract, then land all in one transaction.

    What is landed as history is no outcome: the ledger of fetches, which says what is in force,
    does not hear of it.

    Raises UnknownSource, UpstreamBroken or LandingError, and then nothing was landed.
    """
    sources(accept_shrink)
    try:
        open_raw_schema(connection)
        checked = [
            _checked(connection, source, fetched, accept_shrink)
            for fetched in collected
            for source in sources([fetched.source_key])
        ]
        connection.execute("begin")
        try:
            reports = [_append(connection, fetched, rows) for fetched, rows in checked]
            for report in () if is_history else reports:
                _note(connection, report.fetched, now)
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise LandingError(
            f"the schema raw of {_name_of(connection)} does not take the rows: {reason}. "
            "Nothing was landed; move the file away to start a new one, or make room."
        ) from error
    return reports


def _name_of(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select current_database()").fetchone()
    return f"the database {row[0]!r}" if row else "the database"


def _checked(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    fetched: Fetched,
    accept_shrink: Collection[str],
) -> tuple[Fetched, Rows]:
    """The outcome with its rows as JSON text, ready to be landed."""
    payload = fetched.payload
    if not isinstance(payload, Payload):
        return fetched, {}
    try:
        rows = rows_of(
            source,
            payload.body,
            is_degraded=payload.is_degraded,
            stated_rows=payload.stated_rows,
        )
        is_believed = source.source_key in accept_shrink or _is_landed(connection, payload)
        if payload.status == "recorded" and not is_believed:
            # What is fetched was compared with the answer before when it came.
            require_no_shrink(row_count(source, rows), _previous_count(connection, payload))
    except (ValueError, RecursionError) as error:
        raise UpstreamBroken(
            source.source_key,
            f"{payload.origin} is broken: {reason_of(error)}. "
            "Nothing was landed; restore the file or fetch it again.",
        ) from error
    return fetched, rows


def _is_landed(connection: duckdb.DuckDBPyConnection, payload: Payload) -> bool:
    """Whether this content was landed for this moment, and so was believed.

    Another recording of that day, landed since, would be the one before it, and may be longer.
    """
    return bool(
        connection.execute(
            "select 1 from raw.payloads"
            " where source_key = ? and payload_sha256 = ? and fetched_at = ?",
            [payload.source_key, payload.sha256, _moment(payload)],
        ).fetchone()
    )


def _previous_count(connection: duckdb.DuckDBPyConnection, payload: Payload) -> int:
    """Rows of the payload before this recording; an older one may come in later."""
    row = connection.execute(
        "select row_count from raw.payloads where source_key = ? and fetched_at <= ?"
        " order by fetched_at desc, landing_ordinal desc limit 1",
        [payload.source_key, _moment(payload)],
    ).fetchone()
    return int(row[0]) if row else 0


def _moment(payload: Payload | Landed) -> datetime:
    """The moment of the fetch as the tables hold it: UTC without a zone."""
    return payload.fetched_at.astimezone(UTC).replace(tzinfo=None)


def _append(
    connection: duckdb.DuckDBPyConnection, fetched: Fetched, endpoints: Rows
) -> LandingReport:
    payload = fetched.payload
    if not isinstance(payload, Payload):
        return LandingReport(fetched)
    [source] = sources([fetched.source_key])
    sha256, fetched_at = payload.sha256, _moment(payload)
    count = row_count(source, endpoints)
    # A recording that is edited and put back keeps its day: of one moment, the last landed counts.
    ledger = connection.execute(
        "select payload_sha256, fetched_at, landing_ordinal from raw.payloads"
        " where source_key = ? order by landing_ordinal",
        [payload.source_key],
    ).fetchall()
    was_new = all(known != sha256 for known, _, _ in ledger)
    of_this_moment = [known for known, moment, _ in ledger if moment == fetched_at]
    is_change = is_new_moment = of_this_moment[-1:] != [sha256]
    for endpoint, texts in endpoints.items():
        # A parser that reads more of a payload than it did when that was landed reads it anew.
        table = f"raw.{payload.source_key}__{endpoint}"
        held = connection.execute(
            f"select list(payload::varchar order by row_ordinal) from {table}"
            " where payload_sha256 = ?",
            [sha256],
        ).fetchone()
        if held != (texts or None,):
            is_change = True
            connection.execute(f"delete from {table} where payload_sha256 = ?", [sha256])
            connection.execute(
                f"insert into {table}"
                " select ?, ?, unnest(range(len(landed)))::integer, unnest(landed)::json, ?, ?, ?"
                " from (select ?::varchar[] as landed)",
                [payload.source_key, endpoint, sha256, payload.url, fetched_at, texts],
            )
    if is_new_moment:
        connection.execute(
            "insert into raw.payloads values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                payload.source_key,
                sha256,
                payload.url,
                fetched_at,
                payload.status,
                len(payload.body),
                count,
                len(ledger),
            ],
        )
    absent = tuple(endpoint for endpoint in source.endpoints if endpoint not in endpoints)
    return LandingReport(fetched, count, was_new, is_change, absent)


def _note(connection: duckdb.DuckDBPyConnection, fetched: Fetched, now: datetime) -> None:
    """Add the outcome to the ledger of fetches, unless its last row says the same."""
    payload = fetched.payload
    said = (
        fetched.status,
        payload.sha256 if payload else None,
        _moment(payload) if payload else None,
        fetched.problem,
        fetched.mark,
    )
    last = connection.execute(
        "select fetch_ordinal, status, payload_sha256, fetched_at, problem, mark from raw.fetches"
        " where source_key = ? order by fetch_ordinal desc limit 1",
        [fetched.source_key],
    ).fetchone()
    ordinal, *known = last or (-1,)
    if tuple(known) != said:
        connection.execute(
            "insert into raw.fetches values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                fetched.source_key,
                ordinal + 1,
                now.astimezone(UTC).replace(tzinfo=None),
                *said[:-1],
                fetched.retries,
                fetched.mark,
            ],
        )
