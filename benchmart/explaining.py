"""Reads what makes the role scores of one model or separates those of two, and says it in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from math import fsum
from pathlib import Path
from typing import Any

import duckdb

from benchmart.errors import BusyError, OptionError
from loaders.errors import one_line
from site_builder.errors import MartsError
from site_builder.wording import MARKS, chance, figure, percent, rank_range, signed

MODELS = "select model_id, display_name, aliases from marts.dim_models order by model_id"
NEAREST = """
select named.display_name || ' (' || named.model_id || ')' as name
from (select model_id, display_name, unnest(aliases) as alias from marts.dim_models) as named
group by named.model_id, named.display_name
order by
    max(jaro_winkler_similarity(
        regexp_replace(lower(named.alias), '[^a-z0-9]', '', 'g'), $asked
    )) desc,
    named.model_id
limit 3
"""
BOARD = "select board_id, strftime(generated_at, '%Y-%m-%dT%H:%M:%SZ') from marts.board"
ROLES = "select role_key, label from marts.dim_roles order by position, role_key"
SCORES = """
select
    scores.role_key,
    roles.label as role,
    scores.score,
    scores.score_low,
    scores.score_high,
    scores.role_rank,
    scores.rank_low,
    scores.rank_high,
    scores.best_share,
    scores.ranked_models,
    scores.gap_filled_score,
    scores.measured_weight_share,
    parameters.parameter_value::double as needed_weight_share
from marts.fct_role_scores as scores
inner join marts.dim_roles as roles on scores.role_key = roles.role_key
inner join marts.dim_parameters as parameters
    on parameters.parameter_key = 'min_measured_share'
where scores.model_id = $model_id
order by roles.position, scores.role_key
"""
ABILITY = """
select
    ability, ability_low, ability_high, ability_rank, rank_low, rank_high, best_share,
    measured_cells
from marts.fct_abilities
where model_id = $model_id
"""
CHANCES = """
select abler_probability, winning_probability
from marts.fct_ability_pairs
where model_id = $first and other_model_id = $second
"""
# A metric without a score adds no points, which is another thing than adding none of them.
PARTS = """
select
    contributions.role_key,
    contributions.metric_key,
    metrics.label as metric,
    metrics.unit,
    metrics.higher_is_better,
    contributions.effective_weight,
    if(contributions.score is null, null, contributions.points) as points,
    cells.raw_value,
    cells.normalized,
    contributions.score,
    cells.evidence_class,
    cells.source_key,
    sources.name as source,
    cells.label,
    cells.effort,
    cells.agent,
    cells.donor_model_id,
    donors.display_name as donor,
    cells.chain_length,
    cells.citation,
    strftime(cells.observed_on, '%Y-%m-%d') as observed_on,
    strftime(cells.fetched_at, '%Y-%m-%dT%H:%M:%SZ') as fetched_at,
    cells.source_url,
    cells.payload_sha256
from marts.fct_contributions as contributions
inner join marts.fct_metric_scores as cells
    on
        contributions.model_id = cells.model_id
        and contributions.metric_key = cells.metric_key
inner join marts.dim_metrics as metrics on contributions.metric_key = metrics.metric_key
left join marts.dim_sources as sources on cells.source_key = sources.source_key
left join marts.dim_models as donors on cells.donor_model_id = donors.model_id
where contributions.model_id = $model_id
order by
    abs(contributions.points) desc, contributions.effective_weight desc, contributions.metric_key
"""
DIFFERENCES = """
select first.role_key, '' as metric_key, first.score - second.score as difference
from marts.fct_role_scores as first
inner join marts.fct_role_scores as second on first.role_key = second.role_key
where first.model_id = $first and second.model_id = $second
union all
select first.role_key, first.metric_key, first.points - second.points as difference
from marts.fct_contributions as first
inner join marts.fct_contributions as second
    on first.role_key = second.role_key and first.metric_key = second.metric_key
