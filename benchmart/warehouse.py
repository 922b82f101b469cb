"""Runs dbt in process on one database file, and says in plain words what it refused."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType
from typing import Any

import duckdb

from benchmart.errors import BuildError
from benchmart.garbage import uncollected

SHOWN_FAULTS = 5


@dataclass(frozen=True)
class Progress:
    """How far a build is: nodes done of nodes in all."""

    done: int
    total: int
    node: str


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Collect the interrupts of a person, which dbt's readers may take for a fault in a file."""
    met: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or current_thread() is not main_thread():
        # Ignored, or heard elsewhere: no interrupt comes this way.
        yield met
        return

    def note(number: int, frame: FrameType | None) -> None:
        met.append(number)
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield met
    finally:
        signal.signal(signal.SIGINT, before)


@uncollected()
def build(
    project: Path,
    database: Path,
    *,
    target_path: Path,
    threads: int = 2,
    with_tests: bool = True,
    report: Callable[[Progress], None] = lambda progress: None,
) -> None:
    """Build every node in `database`, and test it; unit tests belong to the test suite.

    Raises BuildError with the file, row and remedy of the first faults that the checks found.
    """
    # dbt takes 1.4 s to import: a run without work must not pay for it.
    os.environ["BENCHMART_DATABASE"] = str(database)
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    def follow(event: Any) -> None:
        if event.info.name in {"LogStartLine"}:
            report(Progress(event.data.index, event.data.total, event.data.description))

    try:
        with _interrupts() as interrupts:
            outcome = dbtRunner(callbacks=[follow]).invoke(
                [
                    "--quiet",
                    "--no-write-json",
                    "--log-level-file",
                    "none",
                    "build",
                    "--exclude-resource-type",
                    *(["unit_test"] if with_tests else ["unit_test", "test"]),
                    "--threads",
                    str(threads),
                    "--project-dir",
                    str(project),
                    "--profiles-dir",
                    str(project),
                    "--target-path",
                    str(target_path),
                    "--log-path",
                    str(target_path),
                ]
            )
    finally:
        # The file is copied, read and renamed next: no handle may stay open on it.
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if interrupts or isinstance(outcome.exception, KeyboardInterrupt):
        # dbt has caught what a person meant for the run.
        raise KeyboardInterrupt
    if outcome.success:
        return
    if not isinstance(outcome.result, RunExecutionResult):
        raise BuildError(f"dbt cannot run the project: {outcome.exception}")
    raise BuildError(_explain(list(outcome.result.results), database))


def _explain(results: list[Any], database: Path) -> str:
    files = {result.node.unique_id: result.node.original_file_path for result in results}
    faults: list[str] = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for result in results:
            status = str(result.status)
            if status == "fail":
                faults += _rows_found(connection, result.node, files)
            elif status in {"error", "runtime error"}:
                faults.append(f"{result.node.original_file_path}: {_first_lines(result.message)}")
    more = len(faults) - SHOWN_FAULTS
    return "\n".join(faults[:SHOWN_FAULTS] + ([f"... and {more} more"] if more > 0 else []))


def _rows_found(
    connection: duckdb.DuckDBPyConnection, node: Any, files: dict[str, str]
) -> list[str]:
    """Say what a failed check found, row by row: its own words, or those of its kind."""
    cursor = connection.execute(node.compiled_code)
    columns = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    if {"file", "row_name", "problem", "remedy"} <= set(columns):
        return [
            f"{row['file']}: {row['row_name']}: {row['problem']}. {row['remedy']}." for row in rows
        ]
    kind = node.test_metadata.name if node.test_metadata else node.name
    file = files.get(getattr(node, "attached_node", None) or "", node.original_file_path)
    column = getattr(node, "column_name", None)
    by_name = {Path(path).stem: path for path in files.values()}
    faults = []
    for row in rows:
        if kind == "relationships":
            target = node.test_metadata.kwargs["to"].split("'")[1]
            fault = f"{column} {row['from_field']!r}: is not in {by_name.get(target, target)}"
        elif kind == "unique":
            fault = f"{column} {row['unique_field']!r}: stands {row['n_records']} times"
        elif kind == "accepted_values":
            allowed = ", ".join(node.test_metadata.kwargs["values"])
            fault = f"{column} {row['value_field']!r}: is not one of {allowed}"
        elif kind == "not_null":
            fault = f"{column}: is empty in the row {row}"
        else:
            fault = f"{row}: breaks the rule {kind}"
        faults.append(f"{file}: {fault}. Correct the row.")
    return faults


def _first_lines(message: str | None) -> str:
    lines = [line.strip() for line in (message or "").splitlines() if line.strip()]
    return " ".join(lines[:4])
