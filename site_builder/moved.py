"""What moved since the compared board: selection and words, every number is one of a mart."""

from collections import defaultdict
from dataclasses import dataclass

from site_builder.marts import Marts, Row
from site_builder.wording import (
    CAUSES,
    SHOWN_METRICS,
    THE_METHOD,
    WORTH_A_WORD,
    causes_told,
    headline,
    story,
)

SHOWN_MOVERS = 5
CAUSE_WORDS = {
    "data": "published figures",
    "selection": "another row",
    "method": "method",
    "price": "prices",
    "fill": "estimates",
}


@dataclass(frozen=True)
class Part:
    """Points that one metric moved a role score by, for one cause."""

    metric: str
    said: str
    cause: str
    points: float


@dataclass(frozen=True)
class RoleChange:
    """One role score on both boards; `row` is that of the mart, `causes` the largest first."""

    row: Row
    said: str
    causes: tuple[str, ...]
    parts: tuple[Part, ...]
    untold: int

    @property
    def is_told(self) -> bool:
        """Whether the score, or what it is made of, moved by as much as is worth a word."""
        change = self.row["change"]
        return change is not None and bool(abs(change) >= WORTH_A_WORD or self.groups)

    @property
    def groups(self) -> list[str]:
        """The causes with something to tell: those worth a word, then those whose parts are."""
        others = {part.cause for part in self.parts} - set(self.causes)
        return [*self.causes, *(cause for cause in CAUSES if cause in others)]

    def points(self, cause: str) -> float:
        """The points of one cause."""
        return float(self.row[f"{cause}_points"])

    def examples(self, cause: str) -> list[Part]:
        """The largest parts of one cause."""
        return [part for part in self.parts if part.cause == cause][:SHOWN_METRICS]


@dataclass(frozen=True)
class Moved:
    """All that moved between two boards; `by_model` has the roles of a model by their key."""

    label: str
    by_model: dict[str, dict[str, RoleChange]]
    largest: tuple[RoleChange, ...]
    arrivals: tuple[str, ...]

    def roles_of(self, model_id: str) -> dict[str, RoleChange]:
        """The changes of one model by role."""
        return self.by_model.get(model_id, {})

    def is_new(self, model_id: str) -> bool:
        """Whether the compared board had no score of the model."""
        return model_id in self.arrivals

    def causes_of(self, model_id: str) -> list[str]:
        """The causes that are worth a word in any role of a model, in their fixed order."""
        told = {cause for change in self.roles_of(model_id).values() for cause in change.causes}
        return [cause for cause in CAUSES if cause in told]


def what_moved(marts: Marts) -> Moved | None:
    """What moved since the board that this one is compared with; None where there is none."""
    label = marts.board["compared_label"]
    if label is None:
        return None
    metrics = {row["metric_key"]: row["label"] for row in marts.metrics}
    parts: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in marts.score_changes:
        parts[row["model_id"], row["role_key"]].append(row)
    changes = [
        _role_change(row, parts[row["model_id"], row["role_key"]], metrics)
        for row in marts.role_changes
    ]
    by_model: dict[str, dict[str, RoleChange]] = defaultdict(dict)
    for change in changes:
        by_model[change.row["model_id"]][change.row["role_key"]] = change
    return Moved(
        label=label,
        by_model=dict(by_model),
        largest=tuple(change for change in changes if change.is_told)[:SHOWN_MOVERS],
        arrivals=tuple(
            model_id
            for model_id, roles in sorted(by_model.items())
            if all(change.row["score_before"] is None for change in roles.values())
        ),
    )


def _role_change(row: Row, parts: list[Row], metrics: dict[str, str]) -> RoleChange:
    told = [part for part in parts if abs(part["points"]) >= WORTH_A_WORD]
    ranks = (row["rank_before"], row["rank_after"])
    return RoleChange(
        row=row,
        said=headline(row["score_before"], row["score_after"], row["change"], *ranks, on_page=True),
        causes=tuple(causes_told({cause: row[f"{cause}_points"] for cause in CAUSES})),
        parts=tuple(_part(part, metrics) for part in told),
        untold=len(parts) - len(told),
    )


def _part(row: Row, metrics: dict[str, str]) -> Part:
    return Part(
        metric=metrics.get(row["metric_key"], THE_METHOD),
        said=story(
            row["what_happened"],
            row["raw_before"],
            row["raw_after"],
            row["label_after"],
            on_page=True,
        ),
        cause=row["cause"],
        points=row["points"],
    )
