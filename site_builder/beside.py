"""What another process does beside the rendering: it copies the marts, then it checks the pages.

In a thread, engine, templates and parser would wait for one interpreter in turns.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import duckdb

from site_builder.downloads import copy_marts
from site_builder.errors import InvalidSite, MartsError, SiteError
from site_builder.rendered import HERE
from site_builder.validate import SiteCheck

COPIED = "copied"


@dataclass
class Beside:
    """The other process: what it is told and asked, a line of JSON each."""

    process: "subprocess.Popen[str]"
    database: Path
    has_copied: bool = False

    def look_for(self, texts: Iterable[str]) -> None:
        """Say which texts may stand on no page as markup; before any page."""
        self._say(sorted(texts))

    def look_at(self, page: str) -> None:
        """Have a page checked, by its path below the site; it is not written again."""
        self._say(page)

    def await_copies(self) -> None:
        """Wait until all marts are copied. Raises MartsError when they cannot be."""
        self.has_copied = self._heard() == COPIED

    def faults(self) -> list[str]:
        """Wait for every fault of the site, of which nothing may be missing now."""
        self._say(None)
        return list(self._heard())

    def _say(self, said: Any) -> None:
        pipe = self.process.stdin
        try:
            if pipe is not None:
                pipe.write(f"{json.dumps(said)}\n")
                pipe.flush()
        except OSError as error:
            raise self._failure() from error

    def _heard(self) -> Any:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line.endswith("\n"):
            raise self._failure()
        return json.loads(line)

    def _failure(self) -> SiteError:
        said = self.process.stderr.read() if self.process.stderr else ""
        reason = (said.strip().splitlines() or ["it said nothing"])[-1]
        if self.has_copied:
            return InvalidSite(f"The pages cannot be checked ({reason}).")
        return MartsError(
            f"{self.database}: the marts cannot be copied ({reason}). "
            "Look for room on the disk, and build the warehouse with `make`."
        )


@contextmanager
def beside(database: Path, site: Path) -> Iterator[Beside]:
    """Start the other process, which ends with this block or with this process."""
    # Without the working directory, which may hold anything, and with the package that runs here.
    start = f"import sys; sys.path.insert(0, sys.argv[1]); from {__name__} import main; main()"
    command = [sys.executable, "-P", "-c", start, str(HERE.parent), str(database), str(site)]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603
        command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8"
    ) as process:
        try:
            yield Beside(process, database)
        finally:
            process.kill()
            if process.stdin is not None:
                # Something may be left that the process did not hear.
                with suppress(OSError):
                    process.stdin.close()


def main() -> None:
    """Copy the marts of one file into one site, then check each page that is named."""
    gc.disable()
    told: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=[told], daemon=True).start()
    database, site = Path(sys.argv[2]), Path(sys.argv[3])
    try:
        copy_marts(database, site)
    except (duckdb.Error, OSError) as error:
        sys.stderr.write(str(error).splitlines()[0])
        sys.stderr.flush()
        os._exit(1)
    _answer(COPIED)
    check = SiteCheck(site, told.get())
    while (page := told.get()) is not None:
        check.look_at(page)
    _answer(check.faults())
    os._exit(0)


def _answer(what: Any) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def _listen(told: "SimpleQueue[Any]") -> None:
    for line in sys.stdin:
        told.put(json.loads(line))
    # The other end of this pipe closes when its process ends, however that comes about.
    os._exit(1)
