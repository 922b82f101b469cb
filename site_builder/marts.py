"""Reads the marts: one query each, rows as dictionaries, in a fixed order."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from site_builder.errors import MartsError

Row = dict[str, Any]

# How many models above and below it a model is compared with.
SHOWN_RIVALS = 3
# Any two of so many models are compared on one page; more pairs would make it too heavy.
COMPARED_MODELS = 300
PLACES = (
    "(select model_id, row_number() over (order by ability desc, model_id) as place"
    " from marts.fct_abilities where ability is not null)"
)
# Table and columns of each mart as the outputs use them, and the order that fixes their bytes.
SHAPES = {
    "board": (
        "board",
        "board_id, generated_at, method_version, fingerprint, model_count, metric_count,"
        " source_count, measured_cells, reported_cells, estimated_cells, missing_cells,"
        " seeds_sha256, method_sha256, compared_label",
        "board_id",
    ),
    "models": (
        "dim_models",
        "model_id, display_name, vendor, vendor_name, series, thinking_effort, released_on,"
        " has_open_weights, licence, aliases, sources",
        "model_id",
    ),
    "metrics": (
        "dim_metrics",
        "metric_key, label, description, source_key, unit, higher_is_better, is_log_scale,"
        " transform, valid_min, valid_max, status",
        "metric_key",
    ),
    "sources": (
        "dim_sources",
        "source_key, name, url, licence, attribution, status, problem, n_rows_ingested,"
        " n_rows_matched, n_rows_unmatched, n_rows_excluded, fetched_at, age_hours, payload_sha256,"
        " ttl_hours, since_compared",
        "source_key",
    ),
    "groups": ("dim_groups", "group_key, label, description, is_capability", "position, group_key"),
    "roles": ("dim_roles", "role_key, label, question", "position, role_key"),
    "weights": (
        "dim_weights",
        "level, parent_key, input_key, weight",
        "level, parent_key, input_key",
    ),
    "parameters": (
        "dim_parameters",
        "parameter_key, parameter_value, rationale",
        "parameter_key",
    ),
    "metric_scores": (
        "fct_metric_scores",
        "model_id, metric_key, raw_value, normalized, score, evidence_class, pull, source_key,"
        " label, effort, agent, variant_count, donor_model_id, chain_length, citation, observed_on,"
        " source_url, payload_sha256, fetched_at",
        "model_id, metric_key",
    ),
    "group_scores": (
        "fct_group_scores",
        "model_id, group_key, score, coverage, is_shrunk",
        "model_id, group_key",
    ),
    "role_scores": (
        "fct_role_scores",
        "model_id, role_key, score, score_low, score_high, measured_weight_share,"
        " independent_weight_share, reported_weight_share, estimated_weight_share,"
        " missing_weight_share, gap_filled_score,"
        " is_ranked, role_rank, rank_low, rank_high, best_share, is_tied_with_best, ranked_models",
        "model_id, role_key",
    ),
    "scoreboard": (
        "scoreboard",
        "model_id, b_rank, b_measured, blended_cost, output_speed, context_window,"
        " is_synthesis_dominant, estimated_metrics",
        "b_raw desc, model_id",
    ),
    "abilities": (
        "fct_abilities",
        "model_id, measured_cells, ability, ability_low, ability_high, ability_rank, rank_low,"
        " rank_high, best_share, is_tied_with_best",
        "ability desc nulls last, model_id",
    ),
    "ability_pairs": (
        # Of two thousand models there are four million pairs, and a page shows six.
        f"fct_ability_pairs as pairs inner join {PLACES} as own on pairs.model_id = own.model_id"
        f" inner join {PLACES} as others on pairs.other_model_id = others.model_id"
        f" where abs(own.place - others.place) <= {SHOWN_RIVALS}",
        "pairs.model_id, pairs.other_model_id, pairs.winning_probability",
        "pairs.model_id, pairs.other_model_id",
    ),
    "compared_pairs": (
        # A row a model: the others in the order of their ability, without the model itself.
        f"fct_ability_pairs as pairs inner join {PLACES} as own on pairs.model_id = own.model_id"
        f" inner join {PLACES} as others on pairs.other_model_id = others.model_id"
        f" where own.place <= {COMPARED_MODELS} and others.place <= {COMPARED_MODELS}"
        " group by own.place, pairs.model_id",
        "pairs.model_id, list(pairs.other_model_id order by others.place) as other_model_ids,"
        " list(pairs.winning_probability order by others.place) as winning_probabilities,"
        " list(pairs.abler_probability order by others.place) as abler_probabilities",
        "own.place",
    ),
    "metric_health": (
        "fct_metric_health",
        "metric_key, family, model_count, slope, noise, held_out_model_count, held_out_spearman,"
        " held_out_upper_bound, is_flagged",
        "is_flagged desc, held_out_spearman nulls last, metric_key",
    ),
    "validity": (
        "fct_validity",
        "check_key, subject, value, value_low, value_high, sample_size, bar_low, bar_high, is_met",
        "check_key, subject",
    ),
    "contributions": (
        "fct_contributions",
        "model_id, role_key, metric_key, effective_weight, score, points",
        "model_id, role_key, abs(points) desc, metric_key",
    ),
    "role_shares": (
        "dim_role_shares",
        "role_key, share_of, share_key, weight",
        "share_of, share_key, role_key",
    ),
    "published_figures": (
        "fct_published_figures",
        "source_key, metric_key, label, model_id, exclusion_reason, effort, agent, raw_value,"
        " value_low, value_high, observed_on, is_selected",
        # Not by the place of a row upstream, which must decide nothing that is shown.
        "metric_key, raw_value desc, label, source_key, endpoint, effort, agent, observed_on,"
        " value_low, value_high, model_id, exclusion_reason, is_selected desc",
    ),
    "group_contributions": (
        "fct_group_contributions",
        "model_id, role_key, group_key, weight, score, points",
        "model_id, role_key, abs(points) desc, group_key",
    ),
    "tables": (
        "(select table_name from duckdb_tables() where schema_name = 'marts')",
        "table_name",
        "table_name",
    ),
    "steps": (
        # What the lineage site says of these columns is what the page of the method says.
        "(select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'"
        " and comment is not null)",
        "table_name, column_name, comment",
        "table_name, column_name",
    ),
    "role_changes": (
        "fct_role_changes",
        "model_id, role_key, score_before, score_after, change, rank_before, rank_after,"
        " data_points, selection_points, method_points, price_points, fill_points",
        "abs(change) desc nulls last, model_id, role_key",
    ),
    "score_changes": (
        "fct_score_changes",
        "model_id, role_key, metric_key, cause, points, what_happened, raw_before, raw_after,"
        " label_after",
        "model_id, role_key, abs(points) desc, metric_key, cause",
    ),
    "departures": (
        "fct_departures where compared_with = (select compared_with from marts.board)",
        "what, model_id, source_key, metric_key, last_seen_on, reason, evidence, decided_by,"
        " decided_on",
        "what desc, model_id, source_key, metric_key",
    ),
    "claims": (
        "fct_provenance",
        "claim_key, standing, subject, statement, thing_count, thing",
        "position, claim_key",
    ),
    "snapshots": (
        "dim_snapshots",
        "snapshot_date, board_id, generated_at, method_version, receipt_sha256, signed_by",
        "snapshot_date desc, generated_at desc, receipt_sha256",
    ),
    "frontiers": (
        "fct_value_frontiers",
        "model_id, role_key, axis, amount, score, is_ranked, is_on_frontier, frontier_place",
        "role_key, axis, frontier_place nulls last, score desc, model_id",
    ),
    "score_history": (
        "fct_score_history",
        "board_key, label, board_id, generated_at, method_version, is_current, model_id, role_key,"
        " score, role_rank, change, data_points, selection_points, method_points, price_points,"
        " fill_points",
        "generated_at, board_key, role_key, score desc, model_id",
    ),
    "unmatched": (
        "audit_unmatched_labels",
        "source_key, label_field, label, vendor_hint, row_count, nearest_models",
        "source_key, label_field, label, vendor_hint",
    ),
    "excluded": (
        "fct_identity where exclusion_reason is not null",
        "source_key, label_field, label, exclusion_reason",
        "source_key, label_field, label, vendor_hint",
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
    abilities: list[Row]
    ability_pairs: list[Row]
    compared_pairs: list[Row]
    metric_health: list[Row]
    validity: list[Row]
    contributions: list[Row]
    role_shares: list[Row]
    published_figures: list[Row]
    group_contributions: list[Row]
    tables: list[Row]
    steps: list[Row]
    role_changes: list[Row]
    score_changes: list[Row]
    departures: list[Row]
    claims: list[Row]
    snapshots: list[Row]
    frontiers: list[Row]
    score_history: list[Row]
    unmatched: list[Row]
    excluded: list[Row]

    def standing(self, model_id: str) -> Row:
        """The row of one model on the scoreboard."""
        return self._standings[model_id]

    @cached_property
    def _standings(self) -> dict[str, Row]:
        return {row["model_id"]: row for row in self.scoreboard}


def read_marts(database: Path) -> Marts:
    """Read every mart of one board. Raises MartsError naming the file and the remedy."""
    found = read_tables(database, SHAPES)
    return Marts(board=_only_board(database, found.pop("board")), **found)


def board_of(database: Path) -> Row:
    """Read which board the warehouse holds. Raises MartsError."""
    return _only_board(database, read_tables(database, {"board": SHAPES["board"]})["board"])


def _only_board(database: Path, boards: list[Row]) -> Row:
    if len(boards) != 1:
        raise MartsError(f"{database}: marts.board has {len(boards)} rows instead of one.")
    return boards[0]


def read_tables(database: Path, shapes: Mapping[str, tuple[str, str, str]]) -> dict[str, list[Row]]:
    """Read marts as table, columns and order say. Raises MartsError."""
    if not database.exists():
        raise MartsError(f"{database}: there is no warehouse. Build one with `make`.")
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return {
                name: _rows(connection, f"select {columns} from {_named(table)} order by {order}")
                for name, (table, columns, order) in shapes.items()
            }
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise MartsError(
            f"{database}: a mart cannot be read ({reason}). Build the warehouse with `make`."
        ) from error


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(query)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _named(table: str) -> str:
    """A query in brackets stands for itself, else it is a mart."""
    return table if table.startswith("(") else f"marts.{table}"
