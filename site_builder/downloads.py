"""Writes every mart as CSV, JSON and Parquet, and the rows of one page beside that page."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
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
# Ledgers that grow with every run; beyond so many rows they are there as Parquet only.
LEDGERS = {"fct_run_records", "fct_run_events", "fct_cell_fields"}
MOST_ROWS = 100_000
# What a run looked at is no part of the board: runs that make the same board differ in it.
LEFT_OUT = {("board", "fingerprint")}
# What a spreadsheet would take for the start of a formula.
FORMULA = r"'^([=+\-@\t\r\n])'"


def forms_of(mart: str, row_count: int) -> tuple[str, ...]:
    """The formats that a mart of so many rows is written in."""
    if mart in LEDGERS and row_count > MOST_ROWS:
        return ("parquet",)
    return tuple(FORMATS)


@dataclass(frozen=True)
class Part:
    """Rows that lie beside a page: their mart, and the column that names the page.

    What is written in formats to be `cut` is cut from the file of the mart, of which the column is
    the first: that takes half as long as a folder for each of thousands of pages.
    """

    folder: str
    mart: str
    key: str
    path_of: Callable[[str], str]
    cut: tuple[str, ...] = ()


PARTS = (
    Part("m", "fct_metric_scores", "model_id", model_path, ("csv", "json")),
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


def copy_marts(database: Path, site: Path) -> None:
    """Write every mart into `data/`, and the rows of single pages into folders to be settled.

    Rows are in a fixed order, so the same board gives the same bytes. Raises duckdb.Error.
    """
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(database), read_only=True) as connection:
        # One thread lays the rows of a Parquet file out alike each time.
        connection.execute("set threads = 1; set enable_progress_bar = false")
        columns = _columns(connection)
        sizes = _sizes(connection)
        connection.execute(
            ";".join(
                [
                    _copy_of(site, mart, columns[mart], form)
                    for mart in columns
                    for form in forms_of(mart, sizes[mart])
                ]
                + [
                    _split_of(site, part, columns[part.mart], form)
                    for part in PARTS
                    for form in FORMATS
                    if form not in part.cut
                ]
            )
        )
    for part in PARTS:
        for form in part.cut:
            _cut(site, part, form)


def settle_downloads(database: Path, site: Path) -> list[Table]:
    """Move the rows of single pages beside these, write the sums of all; return the marts."""
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = _columns(connection)
        sizes = _sizes(connection)
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
            {form: _file(site, f"{FOLDER}/{name}.{form}") for form in forms_of(name, sizes[name])},
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


def _sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows by mart as the pages know them too, so that these link what was written."""
    return dict(
        connection.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
    )


def _copy_of(site: Path, mart: str, columns: tuple[Column, ...], form: str) -> str:
    path = _quoted(site / FOLDER / f"{mart}.{form}")
    selected = _selected(columns, form)
    return f"copy (select {selected} from marts.{mart} order by all) to '{path}' ({FORMATS[form]})"


def _cut(site: Path, part: Part, form: str) -> None:
    """Write the records of each page beside it, as they stand in the file of the whole mart."""
    content = (site / FOLDER / f"{part.mart}.{form}").read_bytes()
    keyed = _csv_records(content) if form == "csv" else _json_records(content)
    head, between, tail = (content[: content.find(b"\n") + 1], b"", b"")
    if form == "json":
        head, between, tail = (b"[\n\t", b",\n\t", b"\n]\n")
    for key, own in groupby(keyed, key=itemgetter(0)):
        path = site / _beside(part, key, form)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(head + between.join(record for _, record in own) + tail)


def _csv_records(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Each record behind its first column, which is a key without quotes."""
    record = b""
    for line in content.split(b"\n")[1:-1]:
        record += line + b"\n"
        # A line may end within a text, which stands in quotes.
        if record.count(b'"') % 2 == 0:
            yield record.partition(b",")[0].decode(), record
            record = b""


def _json_records(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The same of records that are a line each."""
    for line in content.split(b"\n")[1:-2]:
        yield line.split(b'"', 4)[3].decode(), line.removeprefix(b"\t").removesuffix(b",")


def _beside(part: Part, key: str, form: str) -> str:
    return f"{part.path_of(key).removesuffix('.html')}.{form}"


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
            path = _beside(part, key, form)
            if form not in part.cut:
                (site / path).parent.mkdir(parents=True, exist_ok=True)
                folder = staged / f"place={place}"
                (folder / f"rows0.{form}").rename(site / path)
                # Not empty, it would hold rows that lie beside no page.
                folder.rmdir()
            yield path
        if keys and form not in part.cut:
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
