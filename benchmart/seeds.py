"""Checks that every seed is readable as a table, before dbt meets it."""

import csv
from pathlib import Path

from benchmart.errors import BuildError


def check_seeds(folder: Path) -> None:
    """Refuse a seed that is no UTF-8 or whose rows do not fit its header.

    What the cells say is checked in the warehouse. Raises BuildError with file, line and remedy.
    """
    for path in sorted(folder.rglob("*.csv")):
        try:
            with path.open(newline="", encoding="utf-8") as file:
                reader = csv.reader(file, strict=True)
                header = next(reader, [])
                if not header or len(set(header)) < len(header):
                    raise BuildError(
                        f"{_name(path, folder)}: line 1: the header is empty or names a column "
                        "twice. Restore it from the repository."
                    )
                for row in reader:
                    if len(row) != len(header):
                        raise BuildError(
                            f"{_name(path, folder)}: line {reader.line_num}: {len(row)} cells, "
                            f"and the header has {len(header)}. Give the row one cell a column, "
                            "and put quotes around a cell that holds a comma."
                        )
        except UnicodeDecodeError as error:
            raise BuildError(
                f"{_name(path, folder)}: byte {error.start} is not UTF-8. Save the file as UTF-8."
            ) from error
        except csv.Error as error:
            raise BuildError(
                f"{_name(path, folder)}: line {reader.line_num}: {error}. Correct the quotes."
            ) from error


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder.parent).as_posix()
