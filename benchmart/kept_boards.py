"""Reads a board that was kept - a snapshot, or a scoreboard.toml - into a database of its marts."""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmart.coefficients import Coefficients, Weight, read_coefficients
from benchmart.errors import CoefficientsError, HistoryError
from benchmart.history import Kept, forget_boards, keep_database, quoted
from benchmart.published import Board

# Decimals of the scores in scoreboard.toml, and the most that a file of a board may weigh.
SCORE_DECIMALS = 6
MOST_BYTES = 64 * 1024 * 1024
ROLES = {"i_raw": "I_raw", "p_raw": "P_raw", "b_raw": "B_raw", "r": "R"}
SCHEMAS = {
    "board": "board_id varchar, generated_at timestamp, method_version varchar",
    "dim_sources": (
        "source_key varchar, status varchar, payload_sha256 varchar, fetched_at timestamp"
    ),
    "fct_metric_scores": (
        "model_id varchar, metric_key varchar, raw_value double, evidence_class varchar,"
        " pull double, source_key varchar, label varchar, effort varchar, agent varchar,"
        " donor_model_id varchar, citation varchar"
    ),
    "fct_contributions": (
        "model_id varchar, role_key varchar, metric_key varchar, score double, points double"
    ),
    "fct_role_scores": "model_id varchar, role_key varchar, score double, role_rank integer",
    "fct_role_changes": (
        "model_id varchar, role_key varchar, score_after double, change double, data_points double,"
        " selection_points double, method_points double, price_points double, fill_points double"
    ),
    "dim_weights": "level varchar, parent_key varchar, input_key varchar, weight double",
    "dim_parameters": "parameter_key varchar, parameter_value varchar",
}
Rows = Sequence[tuple[object, ...]]


def is_snapshot(path: Path) -> bool:
    """Whether the path is the folder of a snapshot."""
    return path.is_dir() and (path / "receipt.json").is_file()


def is_compared(board: Board, path: Path) -> bool:
    """Whether the board was compared with this file, or is the one that the file holds."""
    return _requested(path) == board.compared_with or board_id_of(path) == board.board_id


def snapshot_mark(snapshots: Path) -> dict[str, str]:
    """What of the snapshots decides about a board: the newest one."""
    folders = _snapshots(snapshots)
    return {"snapshots": f"{folders[-1].name} {key_of(folders[-1])}"} if folders else {}


def land_snapshots(connection: duckdb.DuckDBPyConnection, snapshots: Path, workplace: Path) -> None:
    """Land every snapshot that the warehouse does not know yet, when its receipt holds.

    Raises HistoryError for one that does not.
    """
    known = {
        key for (key,) in connection.execute("select board_key from history.boards").fetchall()
    }
    new = [folder for folder in _snapshots(snapshots) if key_of(folder) not in known]
    if not new:
        return
    # Cryptography is loaded when there is a receipt to look at, which is seldom.
    from receipts.proofs import read_receipt
    from receipts.verifying import verify

    for folder in new:
        if faults := verify(folder).faults:
            raise HistoryError(
                f"{folder}: its receipt does not hold ({faults[0]}). "
                "Restore the folder, or move it away."
            )
        receipt = read_receipt(folder)
        if (day := receipt.predicate["snapshot_date"]) != folder.name:
            raise HistoryError(
                f"{folder}: is the snapshot of {day}. Name the folder so, or move it away."
            )
        signature = receipt.signature
        file = workplace / "snapshot.duckdb"
        kept = read_board(folder, file)
        kept = replace(
            kept,
            board_key=key_of(folder),
            kind="snapshot",
            label=folder.name,
            receipt_sha256=key_of(folder),
            signed_by=signature.key_id if signature else None,
        )
        # A day has one snapshot: whoever made another by hand means that one.
        forget_boards(connection, "kind = 'snapshot' and label = ?", folder.name)
        keep_database(connection, kept, file)
        file.unlink()


def _requested(path: Path) -> str:
    """The key of a board that one build is compared with; a snapshot may be known already."""
    return f"requested {key_of(path)}"


def _snapshots(folder: Path) -> list[Path]:
    """The folders of snapshots, oldest first."""
    return sorted(path.parent for path in folder.glob("????-??-??/receipt.json"))


def key_of(path: Path) -> str:
    """What the file of a board, or the receipt of a snapshot, is known by."""
    return hashlib.sha256(_bytes(path / "receipt.json" if path.is_dir() else path)).hexdigest()


def board_id_of(path: Path) -> str | None:
    """The id of the board in a scoreboard.toml; None where none can be told cheaply."""
    if path.is_dir():
        return None
    found = _document(path).get("board_id")
    return found if isinstance(found, str) else None


