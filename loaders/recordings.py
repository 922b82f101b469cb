"""Reads the bundled recording: one response a source, in the upstream's own shape."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

from loaders.errors import PayloadMissing
from loaders.payload import Fetched, Payload
from loaders.registry import Source

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
    if not isinstance(rows, int):
        raise _unreadable(source, directory, f"rows is {rows!r} and no number")
    return rows


def _indexed(source: Source, directory: Path, name: str) -> object:
    path = directory / INDEX
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))[source.source_key][name]
    except OSError as error:
        raise PayloadMissing(
            f"{path}: the index of the recordings cannot be read ({error.strerror}). "
            "Restore it from the repository, or name another folder with --recordings."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(source, directory, f"{name} cannot be read ({error})") from error


def _unreadable(source: Source, directory: Path, problem: str) -> PayloadMissing:
    return PayloadMissing(
        f"{directory / INDEX}: [{source.source_key}] {problem}. "
        "Write the day as a TOML date, such as 2026-05-07, and the number of rows."
    )
