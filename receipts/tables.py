"""A mart as rows of JSON cells in the order of its key: how it is read, written and hashed."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from receipts import merkle
from receipts.canonical import canonical, cell_of, parse_json, sha256
from receipts.errors import InvalidReceipt

Row = list[Any]
# Types that Parquet, JSON and a key give back as they were; a list of one is as good.
TYPES = ("VARCHAR", "BOOLEAN", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "DATE", "TIMESTAMP")
UNORDERED = ("DOUBLE", "DECIMAL", "[]")
# What a spreadsheet would take for the start of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
SHOWN_KEY = 100


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a receipt says of a mart's form: its name, its columns as (name, type), and its key."""

    mart: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return [name for name, _ in self.columns]

    @property
    def listed(self) -> list[dict[str, str]]:
        """The columns as a receipt lists them."""
        return [{"name": name, "type": kind} for name, kind in self.columns]

    @cached_property
    def key_places(self) -> list[int]:
        """Where the columns of the key stand in a row."""
        return [self.names.index(name) for name in self.key]

    def check(self, *, name: str) -> None:
        """Refuse columns and keys that no snapshot can hold. Raises InvalidReceipt."""
        kinds = dict(self.columns)
        for column, kind in self.columns:
            plain = kind.removesuffix("[]")
            if plain not in TYPES and not plain.startswith("DECIMAL("):
                raise InvalidReceipt(
                    f"{name}: column {column!r} is of type {kind}. Cast it to one of "
                    f"{', '.join(TYPES)}, DECIMAL(p,s) or a list of these."
                )
        if len(kinds) != len(self.columns):
            raise InvalidReceipt(f"{name}: two columns have one name.")
        for column in self.key:
            if any(mark in kinds.get(column, "[]") for mark in UNORDERED):
                raise InvalidReceipt(f"{name}: no column {column!r} by which rows can be ordered.")


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows of one mart, read from the file `name`; every cell is a JSON value."""

    name: str
    shape: Shape
    rows: list[Row]

    @cached_property
    def lines(self) -> list[bytes]:
        """Each row as a canonical JSON array. Raises InvalidReceipt for what JSON cannot say."""
        return [self._line(row) for row in self.rows]

    @cached_property
    def tree(self) -> merkle.Levels:
        """The Merkle tree over the rows."""
        return merkle.levels(self.lines)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What the receipt says of the mart; all of it follows from columns, key and rows."""
        return {
            "mart": self.shape.mart,
            "key": list(self.shape.key),
            "columns": self.shape.listed,
            "columns_sha256": sha256(canonical(self.shape.listed)),
            "row_count": len(self.rows),
            "rows_sha256": sha256(b"".join(line + b"\n" for line in self.lines)),
            "merkle_root": merkle.root(self.tree).hex(),
        }

    def proof(self, index: int) -> list[bytes]:
        """The hashes that lead from a row to the Merkle root."""
        return merkle.inclusion_proof(self.tree, index)

    def key_of(self, row: Row) -> str:
        """The key of a row as a message shows it."""
        return shown_key([row[place] for place in self.shape.key_places])

    def check_order(self) -> None:
        """Refuse rows that share a key or stand out of its order. Raises InvalidReceipt."""
        kinds = dict(self.shape.columns)
        moments = [kinds[column] == "TIMESTAMP" for column in self.shape.key]
        before = None
        for row in self.rows:
            try:
                # Without its Z a whole second goes before its fractions, as it does in time.
                order = [
                    (cell is not None, cell.removesuffix("Z") if is_moment and cell else cell)
                    for place, is_moment in zip(self.shape.key_places, moments, strict=True)
                    for cell in [row[place]]
                ]
                is_after = before is None or before < order
            except (TypeError, AttributeError) as error:
                raise InvalidReceipt(
                    f"{self.name}: row {self.key_of(row)}: its key is not of the column's type."
                ) from error
            if not is_after:
                reason = "has the key of another" if before == order else "is out of order"
                raise InvalidReceipt(
                    f"{self.name}: row {self.key_of(row)} {reason}; "
                    f"rows are one per {', '.join(self.shape.key)}, sorted by it."
                )
            before = order

    def as_json(self) -> bytes:
        """A JSON list of objects, one a line."""
        names = self.shape.names
        objects = (canonical(dict(zip(names, row, strict=True))) for row in self.rows)
        return b"[" + b",".join(b"\n" + line for line in objects) + b"\n]\n"

    def as_csv(self) -> bytes:
        """A CSV file with a header, in UTF-8, safe to open in a spreadsheet; a null is empty."""
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator="\r\n").writerows(self.records())
        return file.getvalue().encode("utf-8")

    def records(self) -> Iterator[list[str]]:
        """The header and the rows as CSV says them."""
        yield [_csv_text(name) for name in self.shape.names]
        kinds = [kind for _, kind in self.shape.columns]
        for row in self.rows:
            yield [_csv_cell(cell, kind) for cell, kind in zip(row, kinds, strict=True)]

    def _line(self, row: Row) -> bytes:
        try:
            return canonical(row)
        except (ValueError, RecursionError) as error:
            raise InvalidReceipt(
                f"{self.name}: row {self.key_of(row)}: {error}. Correct the mart's figure."
            ) from error


