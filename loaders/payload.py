"""What a loader hands on: the bytes as received, and where and when they came from."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One response of one source.

    `origin` is the file or address that an error message should name; `fetched_at` is UTC and
    `status` one of verified, recorded, stale, degraded. `stated_rows` is how many rows the
    publisher, or the index of the recordings, says there are. `is_degraded` says that a lesser form
    was all there was, which has fewer rows than a whole answer.
    """

    source_key: str
    url: str
    origin: str
    fetched_at: datetime
    status: str
    body: bytes = field(repr=False)
    stated_rows: int | None = None
    is_degraded: bool = False

    @property
    def sha256(self) -> str:
        """Content hash, by which a payload is landed once."""
        return hashlib.sha256(self.body).hexdigest()
