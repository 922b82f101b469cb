"""A page per model: why this score, and what would change it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from site_builder.addresses import model_path
from site_builder.charts import Fall, waterfall
from site_builder.marts import Row
from site_builder.page import Board, Page
from site_builder.wording import MARKS

START = 50.0
SHOWN_GAPS = 6
# What stands in which table of figures, by the status of its metric.
TABLES = {"scored": ("scored", "composite"), "unweighted": ("diagnostic", "historical")}


@dataclass(frozen=True)
class Opened:
    """A role score opened: its groups and its metrics with their bars, and what has no value."""

    score: Row
    groups: list[tuple[Row, Fall]]
    metrics: list[tuple[Row, Fall]]
    without: list[Row]
    gaps: list[Row]

    @property
    def best(self) -> list[Row]:
        """The metrics that add the most."""
        return [row for row, _ in self.metrics[:2] if row["points"] > 0]

    @property
    def worst(self) -> list[Row]:
        """The metric that takes the most."""
        return [row for row, _ in self.metrics[-1:] if row["points"] < 0]


def pages(board: Board) -> Iterator[Page]:
    """A page per model of the registry."""
    status_of = {row["metric_key"]: row["status"] for row in board.marts.metrics}
    for model in board.marts.models:
        model_id = model["model_id"]
        cells = board.cells[model_id]
        evidence = {cell["metric_key"]: cell["evidence_class"] for cell in cells}
        yield Page(
            model_path(model_id),
            "model.html",
            {
                "model": model,
                "standing": board.marts.standing(model_id),
                **_tables(cells, status_of),
                "evidence": evidence,
                "opened": {
                    role["role_key"]: _opened(board, model_id, role["role_key"], evidence)
                    for role in board.marts.roles
                },
                "group_scores": board.group_scores[model_id],
                "role_scores": list(board.role_scores[model_id].values()),
                "ability": board.abilities.by_model.get(model_id),
                "rivals": board.abilities.rivals(model_id),
                "weights": board.metric_weights,
                "role_shares": board.shares("metric"),
            },
        )


def _tables(cells: list[Row], status_of: Mapping[str, str]) -> dict[str, list[Row]]:
    """The cells by table of the page, those that are missing last."""
    ordered = sorted(cells, key=lambda cell: cell["evidence_class"] == "missing")
    return {
        table: [cell for cell in ordered if status_of[cell["metric_key"]] in statuses]
        for table, statuses in TABLES.items()
    }


def _opened(board: Board, model_id: str, role_key: str, evidence: dict[str, str]) -> Opened:
    groups = _best_first(board.group_contributions.get(model_id, {}).get(role_key, []))
    metrics = board.contributions.get(model_id, {}).get(role_key, [])
    counted = _best_first([row for row in metrics if row["score"] is not None])
    by_weight = sorted(metrics, key=lambda row: (-row["effective_weight"], row["metric_key"]))
    return Opened(
        score=board.role_scores[model_id][role_key],
        groups=_fallen(groups),
        metrics=_fallen(counted),
        without=[row for row in metrics if row["score"] is None],
        gaps=[
            row
            for row in by_weight
            if MARKS[evidence.get(row["metric_key"], "missing")][0] in ("missing", "estimated")
        ][:SHOWN_GAPS],
    )


def _best_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: -row["points"])


def _fallen(rows: list[Row]) -> list[tuple[Row, Fall]]:
    return list(zip(rows, waterfall(START, [row["points"] for row in rows]), strict=True))
