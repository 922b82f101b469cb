"""Writes the published marts of one board into a folder with its receipt, in one step."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from receipts.canonical import canonical, document, moment_of, sha256
from receipts.errors import InvalidReceipt, SnapshotError
from receipts.receipt import KEYS_FILE, RECEIPT, SUMS, parse_receipt, snapshot_folders
from receipts.shapes import PREDICATE_TYPE
from receipts.signing import (
    check_signing_key,
    parse_keys,
    read_signing_key,
    seal,
    trusted_keys,
)
from receipts.tables import Table, query_table
from receipts.verifying import hashes_of, sums_of, verify

# Every published mart and the columns that name a row; what is not here must be an audit.
MARTS = {
    "board": ("board_id",),
    "scoreboard": ("model_id",),
    "dim_models": ("model_id",),
    "dim_metrics": ("metric_key",),
    "dim_sources": ("source_key",),
    "dim_groups": ("group_key",),
    "dim_roles": ("role_key",),
    "dim_weights": ("level", "parent_key", "input_key"),
    "dim_parameters": ("parameter_key",),
    "dim_role_shares": ("role_key", "share_of", "share_key"),
    "fct_metric_scores": ("model_id", "metric_key"),
    "fct_group_scores": ("model_id", "group_key"),
    "fct_role_scores": ("model_id", "role_key"),
    "fct_value_frontiers": ("model_id", "role_key", "axis"),
    "fct_published_figures": ("source_key", "endpoint", "row_ordinal", "metric_key"),
    "fct_identity": ("source_key", "label_field", "label", "vendor_hint"),
    "fct_contributions": ("model_id", "role_key", "metric_key"),
    "fct_group_contributions": ("model_id", "role_key", "group_key"),
    "fct_rank_ranges": ("model_id", "role_key", "kind"),
    "fct_abilities": ("model_id",),
    "fct_ability_pairs": ("model_id", "other_model_id"),
    "fct_held_out": ("predictor", "metric_key"),
    "fct_metric_health": ("metric_key",),
    "fct_validity": ("check_key", "subject"),
    "fct_role_changes": ("model_id", "role_key"),
    "fct_score_changes": ("model_id", "role_key", "metric_key", "cause"),
    "fct_departures": ("compared_with", "what", "model_id", "source_key", "metric_key"),
    "fct_provenance": ("claim_key",),
    "dim_snapshots": ("snapshot_date",),
    "run_scoreboard": ("is_sample", "nickname", "model_key", "config", "pack_sha256"),
    "fct_runs": ("submission_no",),
    "fct_run_categories": ("submission_no", "category"),
    "fct_run_medians": ("is_sample", "nickname", "model_key", "config", "pack_sha256", "category"),
    "fct_run_deltas": ("is_sample", "nickname", "model_key", "config", "pack_sha256", "category"),
    "fct_run_records": ("submission_no", "task", "run_no"),
    "fct_run_events": ("submission_no", "task", "run_no", "kind", "event_no"),
    "fct_run_verdicts": ("submission_no",),
    "fct_run_contradictions": ("submission_no", "task", "run_no", "contradiction"),
    "fct_run_adjudications": ("run_sha256", "action", "task", "run_no", "decided_on"),
    "fct_cells": ("cell_version_id", "is_sample"),
    "fct_cell_fields": ("cell_version_id", "is_sample", "field"),
    "fct_cell_coverage": (
        "is_sample",
        "scope",
        "tui",
        "behavior_mode",
        "model",
        "plugin_stack",
    ),
    "dim_run_tiers": ("tier",),
    "dim_run_tasks": ("pack_sha256", "task"),
    "dim_run_exploits": ("exploit_id",),
}
# A snapshot has its own scores; with those of all before it, each would be larger than the last.
UNPUBLISHED = ("audit_", "fct_score_history")
# One thread lays the rows of a Parquet file out alike on every machine.
THREADS = 1


@dataclass(frozen=True, kw_only=True)
class Written:
    """A snapshot that is there now; `key_id` is who signed it, `was_new` whether this call did."""

    folder: Path
    board_id: str
    mart_count: int
    row_count: int
    key_id: str | None
    was_new: bool


def write_snapshot(
    database: Path,
    snapshots: Path,
    *,
    keys: Path,
    generator: str,
    signing_key: Path | None = None,
    code_commit: str | None = None,
    seeds_sha256: str | None = None,
    method_sha256: str | None = None,
) -> Written:
    """Write the board of a database into the folder of its day, or find that it is there.

    `keys` lists the public keys that readers may trust and may be absent. A hash of seeds or
    method that is not given is the one that marts.board has, if it has one. Raises SnapshotError,
    SigningError, InvalidReceipt (a list of keys, or a mart, that cannot be used) and OSError; then
    nothing was written.
    """
    listed = parse_keys(keys.read_bytes() if keys.exists() else b"", name=str(keys))
    trusted = trusted_keys(listed, name=str(keys))
    key = read_signing_key(signing_key) if signing_key is not None else None
    with _opened(database) as connection:
        tables = _read_marts(connection, database)
        board = _objects(tables["board"])[0]
        moment = moment_of(board["generated_at"], name=f"{database}: marts.board")
        key_id = check_signing_key(key, trusted, moment=moment, path=keys) if key else None
        target = snapshots / moment.date().isoformat()
        if target.exists():
            return _unchanged(target, tables, board["board_id"])
        earlier = [folder for folder in snapshot_folders(snapshots) if folder.name < target.name]
        predicate = {
            "methodology_version": board["method_version"],
            "snapshot_date": target.name,
            "board_id": board["board_id"],
            "generated_at": board["generated_at"],
            "generator": generator,
            "marts": [table.summary for table in tables.values()],
            "inputs": inputs_of(_objects(tables["dim_sources"])),
            "seeds_sha256": seeds_sha256 or board.get("seeds_sha256"),
            "method_sha256": method_sha256 or board.get("method_sha256"),
            "code_commit": code_commit,
            "prev_snapshot_date": earlier[-1].name if earlier else None,
            "prev_receipt_sha256": sha256((earlier[-1] / RECEIPT).read_bytes())
            if earlier
            else None,
        }
        staged = snapshots / f".{target.name}.staged"
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        try:
            (staged / KEYS_FILE).write_bytes(document(listed))
            for table in tables.values():
                _write_mart(connection, staged, table)
            _seal_folder(staged, predicate, key)
            # Whoever gets the folder checks it so; what would not pass is never published.
            if faults := verify(staged).faults:
                raise SnapshotError(f"{database}: its snapshot would not verify: {faults[0]}")
            staged.rename(target)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return _written(target, tables, board["board_id"], key_id, was_new=True)


def inputs_of(sources: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The payloads behind a board: the sources that gave one, with its address, hash and moment."""
    return [
        {
            "source": source["source_key"],
            "url": source["url"],
            "sha256": source["payload_sha256"],
            "fetched_at": source["fetched_at"],
            "status": source["status"],
        }
        for source in sources
        if source["payload_sha256"] is not None
    ]