where first.model_id = $first and second.model_id = $second
"""
# The score that points are counted from, as marts.fct_contributions promises.
START = 50.0


@dataclass(frozen=True, kw_only=True)
class Part:
    """One metric in one role of one model: its points, and the figure that they come from.

    Without a score there are no points, which is not 0. The figure of an estimate is its donor's.
    """

    role_key: str
    metric_key: str
    metric: str
    unit: str
    higher_is_better: bool
    effective_weight: float
    points: float | None
    raw_value: float | None
    normalized: float | None
    score: float | None
    evidence_class: str
    source_key: str | None
    source: str | None
    label: str | None
    effort: str | None
    agent: str | None
    donor_model_id: str | None
    donor: str | None
    chain_length: int | None
    citation: str | None
    observed_on: str | None
    fetched_at: str | None
    source_url: str | None
    payload_sha256: str | None

    @property
    def told(self) -> str:
        """The figure and its mark; what stands in is never told as the model's own."""
        mark = MARKS[self.evidence_class][0]
        if self.raw_value is None:
            return mark
        published = f"{figure(self.raw_value)} {one_line(self.unit)}"
        if mark != "estimated":
            return f"{published}, {'vendor-reported' if mark == 'reported' else mark}"
        away = self.chain_length or 1
        donor = one_line(self.donor or self.donor_model_id or "a sibling")
        siblings = f", {away} siblings away," if away > 1 else ""
        return f"estimated, {donor}{siblings} stands in with its {published}"

    @property
    def direction(self) -> str:
        """A word where a smaller figure is the better one."""
        return "" if self.higher_is_better else ", lower is better"

    @property
    def origin(self) -> str:
        """Who published the figure, as what, and when."""
        said = [one_line(self.citation or self.source or "")]
        if self.label is not None:
            # Quoted with its escapes, so that a label reads as nothing but a label.
            said[0] += f" as {one_line(repr(self.label))}"
        for word, value in (
            ("effort", self.effort),
            ("agent", self.agent),
            ("observed", self.observed_on),
            ("fetched", self.fetched_at and self.fetched_at[:10]),
        ):
            if value is not None:
                said.append(f"{word} {one_line(value)}")
        return ", ".join(said)

    @property
    def absence(self) -> str:
        """The metric that adds nothing, with what it would have weighed."""
        why = "" if self.raw_value is None else f", no place on the scale for {self.told}"
        return f"{one_line(self.metric)} ({self.effective_weight:.1%} of the weight{why})"


@dataclass(frozen=True, kw_only=True)
class RoleScore:
    """One role score of one model; a model that is not ranked has no rank."""

    role_key: str
    role: str
    score: float
    score_low: float
    score_high: float
    role_rank: int | None
    rank_low: int | None
    rank_high: int | None
    best_share: float | None
    ranked_models: int
    gap_filled_score: float | None
    measured_weight_share: float
    needed_weight_share: float
    parts: Sequence[Part]

    @property
    def standing(self) -> str:
        """The rank, or what is lacking for one."""
        if self.role_rank is not None:
            span = rank_range(self.rank_low, self.rank_high)
            return f"rank {self.role_rank} of {self.ranked_models}, may be {span}"
        needed = figure(100 * self.needed_weight_share)
        return (
            f"not ranked: {percent(self.measured_weight_share)} of the weight is measured or "
            f"vendor-reported, {needed}% is needed"
        )

    def lines(self, limit: int) -> Iterator[str]:
        """Score and standing, then 50 and the points of each metric, which add up to the score."""
        low, high = f"{self.score_low:.1f}", f"{self.score_high:.1f}"
        span = "" if low == high else f" ({low} to {high} under other weights or benchmarks)"
        yield f"{one_line(self.role)}: {self.score:.1f}{span}, {self.standing}"
        counted = [part for part in self.parts if part.points is not None]
        width = _width(counted[:limit])
        yield f"  points  {'metric':{width}}  place  score  figure"
        yield f"{START:8.1f}  start"
        yield from _column(
            [
                (
                    part.points or 0.0,
                    f"{one_line(part.metric):{width}}  {_place(part.normalized)}"
                    f"  {_place(part.score)}  {part.told}{part.direction}: {part.origin}",
                )
                for part in counted
            ],
            limit,
            start=START,
            total=self.score,
        )
        yield f"{self.score:8.1f}  score"
        if absent := [part.absence for part in self.parts if part.points is None]:
            yield f" missing  {'; '.join(absent)}"


@dataclass(frozen=True, kw_only=True)
class Ability:
    """What all measured figures of a model say together; all but the count is null without any."""

    ability: float | None
    ability_low: float | None
    ability_high: float | None
    ability_rank: int | None
    rank_low: int | None
    rank_high: int | None
    best_share: float | None
    measured_cells: int

    @property
    def told(self) -> str:
        """The ability with its interval and ranks, or that nothing is measured."""
        if self.ability is None:
            return "Ability: nothing is measured"
        figures = "figure" if self.measured_cells == 1 else "figures"
        return (
            f"Ability: {self.ability:.1f} ({self.ability_low:.1f} to {self.ability_high:.1f}) from "
            f"{self.measured_cells} measured {figures}, rank {self.ability_rank}, may be "
            f"{rank_range(self.rank_low, self.rank_high)}"
        )


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What makes the role scores of one model on one board; points are largest first."""

    board_id: str
    generated_at: str
    model_id: str
    display_name: str
    ability: Ability
    roles: Sequence[RoleScore]

    @property
    def name(self) -> str:
        """The name of the model as a line may hold it."""
        return one_line(self.display_name)

    def lines(self, limit: int) -> Iterator[str]:
        """Each role in words, with its first metrics."""
        yield f"{self.name} ({one_line(self.model_id)}), board {self.board_id}"
        yield self.ability.told
        for role in self.roles:
            yield from role.lines(limit)

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One metric in one role of two models; a difference is the first less the second."""

    difference: float
    first: Part
    second: Part

    def told(self, first: str, second: str) -> str:
        """Both figures, or that of the only model that has one."""
        if self.first.points is None:
            said = f"{second} alone: {self.second.told}"
        elif self.second.points is None:
            said = f"{first} alone: {self.first.told}"
        else:
            said = f"{self.first.told}; {self.second.told}"
        return said + self.first.direction


