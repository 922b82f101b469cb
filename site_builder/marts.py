"""Reads the marts: one query each, rows as dictionaries, in a fixed order."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from site_builder.errors import MartsError

Row = dict[str, Any]

QUERIES = {
    "board": "select * from marts.board",
    "models": "select * from marts.dim_models order by model_id",
    "metrics": "select * from marts.dim_metrics order by metric_key",
    "sources": "select * from marts.dim_sources order by source_key",
    "groups": "select * from marts.dim_groups order by position",
    "roles": "select * from marts.dim_roles order by position",
    "weights": "select * from marts.dim_weights order by level, parent_key, input_key",
    "parameters": "select * from marts.dim_parameters order by parameter_key",
    "metric_scores": "select * from marts.fct_metric_scores order by model_id, metric_key",
    "group_scores": "select * from marts.fct_group_scores order by model_id, group_key",
    "role_scores": "select * from marts.fct_role_scores order by model_id, role_key",
    "scoreboard": "select * from marts.scoreboard order by b_raw desc, model_id",
    "unmatched": (
        "select * from marts.audit_unmatched_labels"
        " order by source_key, label_field, label, vendor_hint"
    ),
    "excluded": (
        "select * from marts.fct_identity where exclusion_reason is not null"
        " order by source_key, label_field, label, vendor_hint"
    ),
}


@dataclass(frozen=True)
class Marts:
    """Every mart that the outputs need, as lists of rows keyed by column."""

    board: Row
    models: list[Row]
    metrics: list[Row]
    sources: list[Row]
    groups: list[Row]
    roles: list[Row]
    weights: list[Row]
    parameters: list[Row]
    metric_scores: list[Row]
    group_scores: list[Row]
    role_scores: list[Row]
    scoreboard: list[Row]
    unmatched: list[Row]
    excluded: list[Row]


def read_marts(database: Path) -> Marts:
    """Read every mart of one board. Raises MartsError naming the file and the remedy."""
    if not database.exists():
        raise MartsError(f"{database}: there is no warehouse. Build one with `make`.")
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = {name: _rows(connection, query) for name, query in QUERIES.items()}
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise MartsError(
            f"{database}: a mart cannot be read ({reason}). Build the warehouse with `make`."
        ) from error
    boards = found.pop("board")
    if len(boards) != 1:
        raise MartsError(f"{database}: marts.board has {len(boards)} rows instead of one.")
    return Marts(board=boards[0], **found)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(query)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
