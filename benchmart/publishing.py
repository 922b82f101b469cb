"""Publishes a finished board by renames, and keeps two runs apart."""

import contextlib
import ctypes
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from benchmart.errors import BusyError


@contextlib.contextmanager
def only_run(lock: Path) -> Iterator[None]:
    """Hold the project's lock for one run. Raises BusyError when another run holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"{lock}: another benchmart run is at work here. Wait for it to end, or stop it."
            ) from error
        yield


def publish_database(built: Path, published: Path) -> None:
    """Put the built file in place of the published one; a reader keeps the file it opened."""
    if (leftover := _wal(built)).exists():
        raise BusyError(f"{leftover}: the build was not closed. Run again.")
    published.parent.mkdir(parents=True, exist_ok=True)
    # A log of the file that goes away would be replayed into the new one.
    _wal(published).unlink(missing_ok=True)
    os.replace(built, published)


def publish_outputs(staged: Path, out: Path) -> None:
    """Move every staged file and folder into `out`, `board.json` last: it says what is whole."""
    out.mkdir(parents=True, exist_ok=True)
    for entry in sorted(staged.iterdir(), key=lambda path: (path.name == "board.json", path.name)):
        target = out / entry.name
        if target.is_dir():
            _swap(entry, target)
            shutil.rmtree(entry)
        else:
            os.replace(entry, target)


def _swap(one: Path, other: Path) -> None:
    """Exchange two folders, in one step where the system can: no reader finds neither."""
    library = ctypes.CDLL(None, use_errno=True)
    exchange = getattr(library, "renameat2", None)
    here = -100  # AT_FDCWD
    if exchange is not None and not exchange(here, bytes(one), here, bytes(other), 2):
        return
    between = one.with_name(f"{one.name}.between")
    shutil.rmtree(between, ignore_errors=True)
    os.replace(other, between)
    os.replace(one, other)
    os.replace(between, one)


def _wal(database: Path) -> Path:
    return database.with_name(database.name + ".wal")