def _opened(database: Path) -> duckdb.DuckDBPyConnection:
    if not database.exists():
        raise SnapshotError(f"{database}: there is no warehouse. Build one with `make`.")
    try:
        connection = duckdb.connect(str(database), read_only=True)
        connection.execute(f"set threads = {THREADS}")
        return connection
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SnapshotError(
            f"{database}: cannot be opened ({reason}). Close what writes to it and run again."
        ) from error


def _read_marts(connection: duckdb.DuckDBPyConnection, database: Path) -> dict[str, Table]:
    """Every published mart, checked. Raises SnapshotError and InvalidReceipt."""
    rows = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    names = {name for (name,) in rows}
    if missing := sorted(MARTS.keys() - names):
        raise SnapshotError(
            f"{database}: lacks marts.{missing[0]}. Build the warehouse with `make`."
        )
    for name in sorted(names - MARTS.keys()):
        if not name.startswith(UNPUBLISHED):
            raise SnapshotError(
                f"{database}: marts.{name} is in no snapshot yet. Add it with its key to MARTS in "
                "receipts/snapshot.py."
            )
    tables = {}
    for mart, key in sorted(MARTS.items()):
        name = f"{database}: marts.{mart}"
        try:
            table = query_table(connection, _query(mart, key), mart=mart, key=key, name=name)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SnapshotError(f"{name}: cannot be read by its key ({reason}).") from error
        table.check_order()
        tables[mart] = table
    if len(tables["board"].rows) != 1:
        raise SnapshotError(f"{database}: marts.board is not one row. Build it with `make`.")
    return tables


def _query(mart: str, key: Sequence[str]) -> str:
    order = ", ".join(f'"{column}" asc nulls first' for column in key)
    return f'select * from marts."{mart}" order by {order}'


def _write_mart(connection: duckdb.DuckDBPyConnection, folder: Path, table: Table) -> None:
    mart = table.shape.mart
    (folder / f"{mart}.json").write_bytes(table.as_json())
    (folder / f"{mart}.csv").write_bytes(table.as_csv())
    connection.execute(
        f"copy ({_query(mart, table.shape.key)}) to ? (format parquet, compression zstd)",
        [str(folder / f"{mart}.parquet")],
    )


def _seal_folder(folder: Path, predicate: dict[str, Any], key: Ed25519PrivateKey | None) -> None:
    """Write the receipt over every file that is there, and the sums over all and the receipt."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": path.name, "digest": {"sha256": sha256(path.read_bytes())}}
            for path in sorted(folder.iterdir())
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    (folder / RECEIPT).write_bytes(document(seal(canonical(statement), key)))
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / SUMS).write_bytes(sums_of(hashes_of(files)))


def _unchanged(target: Path, tables: dict[str, Table], board_id: str) -> Written:
    """The snapshot that has the place, if it is of this board. Raises SnapshotError."""
    remedy = "A snapshot is never overwritten; move that folder away to write this board."
    try:
        receipt = parse_receipt((target / RECEIPT).read_bytes())
    except (OSError, InvalidReceipt) as error:
        raise SnapshotError(f"{target}: is there and is no whole snapshot. {remedy}") from error
    found = receipt.predicate
    if found["board_id"] != board_id:
        raise SnapshotError(
            f"{target}: holds board {found['board_id']}, and this is {board_id}. {remedy}"
        )
    if found["marts"] != [table.summary for table in tables.values()]:
        raise SnapshotError(f"{target}: holds other rows of board {board_id}. {remedy}")
    key_id = receipt.signature.key_id if receipt.signature else None
    return _written(target, tables, board_id, key_id, was_new=False)


def _written(
    target: Path, tables: dict[str, Table], board_id: str, key_id: str | None, *, was_new: bool
) -> Written:
    return Written(
        folder=target,
        board_id=board_id,
        mart_count=len(tables),
        row_count=sum(len(table.rows) for table in tables.values()),
        key_id=key_id,
        was_new=was_new,
    )


def _objects(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.shape.names, row, strict=True)) for row in table.rows]