@dataclass(frozen=True, kw_only=True)
class RolePair:
    """One role score of two models, and the metrics that separate them, largest first."""

    difference: float
    first: RoleScore
    second: RoleScore
    pairs: Sequence[Pair]

    def lines(self, limit: int, first: str, second: str) -> Iterator[str]:
        """Both scores, then differences that add up to that of the scores."""
        yield (
            f"{one_line(self.first.role)}: {first} {self.first.score:.1f} ({self.first.standing}), "
            f"{second} {self.second.score:.1f} ({self.second.standing})"
        )
        counted = [pair for pair in self.pairs if _is_counted(pair)]
        width = _width([pair.first for pair in counted[:limit]])
        yield f"  points  {'metric':{width}}  first  second  figures"
        yield from _column(
            [
                (
                    pair.difference,
                    f"{one_line(pair.first.metric):{width}}  {_place(pair.first.score)}"
                    f"  {_place(pair.second.score, 6)}  {pair.told(first, second)}",
                )
                for pair in counted
            ],
            limit,
            start=0.0,
            total=self.difference,
        )
        yield f"{signed(self.difference):>8}  difference"
        if absent := [pair.first.absence for pair in self.pairs if not _is_counted(pair)]:
            yield f" missing  for both: {'; '.join(absent)}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What separates the role scores of two models on one board."""

    first: Explanation
    second: Explanation
    differences: Mapping[tuple[str, str], float]
    abler_probability: float | None
    winning_probability: float | None

    @property
    def roles(self) -> list[RolePair]:
        """Role by role, the metrics of both side by side; among equals the heavier one is first."""
        pairs = []
        for first, second in zip(self.first.roles, self.second.roles, strict=True):
            others = {part.metric_key: part for part in second.parts}
            metrics = [
                Pair(
                    difference=self.differences[part.role_key, part.metric_key],
                    first=part,
                    second=others[part.metric_key],
                )
                for part in first.parts
            ]
            metrics.sort(key=lambda pair: (-abs(pair.difference), -pair.first.effective_weight))
            difference = self.differences[first.role_key, ""]
            pairs.append(RolePair(difference=difference, first=first, second=second, pairs=metrics))
        return pairs

    def lines(self, limit: int) -> Iterator[str]:
        """Each role in words, with the first metrics that separate the two."""
        first, second = self.first.name, self.second.name
        ids = f"({one_line(self.first.model_id)}) less {second} ({one_line(self.second.model_id)})"
        yield f"{first} {ids}, board {self.first.board_id}"
        if self.abler_probability is None or self.winning_probability is None:
            yield "Which is the abler one nobody can say: of one of them nothing is measured"
        else:
            abler, winning = chance(self.abler_probability), chance(self.winning_probability)
            yield (
                f"{first} is the abler one with {abler},"
                f" and has the better figure on an unseen benchmark with {winning}"
            )
        for role in self.roles:
            yield from role.lines(limit, first, second)

    def document(self) -> dict[str, Any]:
        """Everything, for programs."""
        models = (self.first, self.second)
        return {
            "board_id": self.first.board_id,
            "generated_at": self.first.generated_at,
            "abler_probability": self.abler_probability,
            "winning_probability": self.winning_probability,
            "models": [
                {"model_id": model.model_id, "display_name": model.display_name} for model in models
            ],
            "roles": [
                {
                    "role_key": role.first.role_key,
                    "role": role.first.role,
                    "difference": role.difference,
                    "scores": [role.first.score, role.second.score],
                    "role_ranks": [role.first.role_rank, role.second.role_rank],
                    "metrics": [asdict(pair) for pair in role.pairs],
                }
                for role in self.roles
            ],
        }


