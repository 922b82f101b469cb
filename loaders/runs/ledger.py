"""The ledger of own runs: every attempt to hand one in, and every grade since, append-only.

It is a DuckDB file of its own beside the warehouse, because nobody could fetch these runs again:
a warehouse that is deleted is built anew from it.
"""

import contextlib
import fcntl
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import BinaryIO, Literal

import duckdb
import msgspec

from loaders.errors import LedgerUnusable
from loaders.runs.bodies import BodyStore
from loaders.runs.shapes import Pack

SUBMISSIONS = {
    "submission_no": "bigint",
    "received_at": "timestamp",
    "route": "varchar",
    "origin": "varchar",
    "importer": "varchar",
    "ip_hash": "varchar",
    "nickname": "varchar",
    "model": "varchar",
    "config": "varchar",
    "run_sha256": "varchar",
    "pack_sha256": "varchar",
    "schema_verdict": "varchar",
    "duplicate_verdict": "varchar",
    "duplicate_of": "bigint",
    "pack_verdict": "varchar",
    "signature_verdict": "varchar",
    "signed_by": "varchar",
    "is_lab": "boolean",
    "limit_verdict": "varchar",
    "limit_layer": "varchar",
    "layers_fired": "varchar[]",
    "attempt_limit": "integer",
    "window_s": "integer",
    "retry_after_s": "integer",
    "is_accepted": "boolean",
    "problem": "varchar",
    "about": "json",
    "tasks": "json",
    "calls": "json",
}
EVENTS = {
    "event_no": "bigint",
    "run_sha256": "varchar",
    "task": "varchar",
    "run_no": "integer",
    "kind": "varchar",
    "state": "varchar",
    "grader": "varchar",
    "grader_version": "varchar",
    "grader_origin": "varchar",
    "actor": "varchar",
    "passed": "boolean",
    "score": "decimal(4, 2)",
    "input_sha256": "varchar",
    "rationale_sha256": "varchar",
    "reason": "varchar",
    "decided_at": "timestamp",
}
PACKS = {"pack_sha256": "varchar", "pack": "varchar", "added_at": "timestamp", "document": "json"}
TABLES = {"submissions": SUBMISSIONS, "events": EVENTS, "packs": PACKS}
# Of the longest run that is read, without its bodies. The reader of lines makes room for some.
LARGEST_LINE = 1 << 25
BUFFER = 1 << 20


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to hand in a run, with what every check said; None where none was reached."""

    received_at: datetime
    route: Literal["http", "file"]
    origin: str
    importer: str | None = None
    ip_hash: str | None = None
    nickname: str | None = None
    model: str | None = None
    config: str | None = None
    run_sha256: str | None = None
    pack_sha256: str | None = None
    schema_verdict: str
    duplicate_verdict: str | None = None
    duplicate_of: int | None = None
    pack_verdict: str | None = None
    signature_verdict: str | None = None
    signed_by: str | None = None
    is_lab: bool = False
    limit_verdict: str | None = None
    limit_layer: str | None = None
    layers_fired: tuple[str, ...] = ()
    attempt_limit: int | None = None
    window_s: int | None = None
    retry_after_s: int | None = None
    is_accepted: bool = False
    problem: str | None = None
    about: msgspec.Raw | None = None
    tasks: msgspec.Raw | None = None
    calls: msgspec.Raw | None = None


class ScoreEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A grade of one task of a run, or why there is none; never changed, only followed."""

    run_sha256: str
    task: str
    run_no: int
    kind: str
    state: str
    grader: str
    grader_version: str
    grader_origin: Literal["pack", "run"]
    actor: str
    passed: bool | None = None
    score: Decimal | None = None
    input_sha256: str | None = None
    rationale_sha256: str | None = None
    reason: str | None = None
    decided_at: datetime


