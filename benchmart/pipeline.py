"""The main job: stage a copy, land, build, render, and publish only what is wholly green."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmart import __version__
from benchmart.aliases import Alias, read_aliases
from benchmart.coefficients import Coefficients, read_coefficients
from benchmart.errors import BusyError, OptionError
from benchmart.fingerprint import fingerprint
from benchmart.publishing import only_run, publish_database, publish_outputs
from benchmart.seeds import check_seeds

PROJECT = Path(__file__).resolve().parents[1]
PUBLISHED = PROJECT / "warehouse" / "benchmart.duckdb"
BUILD = PROJECT / "build"

REQUEST_TABLES = """
create schema if not exists request;
create table if not exists request.board (
    generated_at timestamp, fingerprint varchar, as_of timestamp
);
create table if not exists request.weights (
    level varchar, parent_key varchar, input_key varchar, weight double, origin varchar
);
create table if not exists request.parameters (
    parameter_key varchar, parameter_value varchar, origin varchar
);
create table if not exists request.aliases (
    model_id varchar, alias varchar, source_key varchar, rationale varchar, origin varchar
);
delete from request.board;
delete from request.weights;
delete from request.parameters;
delete from request.aliases;
"""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one run was asked for."""

    out: Path
    recordings: Path
    coefficients: Path | None = None
    aliases: Path | None = None
    now: datetime | None = None
    offline: bool = False
    threads: int = 2


@dataclass(frozen=True)
class Outcome:
    """The board that is published after a run, and whether the run made it."""

    board_id: str
    database: Path
    was_new: bool


def score_board(request: Request, *, console: Console, with_site: bool) -> Outcome:
    """Build and publish a board from the recordings; an unchanged one costs no build.

    Any fault stops the run before the first rename: what was published stays as it was.
    """
    from loaders.recordings import payload_hashes

    _refuse_foreign_folder()
    coefficients = Coefficients()
    if request.coefficients is not None:
        coefficients = read_coefficients(request.coefficients)
    aliases = read_aliases(request.aliases) if request.aliases is not None else []
    with only_run(BUILD / "lock"):
        mark = fingerprint(
            PROJECT,
            payload_hashes(request.recordings),
            coefficients=request.coefficients,
            aliases=request.aliases,
        )
        published = _published_board()
        if published is not None and published.answers(mark, request.now):
            if not _is_whole(request.out, published.board_id, with_site=with_site):
                _publish_render(request.out, with_site=with_site, console=console)
                return Outcome(published.board_id, PUBLISHED, was_new=True)
            return Outcome(published.board_id, PUBLISHED, was_new=False)

        check_seeds(PROJECT / "seeds")
        now = request.now or datetime.now(UTC).replace(microsecond=0)
        database = _stage_database()
        with duckdb.connect(str(database)) as connection:
            _land(connection, request, console)
            _write_request(connection, request, coefficients, aliases, mark, now)
        _build(database, request, console)
        staged = _fresh_folder(request.out / ".staged")
        board_id = _render(database, staged, with_site=with_site, console=console)
        _empty_request(database)
        publish_database(database, PUBLISHED)
        publish_outputs(staged, request.out)
        shutil.rmtree(staged)
        return Outcome(board_id, PUBLISHED, was_new=True)


def render_board(request: Request) -> str:
    """Render the published warehouse into `out`; returns its board id."""
    if not PUBLISHED.exists():
        raise OptionError(f"{PUBLISHED}: there is no warehouse yet. Run `benchmart all --offline`.")
    with only_run(BUILD / "lock"):
        return _publish_render(request.out, with_site=True, console=Console(quiet=True))


def triage_report(*, min_count: int) -> str:
    """Return names without a model and gaps of the published board, as TOML."""
    from site_builder.triage_toml import triage_toml

    return triage_toml(PUBLISHED, generator=f"benchmart {__version__}", min_count=min_count)


