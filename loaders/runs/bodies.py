"""Bodies of runs: Parquet files of a day outside the warehouse, deleted whole when it expires."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import msgspec

from loaders.errors import LedgerUnusable

REDACTED = "[redacted:30d_ttl]"
# A day's file of more bytes is not written anew for each run: what is new lies in files beside it,
# until there are so many of them.
GROWN = 1 << 20
MOST_BESIDE = 32
COLUMNS = "{body_sha256: 'varchar', kind: 'varchar', text: 'varchar', received_at: 'timestamp'}"


BUFFER = 1 << 20
MOST_SEEN = 1 << 18


class Body(NamedTuple):
    """A text that is kept apart and for a while: its hash stays."""

    body_sha256: str
    kind: str
    text: str


class _Line(msgspec.Struct):
    body_sha256: str
    kind: str
    text: str
    received_at: str


class BodyStore:
    """The folder of bodies; a file that is being written never has the name of a day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def days(self) -> list[date]:
        """The days of which bodies are kept."""
        if not self.folder.is_dir():
            return []
        return sorted({_day_of(path) for path in self._files()})

    @contextlib.contextmanager
    def adding(self, *, received_at: datetime) -> Iterator[Callable[[Iterable[Body]], None]]:
        """Give a function that takes bodies; those of the whole block join their day at its end.

        What a file has already is not added to it twice, and a block that fails adds nothing.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        moment = received_at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
        encoder = msgspec.json.Encoder()
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".adding-") as scratch:
            lines = Path(scratch) / "bodies.ndjson"
            # Prompts and graders come again with every run; the merge drops what is twice anyway.
            seen: set[str] = set()
            with lines.open("wb", buffering=BUFFER) as file:

                def keep(bodies: Iterable[Body]) -> None:
                    for body in bodies:
                        if body.body_sha256 in seen:
                            continue
                        if len(seen) < MOST_SEEN:
                            seen.add(body.body_sha256)
                        file.write(encoder.encode(_Line(*body, moment)) + b"\n")

                yield keep
            if lines.stat().st_size:
                day = received_at.astimezone(UTC).date()
                self._merge(lines, day, Path(scratch))

    def relation(self) -> str | None:
        """What SQL selects the kept bodies from; None while there are none."""
        files = self._files()
        return _reading(files) if files else None

    def purge(self, *, now: datetime, days: int) -> list[date]:
        """Delete the files of all days that ended `days` days ago or longer; returns the days."""
        last = now.astimezone(UTC).date() - timedelta(days=days)
        expired = [day for day in self.days() if day < last]
        for path in self._files():
            if _day_of(path) in expired:
                path.unlink()
        for leftover in self.folder.glob(".adding-*"):
            shutil.rmtree(leftover)
        return expired

    def _path(self, day: date) -> Path:
        return self.folder / f"{day.isoformat()}.parquet"

    def _files(self, day: date | None = None) -> list[Path]:
        return sorted(self.folder.glob(f"{day.isoformat() if day else ''}*.parquet"))

    def _merge(self, lines: Path, day: date, scratch: Path) -> None:
        made, target, known = scratch / "day.parquet", self._path(day), self._files(day)
        if len(known) <= MOST_BESIDE and target.exists() and target.stat().st_size > GROWN:
            numbers = [int(path.stem.partition(".")[2]) for path in known if path != target]
            target = self.folder / f"{day.isoformat()}.{max(numbers, default=0) + 1:06}.parquet"
            known = []
        try:
            with duckdb.connect(config={"temp_directory": str(scratch)}) as connection:
                connection.execute(
                    "copy (select body_sha256, any_value(kind) as kind, any_value(text) as text,"
                    " min(received_at) as received_at from ("
                    f" select * from read_json('{lines}', columns = {COLUMNS},"
                    " format = 'newline_delimited', maximum_object_size = 67108864)"
                    f" {f'union all by name select * from {_reading(known)}' if known else ''})"
                    f" group by body_sha256 order by body_sha256) to '{made}'"
                    " (format parquet, compression zstd)"
                )
        except duckdb.Error as error:
            raise LedgerUnusable(
                f"{target}: cannot be added to ({str(error).splitlines()[0]})."
                " Nothing was taken in; move a damaged file away, or make room."
            ) from error
        os.replace(made, target)
        for path in known:
            if path != target:
                path.unlink()


def _day_of(path: Path) -> date:
    return date.fromisoformat(path.name.partition(".")[0])


def _reading(files: Sequence[Path]) -> str:
    return f"read_parquet({[str(path) for path in files]})"
