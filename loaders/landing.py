"""Lands payloads in the raw schema: append-only, once per content, in bulk."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from loaders.contracts import require_floor, require_no_shrink, require_stated, text_of_row
from loaders.errors import LandingError, UpstreamBroken
from loaders.payload import Payload
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
ROWS = """
create table if not exists raw.{table} (
    source_key varchar not null,
    endpoint varchar not null,
    row_ordinal integer not null,
    payload json not null,
    payload_sha256 varchar not null,
    url varchar not null,
    fetched_at timestamp not null
)
"""


@dataclass(frozen=True)
class LandingReport:
    """What became of one payload: upstream rows it holds, and whether they were new here.

    `absent` are boards that the source is known for and this payload has not.
    """

    source_key: str
    row_count: int
    was_new: bool
    absent: tuple[str, ...] = ()


def open_raw_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the raw tables of every registered source where they are missing."""
    connection.execute("create schema if not exists raw")
    connection.execute(PAYLOADS)
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
    chosen = sources(only)
    payloads = [read_recording(source, directory) for source in chosen]
    return land(connection, chosen, payloads, accept_shrink=accept_shrink)


def land(
    connection: duckdb.DuckDBPyConnection,
    chosen: Sequence[Source],
    payloads: Sequence[Payload],
    *,
    accept_shrink: Collection[str] = (),
) -> list[LandingReport]:
    """Check every payload against its contract, then land all in one transaction.

    Raises UnknownSource, UpstreamBroken or LandingError, and then nothing was landed.
    """
    sources(accept_shrink)
    try:
        open_raw_schema(connection)
        checked = [
            (payload, _checked_rows(connection, source, payload, accept_shrink))
            for source, payload in zip(chosen, payloads, strict=True)
        ]
        connection.execute("begin")
        try:
            reports = [
                _append(connection, source, payload, rows)
                for source, (payload, rows) in zip(chosen, checked, strict=True)
            ]
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise LandingError(
            f"the schema raw of {_name_of(connection)} does not take the rows: {reason}. "
            "Nothing was landed; move the file away to start a new one."
        ) from error
    return reports


def _name_of(connection: duckdb.DuckDBPyConnection) -> str:
    row = connection.execute("select current_database()").fetchone()
    return f"the database {row[0]!r}" if row else "the database"


def _checked_rows(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    payload: Payload,
    accept_shrink: Collection[str],
) -> Mapping[str, list[str]]:
    """Rows of each endpoint as JSON text, ready to be landed."""
    try:
        rows = source.parse(payload.body)
        count = _row_count(source, rows)
        require_stated(count, payload.stated_rows)
        if not payload.is_degraded:
            require_floor(count, source.floor)
        if not payload.is_degraded and source.source_key not in accept_shrink:
            require_no_shrink(count, _previous_count(connection, payload))
        return {
            endpoint: [text_of_row(row, ordinal) for ordinal, row in enumerate(endpoint_rows)]
            for endpoint, endpoint_rows in rows.items()
        }
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UpstreamBroken(
            source.source_key,
            f"{payload.origin} is broken: {reason}. "
            "Nothing was landed; restore the file or fetch it again.",
        ) from error


def _row_count(source: Source, rows: Mapping[str, Sequence[object]]) -> int:
    """Rows that the source publishes; what only describes them is not counted."""
    return sum(len(rows.get(endpoint, ())) for endpoint in source.endpoints)


def _previous_count(connection: duckdb.DuckDBPyConnection, payload: Payload) -> int:
    """Rows of the payload before this one; an older recording may come in later."""
    row = connection.execute(
        "select row_count from raw.payloads where source_key = ? and fetched_at <= ?"
        " order by fetched_at desc, landing_ordinal desc limit 1",
        [payload.source_key, _moment(payload)],
    ).fetchone()
    return int(row[0]) if row else 0


def _moment(payload: Payload) -> datetime:
    """The moment of the fetch as the tables hold it: UTC without a zone."""
    return payload.fetched_at.astimezone(UTC).replace(tzinfo=None)


def _append(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    payload: Payload,
    endpoints: Mapping[str, list[str]],
) -> LandingReport:
    sha256, fetched_at = payload.sha256, _moment(payload)
    count = _row_count(source, endpoints)
    # A recording that is edited and put back keeps its day: of one moment, the last landed counts.
    ledger = connection.execute(
        "select payload_sha256, fetched_at, landing_ordinal from raw.payloads"
        " where source_key = ? order by landing_ordinal",
        [payload.source_key],
    ).fetchall()
    was_new = all(known != sha256 for known, _, _ in ledger)
    of_this_moment = [known for known, moment, _ in ledger if moment == fetched_at]
    if was_new:
        for endpoint, texts in endpoints.items():
            connection.execute(
                f"insert into raw.{payload.source_key}__{endpoint}"
                " select ?, ?, unnest(range(len(landed)))::integer, unnest(landed)::json, ?, ?, ?"
                " from (select ?::varchar[] as landed)",
                [payload.source_key, endpoint, sha256, payload.url, fetched_at, texts],
            )
    if of_this_moment[-1:] != [sha256]:
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
    return LandingReport(payload.source_key, count, was_new, absent)
