"""What the published file holds: how each source stands, and the board if there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmart.errors import BusyError
from loaders.payload import Fetched, Landed

LAST_OUTCOMES = """
select
    fetches.source_key,
    fetches.status,
    fetches.problem,
    fetches.mark,
    fetches.fetched_at,
    (
        select max(row_count) from raw.payloads
        where source_key = fetches.source_key and payload_sha256 = fetches.payload_sha256
    ) as row_count,
    (
        select arg_max(payload_sha256, (fetched_at, landing_ordinal)) from raw.payloads
        where source_key = fetches.source_key and status <> 'recorded'
    ) as good_sha256,
    (
        select max(fetched_at) from raw.payloads
        where source_key = fetches.source_key and status <> 'recorded'
    ) as good_fetched_at
from raw.fetches as fetches
qualify row_number() over (partition by source_key order by fetch_ordinal desc) = 1
"""


@dataclass(frozen=True)
class Standing:
    """The last outcome of a source; `fetched_at` (UTC) and rows are those of its payload.

    `last_good` is the newest payload that was ever fetched, whatever the last outcome was.
    """

    status: str
    problem: str | None
    mark: str
    fetched_at: datetime | None
    row_count: int | None
    last_good: Landed | None


def standings(connection: duckdb.DuckDBPyConnection) -> dict[str, Standing]:
    """How each source stands that was ever asked, by source key."""
    found = {}
    for key, status, problem, mark, fetched_at, row_count, sha256, good_at in connection.execute(
        LAST_OUTCOMES
    ).fetchall():
        found[key] = Standing(
            status,
            problem,
            mark,
            fetched_at.replace(tzinfo=UTC) if fetched_at else None,
            row_count,
            Landed(sha256=sha256, fetched_at=good_at.replace(tzinfo=UTC)) if sha256 else None,
        )
    return found


@dataclass(frozen=True)
class Board:
    """The board that a file holds, and what it was made from."""

    board_id: str
    fingerprint: str
    generated_at: datetime
    compared_with: str | None

    def answers(self, mark: str, now: datetime | None) -> bool:
        """Whether this is the board that the inputs, and the moment if one is given, make."""
        return self.fingerprint == mark and now in (None, self.generated_at.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Published:
    """What the published file holds: each source's last outcome, and a board if there is one."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    board: Board | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What decides about a board, by source."""
        return {source_key: standing.mark for source_key, standing in self.standings.items()}

    def completed(self, collected: Sequence[Fetched]) -> list[Fetched]:
        """What was asked for in vain, with the last good payload that the warehouse holds.

        Recordings are none: a board from the network does not depend on a run before it without.
        """
        complete = []
        for found in collected:
            standing = self.standings.get(found.source_key)
            if found.payload is None and standing is not None and standing.last_good is not None:
                status = "stale" if found.status == "failed" else found.status
                found = replace(found, status=status, payload=standing.last_good)
            complete.append(found)
        return complete

    def without_known(self, collected: Sequence[Fetched]) -> list[Fetched]:
        """What the last fetch has not told of yet: its word on the others stands."""
        return [
            found
            for found in collected
            if (standing := self.standings.get(found.source_key)) is None
            or not _says(standing, found)
        ]


def _says(standing: Standing, found: Fetched) -> bool:
    """Whether the last fetch says more than what is kept: a recording stands in for recordings."""
    if found.status == "recorded":
        return standing.status != "recorded"
    return found.payload is not None and found.payload.sha256 in standing.mark.split()


def read_published(path: Path) -> Published:
    """Read what is published, if anything is. Raises BusyError when the file cannot be opened."""
    if not path.exists():
        return Published()
    found: dict[str, Standing] = {}
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            found = standings(connection)
            row = connection.execute(
                "select board_id, fingerprint, generated_at, compared_with from marts.board"
            ).fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):
        # Nothing was scored here yet, or by an older version.
        return Published(found)
    except duckdb.IOException as error:
        raise BusyError(
            f"{path}: another program holds the file for writing, or it is damaged. "
            f"Close the program, or move the file away and run again. ({error})"
        ) from error
    return Published(found, Board(*row) if row else None)
