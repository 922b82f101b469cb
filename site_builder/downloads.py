"""Writes every mart as CSV, JSON and Parquet, and the rows of one page beside that page."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from site_builder.addresses import benchmark_path, model_path, source_path

FOLDER = "data"
SUMS = f"{FOLDER}/SHA256SUMS"
FORMATS = {
    "csv": "format csv, header true",
    "json": "format json, array true",
    "parquet": "format parquet, compression zstd",
}
# Rows that lie beside a page: its mart, the column that names the page, and the page's path.
SLICES = (
    ("fct_metric_scores", "model_id", model_path),
    ("fct_published_figures", "metric_key", benchmark_path),
    ("fct_published_figures", "source_key", source_path),
)
# What a spreadsheet would take for the start of a formula.
FORMULA = r"'^([=+\-@\t\r])'"


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


def write_downloads(database: Path, site: Path) -> list[Table]:
    """Write `data/` and what lies beside pages, with the sums of all of it; return the marts.

    Rows are in a fixed order, so the same board gives the same bytes in CSV and JSON.
    Raises duckdb.Error when a mart cannot be read.
    """
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        # One thread lays the rows of a Parquet file out alike each time.
        connection.execute("set threads = 1")
        columns = _columns(connection)
        found = connection.execute(
            "select table_name, comment from duckdb_tables()"
            " where schema_name = 'marts' order by starts_with(table_name, 'audit_'), table_name"
        ).fetchall()
        tables = [
            _write_table(connection, site, name, description, columns[name])
            for name, description in found
        ]
        beside = [
            path
            for mart, key, path_of in SLICES
            for path in _write_slices(connection, site, mart, key, path_of, columns[mart])
        ]
    sums = {file.path: file.sha256 for table in tables for file in table.files.values()}
    sums |= {path.relative_to(site).as_posix(): _sha256(path) for path in beside}
    lines = [f"{sha256}  {path}\n" for path, sha256 in sorted(sums.items())]
    (site / SUMS).write_text("".join(lines), encoding="utf-8", newline="")
    return tables


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[Column, ...]]:
    found = connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'marts' order by table_name, column_index"
    ).fetchall()
    columns: dict[str, list[Column]] = {}
    for table, *column in found:
        columns.setdefault(table, []).append(Column(*column))
    return {table: tuple(listed) for table, listed in columns.items()}


def _write_table(
    connection: duckdb.DuckDBPyConnection,
    site: Path,
    name: str,
    description: str | None,
    columns: tuple[Column, ...],
) -> Table:
    files = {}
    rows = 0
    for extension, options in FORMATS.items():
        path = f"{FOLDER}/{name}.{extension}"
        query = f"select {_selected(columns, extension)} from marts.{name} order by all"
        copied = connection.execute(
            f"copy ({query}) to '{_quoted(site / path)}' ({options})"
        ).fetchone()
        rows = copied[0] if copied else 0
        files[extension] = File(path, (site / path).stat().st_size, _sha256(site / path))
    return Table(name, description, rows, columns, files)


def _write_slices(
    connection: duckdb.DuckDBPyConnection,
    site: Path,
    mart: str,
    key: str,
    path_of: Callable[[str], str],
    columns: tuple[Column, ...],
) -> Iterator[Path]:
    """One statement a format writes the rows of every page; each then moves to its page."""
    keys = connection.execute(f"select distinct {key} from marts.{mart} order by 1").fetchall()
    # A folder is named after the place of a key: what a key may hold is not for a path.
    places = (
        f"(select {key} as place_key, row_number() over (order by {key}) as place"
        f" from (select distinct {key} from marts.{mart}))"
    )
    staged = site / FOLDER / ".staged"
    for extension, options in FORMATS.items():
        connection.execute(
            f"copy (select {_selected(columns, extension)}, place from marts.{mart}"
            f" inner join {places} on {key} = place_key order by all) to '{_quoted(staged)}'"
            f" ({options}, partition_by (place), filename_pattern 'rows')"
        )
        for place, (value,) in enumerate(keys, start=1):
            page = site / path_of(value)
            target = page.with_name(f"{page.stem}.{extension}")
            target.parent.mkdir(parents=True, exist_ok=True)
            (staged / f"place={place}" / f"rows0.{extension}").rename(target)
            yield target
        shutil.rmtree(staged)


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
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') as {name}"
    if extension == "csv" and column.type.endswith("[]"):
        return f"to_json({name}) as {name}"
    if extension == "csv" and column.type == "VARCHAR":
        return f"regexp_replace({name}, {FORMULA}, '''\\1') as {name}"
    return name


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
