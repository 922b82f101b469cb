"""A page to be, and all that pages are made from."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from site_builder.abilities import Abilities
from site_builder.downloads import forms_of
from site_builder.marts import Marts, Row
from site_builder.moved import CAUSE_WORDS, Moved, what_moved
from site_builder.snapshot_files import Download, is_day
from site_builder.wording import MARKS, words

ROLE_NAMES = {"I_raw": "i", "P_raw": "p", "B_raw": "b", "R": "r"}
STATUSES = {
    "verified": "fresh",
    "recorded": "recorded",
    "stale": "stale",
    "degraded": "partial",
    "skipped": "not connected",
    "failed": "failed",
}


@dataclass(frozen=True)
class Page:
    """A file of the site: its path, its template, and what only this page says."""

    path: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """One board as pages look at it: its marts, and the same rows by model, role and key."""

    marts: Marts
    generator: str
    downloads: Mapping[str, list[Download]] = field(default_factory=dict)

    @cached_property
    def cells(self) -> dict[str, list[Row]]:
        """The rows of `fct_metric_scores` by model."""
        return by(self.marts.metric_scores, "model_id")

    @cached_property
    def group_scores(self) -> dict[str, list[Row]]:
        """The rows of `fct_group_scores` by model."""
        return by(self.marts.group_scores, "model_id")

    @cached_property
    def role_scores(self) -> dict[str, dict[str, Row]]:
        """The rows of `fct_role_scores` by model, then role."""
        return {
            model_id: {row["role_key"]: row for row in rows}
            for model_id, rows in by(self.marts.role_scores, "model_id").items()
        }

    @cached_property
    def contributions(self) -> dict[str, dict[str, list[Row]]]:
        """What each metric adds, by model and role, the largest first."""
        return {
            model_id: by(rows, "role_key")
            for model_id, rows in by(self.marts.contributions, "model_id").items()
        }

    @cached_property
    def group_contributions(self) -> dict[str, dict[str, list[Row]]]:
        """What each group adds, by model and role."""
        return {
            model_id: by(rows, "role_key")
            for model_id, rows in by(self.marts.group_contributions, "model_id").items()
        }

    @cached_property
    def abilities(self) -> Abilities:
        """What is measured, put on one scale."""
        return Abilities.of(self.marts)

    @cached_property
    def moved(self) -> Moved | None:
        """What moved since the compared board."""
        return what_moved(self.marts)

    @cached_property
    def metric_weights(self) -> dict[str, list[Row]]:
        """Where each metric or composite counts: its rows of the group and composite weights."""
        return by([row for row in self.marts.weights if row["level"] != "role"], "input_key")

    @cached_property
    def health(self) -> dict[str, Row]:
        """The rows of `fct_metric_health` by metric."""
        return {row["metric_key"]: row for row in self.marts.metric_health}

    @cached_property
    def firsts(self) -> dict[str, dict[str, list[Row]]]:
        """By role the rows that hold the first rank, and those that cannot be told from them."""
        found: dict[str, dict[str, list[Row]]] = {
            role["role_key"]: {"first": [], "others": []} for role in self.marts.roles
        }
        ranked = (row for row in self.marts.role_scores if row["role_rank"] is not None)
        for row in sorted(ranked, key=lambda row: (row["role_rank"], row["model_id"])):
            if row["role_rank"] == 1:
                found[row["role_key"]]["first"].append(row)
            elif row["is_tied_with_best"]:
                found[row["role_key"]]["others"].append(row)
        return found

    @cached_property
    def shared(self) -> dict[str, Any]:
        """What every template may look at."""
        marts = self.marts
        # Cited figures are kept by hand: they have no address, and are never fresh or late.
        live = [source for source in marts.sources if source["url"] is not None]
        met = Counter(source["status"] for source in live)
        return {
            "marts": marts,
            "board": marts.board,
            "generator": self.generator,
            "moved": self.moved,
            "causes": CAUSE_WORDS,
            "abilities": self.abilities,
            "neutral_composites": self.parameter("empty_composite") == "neutral",
            "statuses": STATUSES,
            "status_counts": {
                words: met[status] for status, words in STATUSES.items() if met[status]
            },
            "marks": MARKS,
            "role_names": ROLE_NAMES,
            "models": {row["model_id"]: row for row in marts.models},
            "metrics": {row["metric_key"]: row for row in marts.metrics},
            "groups": {row["group_key"]: row for row in marts.groups},
            "roles": {row["role_key"]: row for row in marts.roles},
            "sources": {row["source_key"]: row for row in marts.sources},
            "troubled": [row for row in live if row["status"] not in ("verified", "recorded")],
            "credits": [row for row in marts.sources if row["n_rows_ingested"]],
            "firsts": self.firsts,
            "known_tables": {
                row["table_name"]: forms_of(row["table_name"], row["row_count"])
                for row in marts.tables
            },
            "words": words(version=marts.board["method_version"]),
            "snapshot": next(
                (
                    row
                    for row in marts.snapshots
                    if row["board_id"] == marts.board["board_id"] and is_day(row["snapshot_date"])
                ),
                None,
            ),
        }

    def shares(self, share_of: str) -> dict[str, dict[str, float]]:
        """Shares of the weight of each role, by `metric` or by `source`, then role."""
        return self._shares.get(share_of, {})

    @cached_property
    def _shares(self) -> dict[str, dict[str, dict[str, float]]]:
        return {
            share_of: {
                key: {row["role_key"]: row["weight"] for row in rows}
                for key, rows in by(held, "share_key").items()
            }
            for share_of, held in by(self.marts.role_shares, "share_of").items()
        }

    def parameter(self, key: str) -> str:
        """The value of a parameter of the method, as text."""
        return next(
            str(row["parameter_value"])
            for row in self.marts.parameters
            if row["parameter_key"] == key
        )


def by(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    """Rows by the value of a column, in their order."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found
