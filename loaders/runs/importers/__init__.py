"""Reads what people already have, each tool's results in their own format, as runs."""

from collections.abc import Iterator
from pathlib import Path

from loaders.errors import RunUnreadable, reason_of
from loaders.runs.importers import every_eval_ever, harbor, inspect_log, lm_eval
from loaders.runs.importers.foreign import Given, Importer, is_there, marks_of, refusal
from loaders.runs.shapes import Run

__all__ = ["IMPORTERS", "Given", "Importer", "find_importer", "read_runs"]

IMPORTERS = (
    every_eval_ever.IMPORTER,
    inspect_log.IMPORTER,
    harbor.IMPORTER,
    lm_eval.IMPORTER,
)


def find_importer(path: Path) -> Importer:
    """The importer whose format a file or folder has, by what is in it.

    Raises RunUnreadable naming the file and the formats that are known.
    """
    for importer in IMPORTERS:
        if importer.recognises(path):
            return importer
    raise refusal(
        path,
        _why_unknown(path),
        f"Known are: {'; '.join(f'{each.title} ({each.versions})' for each in IMPORTERS)}.",
    )


def read_runs(path: Path, given: Given) -> Iterator[Run]:
    """The runs in a file or folder, each whole and checked. Raises RunUnreadable."""
    importer = find_importer(path)
    try:
        yield from importer.read(path, given)
    except RunUnreadable:
        raise
    except RecursionError as error:
        raise refusal(path, reason_of(error), "Write it again with the tool.") from error


def _why_unknown(path: Path) -> str:
    if not is_there(path):
        return "it does not exist"
    if path.is_dir():
        return "the folder has no format that is known"
    try:
        marks_of(path)
    except RunUnreadable as error:
        return f"it has no format that is known ({str(error).removeprefix(f'{path}: ')})"
    return "the JSON has no format that is known"