def list_models() -> Iterator[tuple[str, str]]:
    """Yield vendor and canonical id of every registry model, in the order of the seed."""
    with (PROJECT / "seeds" / "identity" / "models.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["vendor"], row["model_id"]


@dataclass(frozen=True)
class _Board:
    board_id: str
    fingerprint: str
    generated_at: datetime

    def answers(self, mark: str, now: datetime | None) -> bool:
        """Whether this is the board that the inputs, and the moment if one is given, make."""
        return self.fingerprint == mark and now in (None, self.generated_at.replace(tzinfo=UTC))


def _published_board() -> _Board | None:
    if not PUBLISHED.exists():
        return None
    try:
        with duckdb.connect(str(PUBLISHED), read_only=True) as connection:
            row = connection.execute(
                "select board_id, fingerprint, generated_at from marts.board"
            ).fetchone()
    except duckdb.CatalogException:
        return None
    except duckdb.IOException as error:
        raise BusyError(
            f"{PUBLISHED}: another program holds the file for writing, or it is damaged. "
            f"Close the program, or move the file away and run again. ({error})"
        ) from error
    return _Board(*row) if row else None


def _is_whole(out: Path, board_id: str, *, with_site: bool) -> bool:
    """Whether every output of the board lies in `out` as it was rendered."""
    try:
        manifest = json.loads((out / "board.json").read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        return (
            manifest["board_id"] == board_id
            and (not with_site or "site/index.html" in files)
            and all(
                hashlib.sha256((out / name).read_bytes()).hexdigest() == sha256
                for name, sha256 in files.items()
            )
        )
    except (OSError, ValueError, KeyError, TypeError):
        # Not readable means not whole; rendering again is the repair.
        return False


def _publish_render(out: Path, *, with_site: bool, console: Console) -> str:
    staged = _fresh_folder(out / ".staged")
    board_id = _render(PUBLISHED, staged, with_site=with_site, console=console)
    publish_outputs(staged, out)
    shutil.rmtree(staged)
    return board_id


def _stage_database() -> Path:
    """Copy the published file, so that history goes on and no reader sees a build."""
    staging = _fresh_folder(BUILD / "next")
    database = staging / PUBLISHED.name
    if PUBLISHED.exists():
        shutil.copyfile(PUBLISHED, database)
    return database


def _land(connection: duckdb.DuckDBPyConnection, request: Request, console: Console) -> None:
    from loaders.landing import land_recordings

    for report in land_recordings(connection, request.recordings):
        console.print(f"landed {report.source_key:24}{report.row_count:>6} rows")
        for board in report.absent:
            console.print(f"warning: {report.source_key} has no board {board!r} this time")


def _write_request(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    coefficients: Coefficients,
    aliases: Sequence[Alias],
    mark: str,
    now: datetime,
) -> None:
    """Say in the schema request what this run asks for beside the seeds."""
    rows: dict[str, list[tuple[object, ...]]] = {
        "board": [(now.replace(tzinfo=None), mark, None)],
        "weights": [(*astuple(weight), coefficients.origin) for weight in coefficients.weights],
        "parameters": [(*given, coefficients.origin) for given in coefficients.parameters],
        "aliases": [(*astuple(alias), str(request.aliases)) for alias in aliases],
    }
    connection.execute(REQUEST_TABLES)
    for table, given in rows.items():
        if given:
            places = ", ".join("?" * len(given[0]))
            connection.executemany(f"insert into request.{table} values ({places})", given)


def _build(database: Path, request: Request, console: Console) -> None:
    from benchmart import warehouse

    bar = Progress(
        TextColumn("building"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("reading the project", total=None)

        def report(progress: warehouse.Progress) -> None:
            bar.update(
                task,
                completed=progress.done,
                total=progress.total,
                description=progress.node[:50],
            )

        warehouse.build(
            PROJECT,
            database,
            target_path=BUILD / "dbt",
            threads=request.threads,
            report=report,
        )
    console.print("built and tested the warehouse")


def _render(database: Path, staged: Path, *, with_site: bool, console: Console) -> str:
    from site_builder.render import render

    result = render(database, staged, generator=f"benchmart {__version__}", with_site=with_site)
    console.print(f"rendered {len(result.files)} files")
    return result.board_id


def _empty_request(database: Path) -> None:
    """What a request changed ends with it: plain dbt builds start from the seeds alone."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(REQUEST_TABLES)
        connection.execute("checkpoint")


def _fresh_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _refuse_foreign_folder() -> None:
    if not (PROJECT / "dbt_project.yml").exists():
        raise OptionError(
            f"{PROJECT}: is no checkout of benchmart. Install it with `make` from a clone."
        )
