"""Reads an alias file: more rows of the alias seed, for one run."""

import csv
from dataclasses import dataclass
from pathlib import Path

from benchmart.errors import AliasesError

COLUMNS = ["model_id", "alias", "source_key", "rationale"]


@dataclass(frozen=True)
class Alias:
    """One spelling of a model; without a source it holds on all of them."""

    model_id: str
    alias: str
    source_key: str | None
    rationale: str


def read_aliases(path: Path) -> list[Alias]:
    """Read a CSV with the columns of `seeds/identity/aliases.csv`.

    Whether models and sources exist, and whether another model claims the spelling, is checked in
    the warehouse. Raises AliasesError, which names the file, the line and the remedy.
    """

    def fault(place: str, problem: str, remedy: str) -> AliasesError:
        return AliasesError(f"{path}: {place}: {problem}. {remedy}.")

    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if header != COLUMNS:
                raise fault(
                    "line 1",
                    f"the columns are {', '.join(header) or 'none'}",
                    f"Write them as {','.join(COLUMNS)}",
                )
            aliases = []
            for row in reader:
                if not row:
                    continue
                place = f"line {reader.line_num}"
                if len(row) != len(COLUMNS):
                    raise fault(
                        place, f"{len(row)} cells instead of 4", "Give the row one cell a column"
                    )
                model_id, alias, source_key, rationale = (cell.strip() for cell in row)
                if not (model_id and alias and rationale):
                    raise fault(
                        place,
                        "model_id, alias or rationale is empty",
                        "Name the model, the spelling and the reason",
                    )
                aliases.append(Alias(model_id, alias, source_key or None, rationale))
            return aliases
    except OSError as error:
        raise AliasesError(
            f"{path}: cannot be read ({error.strerror}). Name an existing file with --aliases."
        ) from error
    except UnicodeDecodeError as error:
        raise fault(f"byte {error.start}", "is not UTF-8", "Save the file as UTF-8") from error
    except csv.Error as error:
        raise fault("the file", f"is no CSV ({error})", "Correct the quotes") from error