def read_board(path: Path, database: Path) -> Kept:
    """Write the board of a snapshot or of a scoreboard.toml into a new database.

    Raises HistoryError naming the file and what is wrong with it.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    database.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        return (_snapshot if path.is_dir() else _scoreboard)(path, connection)


def settle(database: Path, kept: Path, decimals: int | None) -> None:
    """Let a kept board's own scores and ranks be what a comparison ends with.

    What the method of today makes of its figures beside them is the method's part, one figure a
    role; scores of a file are known to so many decimals.
    """
    differs = "abs(known.score - changes.score_after) > 1e-9"
    if decimals is not None:
        differs = f"known.score <> round(changes.score_after, {decimals:d})"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{quoted(kept)}' as kept (read_only)")
        connection.execute(
            "insert into marts.fct_score_changes by name"
            " select changes.model_id, changes.role_key, 'method' as cause,"
            " known.score - changes.score_after as points, 'method_changed' as what_happened"
            " from marts.fct_role_changes as changes"
            " inner join kept.marts.fct_role_scores as known using (model_id, role_key)"
            f" where changes.change is not null and {differs}"
        )
        connection.execute(
            "update marts.fct_role_changes as changes set"
            f" method_points = method_points + if({differs}, known.score - score_after, 0),"
            f" change = change + if({differs}, known.score - score_after, 0),"
            f" score_after = if({differs}, known.score, score_after),"
            " rank_after = known.role_rank"
            " from kept.marts.fct_role_scores as known"
            " where changes.model_id = known.model_id and changes.role_key = known.role_key"
        )
        connection.execute("detach kept")


def coefficients_of(database: Path) -> Coefficients:
    """The coefficients of a board that was read; none where its file came without them."""
    with duckdb.connect(str(database), read_only=True) as connection:
        weights = connection.execute("from marts.dim_weights").fetchall()
        parameters = connection.execute("from marts.dim_parameters").fetchall()
    return Coefficients(
        tuple(Weight(*row) for row in weights), tuple(parameters), "the board that was kept"
    )


def _snapshot(path: Path, connection: duckdb.DuckDBPyConnection) -> Kept:
    for mart, columns in SCHEMAS.items():
        names = ", ".join(column.split()[0] for column in columns.split(", "))
        file = quoted(path / f"{mart}.parquet")
        try:
            connection.execute(f"create table marts.{mart} ({columns})")
            connection.execute(f"insert into marts.{mart} select {names} from '{file}'")
        except duckdb.Error as error:
            raise HistoryError(
                f"{path / mart}.parquet: cannot be read ({str(error).splitlines()[0]}). "
                "Look at the snapshot with `benchmart verify-receipt`."
            ) from error
    return Kept(board_key=_requested(path), kind="requested", label=f"snapshot {path.name}")


def _scoreboard(path: Path, connection: duckdb.DuckDBPyConnection) -> Kept:
    document = _document(path)
    coefficients = path.with_name("coefficients.toml")
    try:
        generated_at = _moment(document["generated_at"])
        _once(str(model["canonical_id"]) for model in document["models"])
        tables: dict[str, Rows] = {
            "board": [
                (str(document["board_id"]), generated_at, str(document["method_version"])),
            ],
            "dim_sources": [
                (key, str(row["status"]), row["payload_sha256"], _moment(row["fetched_at"]))
                for key, row in document["sources"].items()
                if "payload_sha256" in row
            ],
            "fct_metric_scores": [
                _figure(str(model["canonical_id"]), metric, row)
                for model in document["models"]
                for metric, row in model["figures"].items()
            ],
            "fct_contributions": [],
            "fct_role_scores": [
                (
                    str(model["canonical_id"]),
                    role,
                    _number(model["scores"][name], low=0, high=100),
                    model["ranks"].get(name),
                )
                for model in document["models"]
                for name, role in ROLES.items()
            ],
        }
        if coefficients.exists():
            tables |= _coefficients(coefficients)
        for mart, columns in SCHEMAS.items():
            connection.execute(f"create table marts.{mart} ({columns})")
            if rows := tables.get(mart):
                places = ", ".join("?" * len(rows[0]))
                connection.executemany(f"insert into marts.{mart} values ({places})", rows)
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
        duckdb.Error,
    ) as error:
        raise HistoryError(
            f"{path}: is no scoreboard.toml of schema 1.4 or later ({error}). "
            "Write it anew with a benchmart of today, or name a snapshot."
        ) from error
    return Kept(
        board_key=_requested(path),
        kind="requested",
        label=f"{path.name} of {generated_at:%Y-%m-%d}",
        score_decimals=SCORE_DECIMALS,
    )


def _figure(model_id: str, metric_key: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    said = ("source", "label", "effort", "agent", "donor", "citation")
    value, pull = _number(row["value"]), _number(row["pull"], low=0, high=1)
    texts = [str(row[name]) if name in row else None for name in said]
    return (model_id, metric_key, value, str(row["evidence_class"]), pull, *texts)


def _number(value: object, *, low: float = -1e15, high: float = 1e15) -> float:
    """A number in its range; NaN is in none. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{str(value)[:40]} is no number from {low:g} to {high:g}")
    return float(value)


def _once(names: Iterable[str]) -> None:
    """Refuse a name that stands twice. Raises ValueError."""
    if doubled := [name for name, count in Counter(names).items() if count > 1]:
        raise ValueError(f"{doubled[0]} stands twice")


def _coefficients(path: Path) -> dict[str, Rows]:
    try:
        found = read_coefficients(path)
    except CoefficientsError as error:
        raise HistoryError(str(error)) from error
    return {
        "dim_weights": [
            (row.level, row.parent_key, row.input_key, row.weight) for row in found.weights
        ],
        "dim_parameters": list(found.parameters),
    }


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_bytes(path).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise HistoryError(
            f"{path}: is no TOML ({error}). Name a scoreboard.toml or the folder of a snapshot."
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise HistoryError(f"{path}: is larger than 64 MiB, which no board is. Name another.")
        return path.read_bytes()
    except OSError as error:
        raise HistoryError(
            f"{path}: cannot be read ({error.strerror}). "
            "Name a scoreboard.toml or the folder of a snapshot."
        ) from error


def _moment(text: object) -> datetime:
    moment = datetime.fromisoformat(str(text))
    return moment.astimezone(UTC).replace(tzinfo=None)
