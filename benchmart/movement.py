"""Says what moved when a source is no longer on the board."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

LEFT = """
select before.source_key
from published.marts.dim_sources as before
inner join marts.dim_sources as after on before.source_key = after.source_key
where before.payload_sha256 is not null and after.payload_sha256 is null
order by before.source_key
"""
MOVED = """
select
    before.model_id,
    before.role_key,
    before.score as score_before,
    after.score as score_after,
    before.role_rank as rank_before,
    after.role_rank as rank_after
from published.marts.fct_role_scores as before
inner join marts.fct_role_scores as after
    on before.model_id = after.model_id and before.role_key = after.role_key
where before.score is distinct from after.score or before.role_rank is distinct from after.role_rank
order by abs(after.score - before.score) desc nulls last, before.model_id, before.role_key
"""
SHOWN = 5


@dataclass(frozen=True)
class Moved:
    """One role score of one model on the board before and on this one; no rank is None."""

    model_id: str
    role_key: str
    score_before: float
    score_after: float
    rank_before: int | None
    rank_after: int | None

    def __str__(self) -> str:
        return (
            f"{self.model_id} {self.role_key} {self.score_before:.1f} -> {self.score_after:.1f}"
            f" (rank {self.rank_before or '-'} -> {self.rank_after or '-'})"
        )


@dataclass(frozen=True)
class Movement:
    """Sources that left the board, and every role score that moved since, largest first."""

    sources: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()

    def lines(self) -> list[str]:
        """What a person should read; nothing when no source left."""
        if not self.sources:
            return []
        names = ", ".join(self.sources)
        head = f"{names} left the board; {len(self.moved)} role scores or ranks moved"
        return [f"{head}{', most:' if self.moved else '.'}"] + [
            f"  {moved}" for moved in self.moved[:SHOWN]
        ]


def movement(published: Path, built: Path) -> Movement:
    """Compare a built board with the published one, if a source that was there is gone."""
    if not published.exists():
        return Movement()
    with duckdb.connect(str(built), read_only=True) as connection:
        path = str(published).replace("'", "''")
        connection.execute(f"attach '{path}' as published (read_only)")
        try:
            left = tuple(key for (key,) in connection.execute(LEFT).fetchall())
            rows = connection.execute(MOVED).fetchall() if left else []
        except (duckdb.CatalogException, duckdb.BinderException):
            # The published file holds no board of this shape: there is nothing to compare with.
            return Movement()
    return Movement(left, tuple(Moved(*row) for row in rows))
