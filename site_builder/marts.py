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
# Runs with a page, real ones first: a team may have ten thousand, with a hundred results each.
SHOWN_RUNS = 500
# Rows of a ledger on its page; all of them are in the downloads.
SHOWN_ROWS = 300
# Cells on their page, those that were run last.
SHOWN_CELLS = 300
NEWEST_RUNS = (
    "(select submission_no from marts.fct_runs"
    f" order by is_sample, received_at desc, abs(submission_no) desc limit {SHOWN_RUNS})"
)
NEWEST_CELLS = (
    "(select cell_id from marts.fct_cells where is_latest"
    f" order by is_sample, last_started_at desc nulls last, cell_id limit {SHOWN_CELLS})"
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
        "(select table_name, estimated_size as row_count from duckdb_tables()"
        " where schema_name = 'marts')",
        "table_name, row_count",
        "table_name",
    ),
    "run_configurations": (
        "run_scoreboard",
        "is_sample, nickname, model_key, config, pack_sha256, pack, model, model_id, score, tier,"
        " run_rank, best_score, lowest_score, spread, provisional_score, run_count, ranked_runs,"
        " partial_runs, provisional_runs, withdrawn_runs, is_lab, median_cost_usd,"
        " median_latency_s, last_received_at",
        "is_sample, pack nulls last, pack_sha256, run_rank nulls last, last_received_at desc,"
        " nickname, model_key, config",
    ),
    "run_tiers": (
        "dim_run_tiers",
        "tier, position, lower_bound, upper_bound, rationale",
        "position",
    ),
    "run_medians": (
        "fct_run_medians",
        "is_sample, nickname, model_key, config, pack_sha256, category, title, score",
        "is_sample, nickname, model_key, config, pack_sha256, position, category",
    ),
    "run_deltas": (
        "fct_run_deltas",
        "is_sample, nickname, model_key, config, pack_sha256, category, state, tagged_runs,"
        " base_runs, paired_tasks, delta, delta_low, delta_high, is_sure",
        "is_sample, nickname, model_key, config, pack_sha256, position, category",
    ),
    "runs": (
        f"fct_runs where submission_no in {NEWEST_RUNS}",
        "submission_no, run_sha256, is_sample, nickname, model, model_id, model_key, config, pack,"
        " pack_sha256, harness, harness_version, importer, is_complete, is_final, is_ranked,"
        " is_withdrawn, is_lab, claims_lab, score, tier, task_count, error_count, cost_usd,"
        " duration_s, input_tokens, output_tokens, load_profile, anchor_version, latency_p50_s,"
        " latency_p95_s, tokens_per_s, method_version, started_at, finished_at, received_at",
        "is_sample, received_at desc, abs(submission_no) desc",
    ),
    "run_counts": (
        # How much there is where a page shows the newest only.
        "(select"
        " (select count(*) from marts.fct_runs where not is_sample) as real_runs,"
        " (select count(*) from marts.fct_runs) as runs,"
        " (select count(*) from marts.fct_run_verdicts) as verdicts,"
        " (select count(*) from marts.fct_run_contradictions) as contradictions,"
        " (select count(*) from marts.fct_run_adjudications) as adjudications,"
        " (select count(*) from marts.fct_cells where is_latest) as cells)",
        "real_runs, runs, verdicts, contradictions, adjudications, cells",
        "runs",
    ),
    "run_categories": (
        f"fct_run_categories where submission_no in {NEWEST_RUNS}",
        "submission_no, category, title, state, task_count, graded_count, final_count, error_count,"
        " left_out_count, score, points, weight, earned, possible",
        "submission_no, position, category",
    ),
    "run_records": (
        f"fct_run_records where submission_no in {NEWEST_RUNS}",
        "submission_no, task, run_no, category, difficulty, grading, evidence, passed, score,"
        " earned, possible, is_error, integrity, prompt_sha256, output_sha256, transcript_sha256,"
        " grader_sha256, grade_sha256, duration_s, cost_usd",
        "submission_no, task, run_no",
    ),
    "run_events": (
        f"fct_run_events where submission_no in {NEWEST_RUNS}",
        "submission_no, task, run_no, kind, state, grader, grader_version, actor, reason, passed,"
        " score, is_self_judged, decided_at",
        "submission_no, task, run_no, strength, kind, event_no",
    ),
    "run_verdicts": (
        f"fct_run_verdicts where submission_no in {NEWEST_RUNS} or submission_no in"
        " (select submission_no from marts.fct_run_verdicts"
        f" order by is_sample, received_at desc, abs(submission_no) desc limit {SHOWN_ROWS})",
        "submission_no, is_sample, run_sha256, route, origin, importer, nickname, model, config,"
        " verdict, schema_verdict, duplicate_verdict, duplicate_of, pack_verdict,"
        " signature_verdict, signed_by, limit_verdict, limit_layer, layers_fired, attempt_limit,"
        " window_s, retry_after_s, judge_state, problem, is_accepted, received_at",
        "is_sample, received_at desc, abs(submission_no) desc",
    ),
    "run_contradictions": (
        f"fct_run_contradictions where submission_no in {NEWEST_RUNS}",
        "submission_no, task, run_no, contradiction, is_sample, run_sha256, nickname, model,"
        " config, detail",
        "is_sample, submission_no desc, contradiction, task, run_no",
    ),
    "run_adjudications": (
        f"(select * from marts.fct_run_adjudications order by decided_on desc, run_sha256, action,"
        f" task, run_no limit {SHOWN_ROWS})",
        "run_sha256, action, task, run_no, decided_on, is_sample, nickname, model, config, passed,"
        " score, decided_by, reason, evidence",
        "decided_on desc, run_sha256, action, task, run_no",
    ),
    "run_exploits": (
        "dim_run_exploits",
        "exploit_id, task, trigger_text, grader_call, found_on, found_by, patched_on, patched_in,"
        " evidence",
        "found_on desc, exploit_id",
    ),
    "run_cells": (
        f"fct_cells where cell_id in {NEWEST_CELLS}",
        "cell_version_id, is_sample, cell_id, tui, behavior_mode, model, task, plugin_stack,"
        " pin_strength, is_latest, run_count, final_runs, pass_share, error_runs,"
        " broken_integrity_runs, median_cost_usd, median_duration_s, reproduce_command,"
        " reproduce_gaps, last_started_at",
        "is_sample, tui, behavior_mode, model, plugin_stack, task, last_started_at desc,"
        " cell_version_id",
    ),
    "run_cell_fields": (
        "fct_cell_fields where cell_version_id in (select cell_version_id from marts.fct_cells"
        f" where is_latest and cell_id in {NEWEST_CELLS})",
        "cell_version_id, is_sample, field, is_identity, value, gap",
        "is_sample, cell_version_id, position",
    ),
    "run_cell_coverage": (
        "fct_cell_coverage",
        "is_sample, scope, tui, behavior_mode, model, plugin_stack, cells_run, cells_possible,"
        " coverage, run_count",
        "is_sample, scope, tui, behavior_mode, model, plugin_stack",
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
    run_configurations: list[Row]
    run_tiers: list[Row]
    run_medians: list[Row]
    run_deltas: list[Row]
    runs: list[Row]
    run_counts: list[Row]
    run_categories: list[Row]
    run_records: list[Row]
    run_events: list[Row]
    run_verdicts: list[Row]
    run_contradictions: list[Row]
    run_adjudications: list[Row]
    run_exploits: list[Row]
    run_cells: list[Row]
    run_cell_fields: list[Row]
    run_cell_coverage: list[Row]
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
