"""Writes every mart as CSV, JSON and Parquet, and the rows of one page beside that page."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import duckdb

from site_builder.addresses import benchmark_path, model_path, source_path
from site_builder.errors import MartsError
from site_builder.rendered import HERE

FOLDER = "data"
SUMS = f"{FOLDER}/SHA256SUMS"
FORMATS = {
    "csv": "format csv, header true",
    "json": "format json, array true",
    "parquet": "format parquet, compression zstd",
}
# What a run looked at is no part of the board: runs that make the same board differ in it.
LEFT_OUT = {("board", "fingerprint")}
# What a spreadsheet would take for the start of a formula.
FORMULA = r"'^([=+\-@\t\r\n])'"


@dataclass(frozen=True)
class Part:
    """Rows that lie beside a page: their mart, and the column that names the page."""

    folder: str
    mart: str
    key: str
    path_of: Callable[[str], str]


PARTS = (
    Part("m", "fct_metric_scores", "model_id", model_path),
    Part("b", "fct_published_figures", "metric_key", benchmark_path),
    Part("s", "fct_published_figures", "source_key", source_path),
)


@dataclass(frozen=True)
class Column:
    """A column of a mart as the warehouse describes it."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class File:
    """A file that a visitor may take along: its path below the site, its size and its hash."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Table:
    """A mart and its files, by format."""

    name: str
    description: str | None
    row_count: int
    columns: tuple[Column, ...]
    files: Mapping[str, File]


@contextmanager
def copying(database: Path, site: Path) -> Iterator[None]:
    """Copy the marts beside what is done meanwhile. Raises MartsError when it failed.

    It is a process of its own: in a thread, engine and templates wait for one interpreter in turns.
    """
    # Without the working directory, which may hold anything, and with the package that runs here.
    start = f"import sys; sys.path.insert(0, sys.argv[1]); from {__name__} import main; main()"
    command = [sys.executable, "-P", "-c", start, str(HERE.parent), str(database), str(site)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stderr=pipe, text=True) as process:  # noqa: S603
        try:
            yield
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read() if process.stderr else ""
        process.wait()
    if process.returncode:
        reason = said.strip().splitlines()[-1:] or ["it said nothing"]
        raise MartsError(
            f"{database}: the marts cannot be copied ({reason[0]}). "
            "Look for room on the disk, and build the warehouse with `make`."
        )


def copy_marts(database: Path, site: Path) -> None:
    """Write every mart into `data/`, and the rows of single pages into folders to be settled.

    Rows are in a fixed order, so the same board gives the same bytes. Raises duckdb.Error.
    """
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        # One thread lays the rows of a Parquet file out alike each time.
        connection.execute("set threads = 1; set enable_progress_bar = false")
        columns = _columns(connection)
        connection.execute(
            ";".join(
                [_copy_of(site, mart, columns[mart], form) for mart in columns for form in FORMATS]
                + [
                    _split_of(site, part, columns[part.mart], form)
                    for part in PARTS
                    for form in FORMATS
                ]
            )
        )


def settle_downloads(database: Path, site: Path) -> list[Table]:
    """Move the rows of single pages beside these, write the sums of all; return the marts."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = _columns(connection)
        described = connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
            " order by starts_with(table_name, 'audit_'), table_name"
        ).fetchall()
        counts = connection.execute(
            " union all ".join(f"select '{mart}', count(*) from marts.{mart}" for mart in columns)
        ).fetchall()
        keys = {
            part.folder: connection.execute(
                f"select distinct {part.key} from marts.{part.mart} order by 1"
            ).fetchall()
            for part in PARTS
        }
    row_counts = dict(counts)
    tables = [
        Table(
            name,
            description,
            row_counts[name],
            columns[name],
            {form: _file(site, f"{FOLDER}/{name}.{form}") for form in FORMATS},
        )
        for name, description in described
    ]
    beside = [
        _file(site, path)
        for part in PARTS
        for path in _settle(site, part, [key for (key,) in keys[part.folder]])
    ]
    files = [*(file for table in tables for file in table.files.values()), *beside]
    lines = sorted(f"{file.sha256}  {file.path}\n" for file in files)
    (site / SUMS).write_text("".join(lines), encoding="utf-8", newline="")
    return tables


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[Column, ...]]:
    found = connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' order by table_name, column_index"
    ).fetchall()
    columns: dict[str, list[Column]] = {}
    for table, *column in found:
        if (table, column[0]) not in LEFT_OUT:
            columns.setdefault(table, []).append(Column(*column))
    return {table: tuple(listed) for table, listed in columns.items()}


def _copy_of(site: Path, mart: str, columns: tuple[Column, ...], form: str) -> str:
    path = _quoted(site / FOLDER / f"{mart}.{form}")
    selected = _selected(columns, form)
    return f"copy (select {selected} from marts.{mart} order by all) to '{path}' ({FORMATS[form]})"


def _split_of(site: Path, part: Part, columns: tuple[Column, ...], form: str) -> str:
    """One statement for all pages: a folder each, named after the place of its key.

    What a key may hold is not for a path.
    """
    places = (
        f"(select {part.key} as place_key, row_number() over (order by {part.key}) as place"
        f" from (select distinct {part.key} from marts.{part.mart}))"
    )
    return (
        f"copy (select {_selected(columns, form)}, place from marts.{part.mart}"
        f" inner join {places} on {part.key} = place_key order by all)"
        f" to '{_quoted(_staged(site, part, form))}'"
        f" ({FORMATS[form]}, partition_by (place), filename_pattern 'rows')"
    )


def _settle(site: Path, part: Part, keys: list[str]) -> Iterator[str]:
    for form in FORMATS:
        staged = _staged(site, part, form)
        for place, key in enumerate(keys, start=1):
            page = part.path_of(key)
            path = f"{page.removesuffix('.html')}.{form}"
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            folder = staged / f"place={place}"
            (folder / f"rows0.{form}").rename(site / path)
            # Not empty, it would hold rows that lie beside no page.
            folder.rmdir()
            yield path
        if keys:
            staged.rmdir()


def _staged(site: Path, part: Part, form: str) -> Path:
    return site / f".{part.folder}.{form}"


def _file(site: Path, path: str) -> File:
    content = (site / path).read_bytes()
    return File(path, len(content), hashlib.sha256(content).hexdigest())


def _selected(columns: tuple[Column, ...], extension: str) -> str:
    """Columns as a format says them: a moment by ISO 8601 in UTC, a list in CSV as JSON.

    What a spreadsheet would take for a formula gets an apostrophe before it in CSV.
    """
    return ", ".join(_said(column, extension) for column in columns)


def _said(column: Column, extension: str) -> str:
    name = f'"{column.name}"'
    if extension == "parquet":
        return name
    if column.type == "TIMESTAMP":
        return f"replace({name}::varchar, ' ', 'T') || 'Z' as {name}"
    if extension == "csv" and column.type.endswith("[]"):
        return f"to_json({name}) as {name}"
    if extension == "csv" and column.type == "VARCHAR":
        return f"regexp_replace({name}, {FORMULA}, '''\\1') as {name}"
    return name


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def main() -> None:
    """Copy the marts of one file into one site, for as long as whoever asked for it is there."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        copy_marts(Path(sys.argv[2]), Path(sys.argv[3]))
    except (duckdb.Error, OSError) as error:
        sys.stderr.write(str(error).splitlines()[0])
        sys.stderr.flush()
        os._exit(1)


def _end_with_parent() -> None:
    # The other end of this pipe closes when its process ends, however that comes about.
    sys.stdin.read()
    os._exit(1)