def shown_key(cells: Sequence[Any]) -> str:
    """Cells of a key as a message shows them."""
    text = str(list(cells))
    return text if len(text) <= SHOWN_KEY else f"{text[:SHOWN_KEY]}..."


def query_table(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    mart: str,
    key: Sequence[str],
    name: str,
    values: Sequence[Any] = (),
) -> Table:
    """Read what a query gives as a mart. Raises InvalidReceipt and duckdb.Error."""
    cursor = connection.execute(query, list(values))
    columns = tuple((column[0], str(column[1])) for column in cursor.description or ())
    shape = Shape(mart=mart, columns=columns, key=tuple(key))
    shape.check(name=name)
    rows = [[cell_of(cell) for cell in row] for row in cursor.fetchall()]
    return Table(name=name, shape=shape, rows=rows)


def parse_table(data: bytes, shape: Shape, *, name: str) -> Table:
    """Read the JSON file of a mart, to the byte as it is written. Raises InvalidReceipt."""
    found = parse_json(data, name=name)
    names = shape.names
    known = set(names)
    if not isinstance(found, list) or not all(
        isinstance(row, dict) and row.keys() == known for row in found
    ):
        raise InvalidReceipt(f"{name}: is no list of objects with the columns of the receipt.")
    try:
        table = Table(name=name, shape=shape, rows=[[row[n] for n in names] for row in found])
        if table.as_json() == data:
            return table
    except (ValueError, RecursionError):
        pass
    raise InvalidReceipt(f"{name}: is not written as a snapshot writes it; it was changed.")


def differences(
    found: Sequence[Sequence[Any]], right: Sequence[Sequence[Any]], shape: Shape
) -> Iterator[str]:
    """Name rows that were added, taken away, changed or moved, by their keys."""
    here, there = (
        {tuple(repr(row[place]) for place in shape.key_places): row for row in rows}
        for rows in (found, right)
    )
    for key, row in there.items():
        shown = shown_key([row[place] for place in shape.key_places])
        if key not in here:
            yield f"row {shown} is missing"
        elif here[key] != row:
            columns = [n for n, a, b in zip(shape.names, here[key], row, strict=True) if a != b]
            yield f"row {shown} differs in {', '.join(columns[:3])}"
    for key, row in here.items():
        if key not in there:
            yield f"row {shown_key([row[place] for place in shape.key_places])} was added"
    if len(here) < len(found):
        yield "a key stands in it twice"
    elif here == there and list(here) != list(there):
        [moved, *_] = [b for a, b in zip(found, right, strict=True) if a != b]
        yield f"row {shown_key([moved[p] for p in shape.key_places])} is not in its place"


def _csv_cell(cell: Any, kind: str) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return canonical(cell).decode()
    return cell if kind.startswith("DECIMAL") else _csv_text(cell)


def _csv_text(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
