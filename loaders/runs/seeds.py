"""Reads the seeds that Python has to go by before there is a warehouse."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from loaders.errors import SeedUnusable, one_line

# Nine digits at most: as seconds that is some thirty years, and no duration overflows.
COUNT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True)
class SeedRow:
    """One row: the texts of its cells by column, and where a person finds it."""

    path: Path
    line: int
    cells: dict[str, str]

    @property
    def place(self) -> str:
        """File and line, as messages name them."""
        return f"{self.path}: line {self.line}"

    def text(self, column: str) -> str:
        """The text of a cell. Raises SeedUnusable when it is empty."""
        if not self.cells[column]:
            self.refuse(f"{column} is empty. Fill it in.")
        return self.cells[column]

    def count(self, column: str) -> int:
        """A whole number from 1 on. Raises SeedUnusable."""
        if not COUNT.fullmatch(self.cells[column]):
            self._refuse_cell(column, "Write a whole number from 1 to 999999999.")
        return int(self.cells[column])

    def flag(self, column: str) -> bool:
        """A truth value. Raises SeedUnusable."""
        if self.cells[column] not in ("true", "false"):
            self._refuse_cell(column, "Write true or false.")
        return self.cells[column] == "true"

    def refuse(self, reason: str) -> NoReturn:
        """Raise SeedUnusable: the row, what is wrong with it, and what to do."""
        raise SeedUnusable(one_line(f"{self.place}: {reason}"))

    def _refuse_cell(self, column: str, remedy: str) -> NoReturn:
        self.refuse(f"{column} is {self.cells[column]!r}. {remedy}")


def read_seed(path: Path, columns: Sequence[str]) -> Iterator[SeedRow]:
    """The rows of a seed that has exactly these columns. Raises SeedUnusable."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise SeedUnusable(
            f"{path}: cannot be read: {error.strerror}. Restore it from the repository."
        ) from error
    except UnicodeDecodeError as error:
        raise SeedUnusable(
            f"{path}: byte {error.start} is not UTF-8. Save the file as UTF-8."
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        if next(reader, []) != list(columns):
            raise SeedUnusable(f"{path}: line 1: the header has to be {','.join(columns)}.")
        for cells in reader:
            if len(cells) != len(columns):
                raise SeedUnusable(
                    f"{path}: line {reader.line_num}: {len(cells)} cells, and the header has "
                    f"{len(columns)}. Give the row one cell a column."
                )
            yield SeedRow(path, reader.line_num, dict(zip(columns, cells, strict=True)))
    except csv.Error as error:
        raise SeedUnusable(
            f"{path}: line {reader.line_num}: {error}. Correct the quotes."
        ) from error