class Ledger:
    """The folder of own runs: `ledger.duckdb`, the bodies and the lock that both are under."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "ledger.duckdb"
        self.bodies = BodyStore(folder / "bodies")

    @contextlib.contextmanager
    def attached(self, connection: duckdb.DuckDBPyConnection, name: str) -> Iterator[None]:
        """Let a connection read the held ledger under a name. Raises LedgerUnusable."""
        with self._held():
            try:
                path = str(self.file).replace("'", "''")
                connection.execute(f"attach '{path}' as {name} (read_only)")
            except duckdb.Error as error:
                raise self._unusable(error) from error
            try:
                yield
            finally:
                connection.execute(f"detach {name}")

    def purge(self, *, now: datetime, days: int) -> list[date]:
        """Delete bodies that are older than some days, while nobody reads or adds any."""
        if not self.bodies.folder.is_dir():
            return []
        with self._held():
            return self.bodies.purge(now=now, days=days)

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the ledger alone, waiting for others. Raises LedgerUnusable."""
        with self._held():
            try:
                connection = duckdb.connect(str(self.file))
            except duckdb.Error as error:
                raise self._unusable(error) from error
            with connection:
                try:
                    _create_tables(connection, "main", {})
                    connection.execute(
                        "insert into meta select ? where not exists (select 1 from meta)",
                        [uuid.uuid4().hex],
                    )
                    yield connection
                except duckdb.Error as error:
                    raise self._unusable(error) from error

    def _unusable(self, error: duckdb.Error) -> LedgerUnusable:
        return LedgerUnusable(
            f"{self.file}: {str(error).splitlines()[0]}. Nothing was taken in; close the program"
            " that holds it, make room, or restore it from a copy."
        )

    def mark(self) -> str:
        """What decides whether something came in; 'empty' for a ledger without anything."""
        if not self.file.exists():
            return "empty"
        with self.open() as connection:
            counts = [
                connection.execute(f"select count(*) from {table}").fetchone() for table in TABLES
            ]
            identity = connection.execute("select ledger_id from meta").fetchone()
        return "-".join(str(row[0]) for row in (identity, *counts) if row)

    def append_submissions(
        self, connection: duckdb.DuckDBPyConnection, submissions: Iterable[Submission]
    ) -> int:
        """Add attempts, numbered in their order, all or none; returns how many."""
        first = next_no(connection, "submissions", "submission_no")
        rows = map(numbering("submission_no", first), submissions)
        return self._append(connection, "submissions", rows)

    def append_events(
        self, connection: duckdb.DuckDBPyConnection, events: Iterable[ScoreEvent]
    ) -> int:
        """Add grades, numbered in their order, all or none; returns how many."""
        rows = map(numbering("event_no", next_no(connection, "events", "event_no")), events)
        return self._append(connection, "events", rows)

    def append_packs(
        self, connection: duckdb.DuckDBPyConnection, packs: Mapping[str, Pack], *, now: datetime
    ) -> int:
        """Add packs by their hash; returns how many."""
        rows = (pack_row(sha256, pack, added_at=now) for sha256, pack in packs.items())
        return self._append(connection, "packs", rows)

    def _append(
        self, connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[bytes]
    ) -> int:
        return append_rows(connection, f"main.{table}", TABLES[table], rows, scratch=self.folder)


def open_runs_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that a warehouse has of a ledger, in its schema `runs`, where they miss."""
    connection.execute("create schema if not exists runs")
    _create_tables(connection, "runs", {"is_sample": "boolean not null"})


def _create_tables(
    connection: duckdb.DuckDBPyConnection, schema: str, more: Mapping[str, str]
) -> None:
    for table, columns in TABLES.items():
        shape = ", ".join(f"{name} {kind}" for name, kind in {**columns, **more}.items())
        connection.execute(f"create table if not exists {schema}.{table} ({shape})")
    connection.execute(f"create table if not exists {schema}.meta (ledger_id varchar)")


def append_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Mapping[str, str],
    rows: Iterable[bytes],
    *,
    scratch: Path,
) -> int:
    """Add rows, each a JSON object, in bulk through a file of lines; returns how many."""
    with row_file(scratch) as lines:
        for row in rows:
            lines.add(row)
        return lines.append_to(connection, table, columns)


class RowFile:
    """A file of rows on their way into a table, each a JSON object on a line of its own."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file
        self.count = 0

    def add(self, row: bytes) -> None:
        """Write a row."""
        self._file.write(row + b"\n")
        self.count += 1

    def append_to(
        self, connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]
    ) -> int:
        """Add all rows to a table in one statement; returns how many."""
        self._file.flush()
        if self.count:
            connection.execute(
                f"insert into {table} by name select * from read_json(?,"
                f" columns = {_literal(columns)}, format = 'newline_delimited',"
                f" maximum_object_size = {LARGEST_LINE})",
                [str(self._path)],
            )
        return self.count


@contextlib.contextmanager
def row_file(scratch: Path) -> Iterator[RowFile]:
    """A file of rows that is gone after the block."""
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".landing-") as folder:
        path = Path(folder) / "rows.ndjson"
        with path.open("wb", buffering=BUFFER) as file:
            yield RowFile(path, file)


def numbering(number: str, first: int, step: int = 1) -> Callable[[Submission | ScoreEvent], bytes]:
    """A function that writes entries as JSON objects, each with its number before its own fields.

    Moments are written in UTC.
    """
    encode = msgspec.json.Encoder().encode
    numbers = count(first, step)

    def numbered(entry: Submission | ScoreEvent) -> bytes:
        return b'{"%s":%d,' % (number.encode(), next(numbers)) + encode(entry)[1:]

    return numbered


def known_packs(connection: duckdb.DuckDBPyConnection) -> dict[str, Pack]:
    """The packs of the ledger by their hash."""
    return {
        sha256: msgspec.json.decode(document, type=Pack)
        for sha256, document in connection.execute(
            "select pack_sha256, document::varchar from packs"
        ).fetchall()
    }


def pack_row(sha256: str, pack: Pack, *, added_at: datetime | None) -> bytes:
    """A pack as the JSON object of its row."""
    document = msgspec.Raw(msgspec.json.encode(pack))
    row = {"pack_sha256": sha256, "pack": pack.pack, "added_at": added_at, "document": document}
    return msgspec.json.encode(row)


def next_no(connection: duckdb.DuckDBPyConnection, table: str, number: str) -> int:
    """The number that the next row of a table of the ledger gets."""
    row = connection.execute(f"select coalesce(max({number}), 0) + 1 from {table}").fetchone()
    assert row is not None, "an aggregate has one row"  # noqa: S101
    return int(row[0])


def _literal(columns: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: '{kind}'" for name, kind in columns.items()) + "}"
