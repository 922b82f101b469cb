"""Reads a folder of recordings: one response a source, in the upstream's own shape."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from loaders.errors import PayloadMissing, UnknownSource, one_line, reason_of
from loaders.payload import Fetched, Payload
from loaders.registry import SOURCES, Source, sources

INDEX = "index.toml"


def read_recording(source: Source, directory: Path) -> Fetched:
    """The recorded response of one source. Raises PayloadMissing naming the file."""
    path = directory / source.file
    payload = Payload(
        source_key=source.source_key,
        url=str(_indexed(source, directory, "url")),
        origin=str(path),
        fetched_at=_recorded_on(source, directory),
        status="recorded",
        body=_bytes(path, source),
        stated_rows=_stated_rows(source, directory),
    )
    return Fetched(source_key=source.source_key, status="recorded", payload=payload)


def recorded_sources(directory: Path) -> tuple[Source, ...]:
    """The sources that the index of a folder names, in the order of the registry.

    Raises PayloadMissing, or UnknownSource when the index names what is none.
    """
    index, known = _index(directory), {source.source_key for source in SOURCES}
    if unknown := [key for key in index if key not in known]:
        raise UnknownSource(
            f"{directory / INDEX}: {one_line(repr(unknown[0]))} is no source. Correct it; "
            f"known are {', '.join(sorted(known))}."
        )
    if not index:
        raise PayloadMissing(
            f"{directory / INDEX}: names no source. Write a table for each recording in the folder."
        )
    return sources(index)


def _bytes(path: Path, source: Source) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PayloadMissing(
            f"{path}: the recording of {source.source_key} cannot be read ({error.strerror}). "
            "Restore it from the repository, or name another folder with --recordings."
        ) from error


def _recorded_on(source: Source, directory: Path) -> datetime:
    day = _indexed(source, directory, "recorded_on")
    if not isinstance(day, date):
        raise _unreadable(source, directory, f"recorded_on is {day!r} and no day")
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _stated_rows(source: Source, directory: Path) -> int:
    rows = _indexed(source, directory, "rows")
    # True is an int to Python, and no number to a person.
    if not isinstance(rows, int) or isinstance(rows, bool):
        raise _unreadable(source, directory, f"rows is {rows!r} and no number")
    return rows


def _indexed(source: Source, directory: Path, name: str) -> object:
    index = _index(directory)
    if source.source_key not in index:
        raise PayloadMissing(
            f"{directory / INDEX}: [{source.source_key}] is missing. Add it with its day as a TOML "
            "date and its number of rows, or choose others with --only."
        )
    try:
        return index[source.source_key][name]
    except (KeyError, TypeError) as error:
        raise _unreadable(source, directory, f"{name} cannot be read ({error})") from error


def _index(directory: Path) -> Mapping[str, Any]:
    path = directory / INDEX
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PayloadMissing(
            f"{path}: the index of the recordings cannot be read ({error.strerror}). "
            "Restore it from the repository, or name another folder with --recordings."
        ) from error
    except (ValueError, RecursionError) as error:
        raise PayloadMissing(
            f"{path}: the index of the recordings is no TOML ({reason_of(error)}). Write a table a "
            "source, with its day as a TOML date, such as 2026-05-07, and its number of rows."
        ) from error


def _unreadable(source: Source, directory: Path, problem: str) -> PayloadMissing:
    return PayloadMissing(
        f"{directory / INDEX}: [{source.source_key}] {problem}. "
        "Write the day as a TOML date, such as 2026-05-07, and the number of rows."
    )
