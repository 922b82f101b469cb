"""What the warehouse remembers: boards to compare with, and the method of every published board."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmart.errors import HistoryError
from loaders.runs.ledger import open_runs_schema

TABLES = """
create schema if not exists history;
create table if not exists history.boards (
    board_key varchar, kind varchar, label varchar, board_id varchar, generated_at timestamp,
    method_version varchar, receipt_sha256 varchar, signed_by varchar, score_decimals integer
);
create table if not exists history.sources (
    board_key varchar, source_key varchar, status varchar, payload_sha256 varchar,
    fetched_at timestamp
);
create table if not exists history.cells (
    board_key varchar, model_id varchar, metric_key varchar, raw_value double,
    evidence_class varchar, pull double, source_key varchar, label varchar, effort varchar,
    agent varchar, donor_model_id varchar, citation varchar
);
create table if not exists history.contributions (
    board_key varchar, model_id varchar, role_key varchar, metric_key varchar, points double
);
create table if not exists history.role_scores (
    board_key varchar, model_id varchar, role_key varchar, score double, role_rank integer
);
create table if not exists history.role_changes (
    board_key varchar, model_id varchar, role_key varchar, change double, data_points double,
    selection_points double, method_points double, price_points double, fill_points double
);
create table if not exists history.published (
    board_id varchar, generated_at timestamp, method_version varchar, method_sha256 varchar,
    seeds_sha256 varchar, published_ordinal bigint
);
create table if not exists history.methods (
    method_sha256 varchar, name varchar, file_sha256 varchar
);
create table if not exists history.files (file_sha256 varchar, content blob);
"""
FIGURES = ("cells", "contributions")
BOARD = """
insert into history.boards
select ?, ?, ?, board_id, generated_at, method_version, ?, ?, ? from {board};
insert into history.sources
select ?, source_key, status, payload_sha256, fetched_at from {dim_sources}
where payload_sha256 is not null;
insert into history.cells
select
    ?, model_id, metric_key, raw_value, evidence_class, pull, source_key, label, effort, agent,
    donor_model_id, citation
from {fct_metric_scores} where raw_value is not null;
insert into history.contributions
select ?, model_id, role_key, metric_key, points from {fct_contributions} where score is not null;
insert into history.role_scores
select ?, model_id, role_key, score, role_rank from {fct_role_scores};
insert into history.role_changes
select
    ?, model_id, role_key, change, data_points, selection_points, method_points, price_points,
    fill_points
from {fct_role_changes} where score_after is not null;
"""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How a board is known that others are compared with; `label` is what a person calls it."""

    board_key: str
    kind: str
    label: str
    receipt_sha256: str | None = None
    signed_by: str | None = None
    score_decimals: int | None = None


def open_history(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the history, and those of own runs, where they are missing."""
    connection.execute(TABLES)
    open_runs_schema(connection)


def keep_board(
    connection: duckdb.DuckDBPyConnection, kept: Kept, relations: Mapping[str, str]
) -> None:
    """Land one board; `relations` says for each mart what to select from."""
    statements = BOARD.format(**relations).strip().rstrip(";").split(";")
    about = (kept.receipt_sha256, kept.signed_by, kept.score_decimals)
    connection.execute(statements[0], [kept.board_key, kept.kind, kept.label, *about])
    for statement in statements[1:]:
        connection.execute(statement, [kept.board_key])


def keep_database(connection: duckdb.DuckDBPyConnection, kept: Kept, database: Path) -> None:
    """Land the board that a database file holds."""
    connection.execute(f"attach '{quoted(database)}' as kept (read_only)")
    try:
        keep_board(connection, kept, _relations("kept.marts.{mart}"))
    finally:
        connection.execute("detach kept")


def forget_boards(connection: duckdb.DuckDBPyConnection, condition: str, *values: str) -> None:
    """Drop the boards of which an SQL condition holds."""
    for table in ("sources", *FIGURES, "role_scores", "role_changes", "boards"):
        connection.execute(
            f"delete from history.{table} where board_key in"
            f" (select board_key from history.boards where {condition})",
            values,
        )


def forget_requested(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was landed for one build alone; of snapshots, only the last keeps its figures."""
    open_history(connection)
    forget_boards(connection, "kind <> 'snapshot'")
    for table in FIGURES:
        connection.execute(
            f"delete from history.{table} where board_key <>"
            " (select arg_max(board_key, (generated_at, label)) from history.boards)"
        )


def keep_method(
    connection: duckdb.DuckDBPyConnection, method: str, files: Mapping[str, Path]
) -> None:
    """Keep the files of a method, each content once."""
    known = connection.execute(
        "select count(*) from history.methods where method_sha256 = ?", [method]
    ).fetchone()
    if known and known[0]:
        return
    held = {
        sha for (sha,) in connection.execute("select file_sha256 from history.files").fetchall()
    }
    for name, path in files.items():
        content = path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        connection.execute("insert into history.methods values (?, ?, ?)", [method, name, sha256])
        if sha256 not in held:
            held.add(sha256)
            connection.execute("insert into history.files values (?, ?)", [sha256, content])


def note_published(connection: duckdb.DuckDBPyConnection) -> None:
    """Say which method made the board that is about to be published."""
    connection.execute(
        "insert into history.published"
        " select board_id, generated_at, method_version, method_sha256, seeds_sha256,"
        " (select count(*) from history.published)"
        " from marts.board"
    )


def restore_method(database: Path, moment: datetime, folder: Path) -> Path:
    """Write the method of the last board published by a moment into `folder`, and return it.

    Raises HistoryError when none was.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        try:
            found = connection.execute(
                "select files.name, contents.content"
                " from history.methods as files"
                " inner join history.files as contents on files.file_sha256 = contents.file_sha256"
                " where files.method_sha256 = ("
                "   select arg_max(method_sha256, (generated_at, published_ordinal))"
                "   from history.published"
                "   where generated_at <= ?)",
                [moment.astimezone(UTC).replace(tzinfo=None)],
            ).fetchall()
        except duckdb.CatalogException:
            found = []
    if not found:
        raise HistoryError(
            f"--method then: no board was published by {moment:%Y-%m-%dT%H:%M:%SZ}, so no method of"
            " then is known. Leave the option away to use today's."
        )
    for name, content in found:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            raise HistoryError(f"{database}: history.methods names {name!r}, outside its folder.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def keep_marts(database: Path, target: Path) -> None:
    """Copy the marts of a board into a file of their own: its history stays where it is."""
    target.unlink(missing_ok=True)
    with duckdb.connect(str(target)) as connection:
        connection.execute(f"attach '{quoted(database)}' as built (read_only)")
        connection.execute("create schema marts")
        marts = connection.execute(
            "select table_name from duckdb_tables()"
            " where database_name = 'built' and schema_name = 'marts' order by table_name"
        ).fetchall()
        for (mart,) in marts:
            connection.execute(f"create table marts.{mart} as from built.marts.{mart}")
        connection.execute("detach built")
        connection.execute("checkpoint")


def quoted(path: Path) -> str:
    """A path as it stands between the quotes of an SQL text."""
    return str(path).replace("'", "''")


def _relations(pattern: str) -> dict[str, str]:
    marts = (
        "board",
        "dim_sources",
        "fct_metric_scores",
        "fct_contributions",
        "fct_role_scores",
        "fct_role_changes",
    )
    return {mart: pattern.format(mart=mart) for mart in marts}
