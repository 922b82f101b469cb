"""Reads what moved between two boards, and says it in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmart.history import quoted
from site_builder.wording import (
    CAUSES,
    NOBODY_SAID,
    SHOWN_METRICS,
    WORTH_A_WORD,
    causes_told,
    headline,
    signed,
    story,
)

CHANGES = """
select
    changes.model_id,
    models.display_name,
    changes.role_key,
    roles.label as role,
    changes.score_before,
    changes.score_after,
    changes.change,
    changes.rank_before,
    changes.rank_after,
    changes.data_points,
    changes.selection_points,
    changes.method_points,
    changes.price_points,
    changes.fill_points
from marts.fct_role_changes as changes
inner join marts.dim_roles as roles on changes.role_key = roles.role_key
left join marts.dim_models as models on changes.model_id = models.model_id
order by abs(changes.change) desc nulls last, changes.model_id, roles.position
"""
PARTS = """
select
    changes.model_id,
    changes.role_key,
    changes.metric_key,
    coalesce(metrics.label, 'the method as a whole') as metric,
    changes.cause,
    changes.points,
    changes.what_happened,
    changes.raw_before,
    changes.raw_after,
    changes.label_before,
    changes.label_after
from marts.fct_score_changes as changes
left join marts.dim_metrics as metrics on changes.metric_key = metrics.metric_key
order by changes.model_id, changes.role_key, abs(changes.points) desc, changes.metric_key,
    changes.cause
"""
SHOWN_COEFFICIENTS = 6

SOURCES = """
select source_key, since_compared
from marts.dim_sources
where since_compared in ('came', 'changed')
order by source_key
"""
DEPARTURES = """
select departures.what, departures.model_id, departures.source_key, departures.metric_key,
    departures.reason
from marts.fct_departures as departures
inner join marts.board as board on departures.compared_with = board.compared_with
order by what desc, model_id, source_key, metric_key
"""
COEFFICIENTS = """
with pairs as (
    select
        coalesce(before.parent_key, after.parent_key) || ' '
        || coalesce(before.input_key, after.input_key) as name,
        before.weight::varchar as was,
        after.weight::varchar as is_now
    from compared.marts.dim_weights as before
    full outer join marts.dim_weights as after
        on before.level = after.level and before.parent_key = after.parent_key
            and before.input_key = after.input_key
    union all
    select
        coalesce(before.parameter_key, after.parameter_key) as name,
        coalesce(try_cast(before.parameter_value as double)::varchar, before.parameter_value)
            as was,
        coalesce(try_cast(after.parameter_value as double)::varchar, after.parameter_value)
            as is_now
    from compared.marts.dim_parameters as before
    full outer join marts.dim_parameters as after on before.parameter_key = after.parameter_key
)
select name || ' ' || coalesce(was, 'none') || ' -> ' || coalesce(is_now, 'none')
from pairs
where was is distinct from is_now and exists (select 1 from compared.marts.dim_weights)
order by all
"""
UNEXPLAINED = """
select max(abs(
    change - data_points - selection_points - method_points - price_points - fill_points
))
from marts.fct_role_changes
"""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Points that one metric moved a role score by, for one cause."""

    model_id: str
    role_key: str
    metric_key: str | None
    metric: str
    cause: str
    points: float
    what_happened: str
    raw_before: float | None
    raw_after: float | None
    label_before: str | None
    label_after: str | None

    def __str__(self) -> str:
        """The part as a person would say it, with its points."""
        said = story(self.what_happened, self.raw_before, self.raw_after, self.label_after)
        return f"{self.metric} {said} ({signed(self.points)})"


