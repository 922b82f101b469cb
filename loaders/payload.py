"""What a loader hands on: the bytes as received, and where and when they came from."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One response of one source.

    `origin` is the file that an error message should name; `fetched_at` is UTC and `status` one of
    verified, recorded, degraded: how it was come by when it was new. `stated_rows` is how many rows
    the index of the recordings says there are.
    """

    source_key: str
    url: str
    origin: str
    fetched_at: datetime
    status: str
    body: bytes = field(repr=False)
    stated_rows: int | None = None

    @cached_property
    def sha256(self) -> str:
        """Content hash, by which a payload is landed once."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def is_degraded(self) -> bool:
        """Whether a lesser form was all there was, with fewer rows than a whole answer."""
        return self.status == "degraded"


@dataclass(frozen=True, kw_only=True)
class Landed:
    """A payload that a warehouse holds already, and whose bytes are not at hand any more."""

    sha256: str
    fetched_at: datetime


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What became of one source in one run: a row of its own also where there is nothing to use.

    `status` is verified, recorded, degraded, stale, skipped or failed. `payload` is the one to use,
    None where there is none; `problem` is what a person should read. `was_asked` says whether it
    took a request, and `retries` how often that was made again.
    """

    source_key: str
    status: str
    payload: Payload | Landed | None = field(repr=False)
    problem: str | None = None
    was_asked: bool = False
    retries: int = 0

    @property
    def mark(self) -> str:
        """What decides about a board: the content and how it stands, not when it was asked for.

        A recording's day and stated rows are part of what it says.
        """
        if self.payload is None:
            return self.status
        said = [self.status, self.payload.sha256]
        if isinstance(self.payload, Payload) and self.payload.status == "recorded":
            said += [self.payload.fetched_at.isoformat(), str(self.payload.stated_rows)]
        return " ".join(said)