def read_explanation(
    database: Path, name: str, other: str | None = None, *, role: str | None = None
) -> Explanation | Comparison:
    """Read what makes the scores of a model or, with two names, what separates two.

    Raises OptionError for a name or a role that the board does not know, or knows twice.
    """
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            role_key = None if role is None else _role(connection, role)
            model_id = _model(connection, name)
            first = _explanation(connection, model_id, role_key)
            if other is None:
                return first
            other_id = _model(connection, other)
            if other_id == model_id:
                raise OptionError(
                    f"explain: {_quoted(name)} and {_quoted(other)} are one model, {model_id}. "
                    "Name another one, or only one."
                )
            second = _explanation(connection, other_id, role_key)
            rows = connection.execute(DIFFERENCES, {"first": model_id, "second": other_id})
            differences = {(role_key, metric): value for role_key, metric, value in rows.fetchall()}
            chances = connection.execute(CHANCES, {"first": model_id, "second": other_id})
            abler, winning = chances.fetchone() or (None, None)
            return Comparison(
                first=first,
                second=second,
                differences=differences,
                abler_probability=abler,
                winning_probability=winning,
            )
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        # Nothing was scored here yet, or by an older version.
        raise MartsError(
            f"{database}: a mart cannot be read ({str(error).splitlines()[0]}). "
            "Build the warehouse with `benchmart all --offline`."
        ) from error
    except duckdb.IOException as error:
        raise BusyError(
            f"{database}: another program holds the file for writing, or it is damaged. "
            f"Close the program and ask again. ({str(error).splitlines()[0]})"
        ) from error


def _explanation(
    connection: duckdb.DuckDBPyConnection, model_id: str, role_key: str | None
) -> Explanation:
    [(board_id, generated_at)] = connection.execute(BOARD).fetchall()
    [ability] = _rows(connection, ABILITY, model_id=model_id)
    parts = [Part(**row) for row in _rows(connection, PARTS, model_id=model_id)]
    return Explanation(
        board_id=board_id,
        generated_at=generated_at,
        model_id=model_id,
        display_name=next(name for key, name, _ in _models(connection) if key == model_id),
        ability=Ability(**ability),
        roles=[
            RoleScore(**row, parts=[part for part in parts if part.role_key == row["role_key"]])
            for row in _rows(connection, SCORES, model_id=model_id)
            if role_key in (None, row["role_key"])
        ],
    )


def _model(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """The id of the one model that a person means, by id, else by name, else by alias."""
    models = _models(connection)
    key = _squashed(name)
    ways = (
        {model_id for model_id, _, _ in models if model_id == name},
        {model_id for model_id, shown, _ in models if shown.casefold() == name.casefold()},
        {model_id for model_id, _, known in models if key and key in map(_squashed, known)},
    )
    found = sorted(next((way for way in ways if way), ()))
    if len(found) == 1:
        return found[0]
    if found:
        raise OptionError(
            f"explain: {_quoted(name)} may be {' or '.join(found)}. Name the model by its id."
        )
    nearest = connection.execute(NEAREST, {"asked": key}).fetchall()
    raise OptionError(
        f"explain: {_quoted(name)} is no model of the registry. Nearest are "
        f"{', '.join(one_line(near) for (near,) in nearest)}; `benchmart list-models` prints all."
    )


def _role(connection: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The key of the role that a person means by its letter, key or label."""
    roles = {
        str(key): (str(key).removesuffix("_raw"), str(label))
        for key, label in connection.execute(ROLES).fetchall()
    }
    for key, names in roles.items():
        if asked.casefold() in {name.casefold() for name in (key, *names)}:
            return key
    known = ", ".join(f"{label} ({letter})" for letter, label in roles.values())
    raise OptionError(f"--role: {_quoted(asked)} is no role. Take one of {known}.")


def _models(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, list[str]]]:
    return connection.execute(MODELS).fetchall()


def _squashed(name: str) -> str:
    """What is left of a name that is spelled in several ways: its letters and digits."""
    return "".join(char for char in name.casefold() if char.isalnum())


def _quoted(asked: str) -> str:
    return one_line(repr(asked))


def _is_counted(pair: Pair) -> bool:
    return pair.first.points is not None or pair.second.points is not None


def _width(parts: Sequence[Part]) -> int:
    return max((len(one_line(part.metric)) for part in parts), default=len("metric"))


def _place(value: float | None, width: int = 5) -> str:
    return f"{'-' if value is None else f'{value:.1f}':>{width}}"


def _column(
    rows: Sequence[tuple[float, str]], limit: int, *, start: float, total: float
) -> Iterator[str]:
    """Rows of points that add up as they are printed: what is not shown, and what rounding took."""
    shown, rest = list(rows[:limit]), rows[limit:]
    if rest:
        more = f"and {len(rest)} more metric{'s' if len(rest) > 1 else ''}"
        shown.append((fsum(points for points, _ in rest), more))
    for points, text in shown:
        yield f"{signed(points):>8}  {text}"
    lost = _tenths(total) - _tenths(start) - sum(_tenths(points) for points, _ in shown)
    if lost:
        yield f"{signed(float(lost)):>8}  rounding of these lines"


def _tenths(value: float) -> Decimal:
    """The value as it is printed, without the error of binary fractions."""
    return Decimal(f"{value:.1f}")


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, **parameters: object
) -> list[dict[str, Any]]:
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