@dataclass(frozen=True, kw_only=True)
class Mover:
    """One role score of one model on both boards, and the points of each cause.

    A model that is on one board alone has no change; a model that is not ranked has no rank.
    """

    model_id: str
    display_name: str | None
    role_key: str
    role: str
    score_before: float | None
    score_after: float | None
    change: float | None
    rank_before: int | None
    rank_after: int | None
    data_points: float
    selection_points: float
    method_points: float
    price_points: float
    fill_points: float

    def __str__(self) -> str:
        """The headline: name, role, scores and ranks."""
        name = self.display_name or self.model_id
        said = headline(
            self.score_before, self.score_after, self.change, self.rank_before, self.rank_after
        )
        return f"{name}, {self.role}: {said}"


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A model, a source or a figure that only the earlier board had, and why it left."""

    what: str
    model_id: str | None
    source_key: str | None
    metric_key: str | None
    reason: str | None

    def __str__(self) -> str:
        """What left, and the reason if somebody gave one."""
        names = ", ".join(
            name for name in (self.model_id, self.metric_key, self.source_key) if name
        )
        return f"{self.what} {names}: {self.reason or NOBODY_SAID}"


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What moved from one board to another, largest first; `unexplained` is in points.

    `label` is the first board's, and `sources` says of each source that has another payload whether
    it came or changed. `coefficients` are weights and parameters with another value, where both
    boards are at hand.
    """

    label: str

    movers: Sequence[Mover]
    parts: Sequence[Part]
    departures: Sequence[Departure]
    sources: Mapping[str, str]
    coefficients: Sequence[str]
    unexplained: float

    def parts_of(self, mover: Mover) -> list[Part]:
        """The parts of one score's change, largest first."""
        key = (mover.model_id, mover.role_key)
        return [part for part in self.parts if (part.model_id, part.role_key) == key]

    def lines(self, limit: int) -> Iterator[str]:
        """The largest movers in words, with the causes of each."""
        moved = [mover for mover in self.movers if mover.change]
        yield f"{len(moved)} of {len(self.movers)} role scores moved."
        for happened, words in (("came", "New sources"), ("changed", "Sources that changed")):
            if names := [key for key, since in self.sources.items() if since == happened]:
                yield f"{words}: {', '.join(names)}."
        if self.coefficients:
            more = len(self.coefficients) - SHOWN_COEFFICIENTS
            shown = "; ".join(self.coefficients[:SHOWN_COEFFICIENTS])
            yield f"Coefficients: {shown}{f'; and {more} more' if more > 0 else ''}."
        for mover in moved[:limit]:
            yield str(mover)
            yield from self._causes(mover)
        if left := [str(departure) for departure in self.departures]:
            yield f"{len(left)} no longer on the board:"
            yield from (f"  {line}" for line in left[:limit])
            if len(left) > limit:
                yield f"  ... and {len(left) - limit} more"

    def _causes(self, mover: Mover) -> Iterator[str]:
        parts = self.parts_of(mover)
        points = {cause: getattr(mover, f"{cause}_points") for cause in CAUSES}
        for cause in causes_told(points):
            told = [part for part in parts if part.cause == cause][:SHOWN_METRICS]
            said = "; ".join(str(part) for part in told if abs(part.points) >= WORTH_A_WORD)
            yield f"  {cause} {signed(points[cause])}{': ' + said if said else ''}"

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return asdict(self)


def read_changes(database: Path, *, compared: Path | None = None) -> Changes | None:
    """Read the changes of a board; None when it was compared with nothing.

    `compared` is a database with the marts of the board that it was compared with, whose weights
    and parameters are looked at too.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        board = connection.execute("select compared_label from marts.board").fetchone()
        if board is None or board[0] is None:
            return None
        movers = [Mover(**row) for row in _rows(connection, CHANGES)]
        parts = [Part(**row) for row in _rows(connection, PARTS)]
        sources = dict(connection.execute(SOURCES).fetchall())
        departures = [Departure(**row) for row in _rows(connection, DEPARTURES)]
        found = connection.execute(UNEXPLAINED).fetchone()
        coefficients = []
        if compared is not None:
            connection.execute(f"attach '{quoted(compared)}' as compared (read_only)")
            coefficients = [str(line) for (line,) in connection.execute(COEFFICIENTS).fetchall()]
    return Changes(
        label=str(board[0]),
        movers=movers,
        parts=parts,
        departures=departures,
        sources=sources,
        coefficients=coefficients,
        unexplained=float(found[0] or 0) if found else 0.0,
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
