"""The main job: collect, stage a copy, land, build, render; publish what is wholly green."""

import csv
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console

from benchmart import __version__
from benchmart.aliases import Alias, read_aliases
from benchmart.changes import Changes, read_changes
from benchmart.coefficients import Coefficients, read_coefficients
from benchmart.collection import Sourcing, collect
from benchmart.commit import code_commit
from benchmart.errors import HistoryError, NothingToScore, OptionError
from benchmart.explaining import Comparison, Explanation, read_explanation
from benchmart.fingerprint import fingerprint, method_sha256, seeds_sha256, warehouse_files
from benchmart.history import (
    Kept,
    forget_requested,
    keep_database,
    keep_marts,
    keep_method,
    note_published,
    open_history,
    quoted,
    restore_method,
)
from benchmart.kept_boards import (
    coefficients_of,
    is_compared,
    land_snapshots,
    read_board,
    settle,
    snapshot_mark,
)
from benchmart.movement import Movement, movement
from benchmart.published import read_published, standings
from benchmart.publishing import only_run, publish_database, publish_outputs
from benchmart.seeds import check_seeds
from benchmart.sides import Side
from benchmart.terminal import bar
from loaders.landing import LandingReport, land
from loaders.network import Network
from loaders.payload import Fetched
from loaders.recordings import read_recording, recorded_sources
from loaders.registry import sources
from loaders.runs.ledger import Ledger
from loaders.runs.samples import Samples
from site_builder.errors import MartsError
from site_builder.marts import board_of

if TYPE_CHECKING:
    from receipts.snapshot import Written

PROJECT = Path(__file__).resolve().parents[1]
PUBLISHED = PROJECT / "warehouse" / "benchmart.duckdb"
SNAPSHOTS = PROJECT / "snapshots"
RUNS = PROJECT / "runs"
SAMPLES = PROJECT / "samples"
RECEIPT_KEYS = PROJECT / "keys" / "receipt_keys.json"
BUILD = PROJECT / "build"
BUILT_SCHEMAS = ("marts", "intermediate", "staging", "seeds")
# The board that the last run made or found to be right; absent while and after one that failed.
CONFIRMED = BUILD / "board"
PAST_MARTS = "board.duckdb"
SHOWN_PROBLEMS = 5
GENERATOR = f"benchmart {__version__}"

REQUEST_TABLES = """
create schema if not exists request;
drop table if exists request.board;
create table request.board (
    generated_at timestamp, fingerprint varchar, method_sha256 varchar, seeds_sha256 varchar,
    as_of timestamp, compared_with varchar
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
create table if not exists request.figures (
    model_id varchar, metric_key varchar, raw_value double, evidence_class varchar, pull double,
    source_key varchar, label varchar, effort varchar, agent varchar, donor_model_id varchar,
    citation varchar
);
create table if not exists request.payloads (source_key varchar, payload_sha256 varchar);
delete from request.weights;
delete from request.parameters;
delete from request.aliases;
delete from request.figures;
delete from request.payloads;
"""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one run was asked for; with `keeps_outcomes` those of the last fetch stand."""

    out: Path
    sourcing: Sourcing
    coefficients: Path | None = None
    aliases: Path | None = None
    now: datetime | None = None
    as_of: datetime | None = None
    with_method_of_then: bool = False
    prev: Path | None = None
    snapshots: Path = PROJECT / "snapshots"
    runs: Path = RUNS
    strict: bool = False
    keeps_outcomes: bool = False
    threads: int = 2
    network: Network = field(default_factory=Network)


@dataclass(frozen=True, kw_only=True)
class Method:
    """What makes a board of payloads: the warehouse files below `root`, and what options bring."""

    root: Path
    options: Mapping[str, Path]
    coefficients: Coefficients
    aliases: Sequence[Alias]

    @property
    def sha256(self) -> str:
        """Hash of the code, of the files below `root` and of those of the options."""
        return method_sha256(PROJECT, self.root, self.options)

    @property
    def files(self) -> dict[str, Path]:
        """Every file that is kept with a published board, by name."""
        given = {f"options/{name}": path for name, path in self.options.items()}
        return dict(warehouse_files(self.root)) | given


@dataclass(frozen=True)
class Outcome:
    """The board that is published after a run, and whether the run made it."""

    board_id: str
    database: Path
    was_new: bool
    collected: Sequence[Fetched]
    movement: Movement = field(default_factory=Movement)
    changes: Changes | None = None


def score_board(request: Request, *, console: Console, with_site: bool) -> Outcome:
    """Build and publish a board from what each source gives; an unchanged one costs no build.

    Any fault but that of a source stops the run before the first rename: what was published stays
    as it was.
    """
    _refuse_foreign_folder()
    method = _method_of_today(request)
    with only_run(BUILD / "lock"):
        CONFIRMED.unlink(missing_ok=True)
        published = read_published(PUBLISHED)
        collected = published.completed(_collect(request, console))
        if request.keeps_outcomes:
            collected = published.without_known(collected)
        marks = {**published.marks, **{found.source_key: found.mark for found in collected}}
        ledger, samples = Ledger(request.runs), Samples(SAMPLES)
        marks |= {"own runs": ledger.mark(), "samples": samples.mark()}
        mark = fingerprint(method.sha256, {**marks, **snapshot_mark(request.snapshots)})
        board = published.board
        if (
            board is not None
            and board.answers(mark, request.now)
            and (request.prev is None or is_compared(board, request.prev))
        ):
            is_whole = _is_rendered(request, with_site=with_site)
            if not is_whole:
                _publish_render(request, with_site=with_site, console=console)
            CONFIRMED.write_text(board.board_id, encoding="utf-8")
            return Outcome(board.board_id, PUBLISHED, not is_whole, collected)

        check_seeds(method.root / "seeds")
        now = request.now or _now()
        database = _stage_database()
        with duckdb.connect(str(database)) as connection:
            _land(connection, collected, now, request.sourcing, console)
            _land_runs(connection, ledger, samples)
            open_history(connection)
            keep_method(connection, method.sha256, method.files)
            land_snapshots(connection, request.snapshots, BUILD / "compared")
            key = None
            if request.prev is not None:
                kept = read_board(request.prev, BUILD / "compared" / "before.duckdb")
                keep_database(connection, kept, BUILD / "compared" / "before.duckdb")
                key = kept.board_key
            _write_request(connection, method, mark, generated_at=now, compared_with=key)
        _build(database, method.root, request, console)
        moved, changes = movement(PUBLISHED, database), read_changes(database)
        staged = _fresh_folder(request.out / ".staged")
        board_id = _render(database, staged, request, with_site=with_site, console=console)
        _close_request(database)
        publish_database(database, PUBLISHED)
        publish_outputs(staged, request.out)
        shutil.rmtree(staged)
        CONFIRMED.write_text(board_id, encoding="utf-8")
        return Outcome(board_id, PUBLISHED, True, collected, moved, changes)


def score_as_of(request: Request, moment: datetime, *, console: Console) -> Outcome:
    """Build the board of a past moment from what the published file holds, into `out`.

    Its marts are `board.duckdb` there; the published board stays as it is. The method is that
    of today, or of the last board published by then. Raises OptionError without a warehouse,
    HistoryError when no method of then is known, NothingToScore when nothing was fetched by then.
    """
    _refuse_foreign_folder()
    _refuse_missing_warehouse()
    if request.out.resolve() in {PROJECT / "out", PROJECT, PUBLISHED.parent}:
        raise OptionError(f"--out {request.out}: holds what is published. Name another folder.")
    if moment > (request.now or _now()):
        raise OptionError(
            f"--as-of: {moment:%Y-%m-%dT%H:%M:%SZ} is still to come. Name a past one."
        )
    with only_run(BUILD / "lock"):
        side = Side(text=f"{moment:%Y-%m-%dT%H:%M:%SZ}", as_of=moment)
        built = _build_side(side, request, console=console)
        staged = _fresh_folder(request.out / ".staged")
        try:
            board_id = _render(built, staged, request, with_site=True, console=console)
        except MartsError as error:
            if not request.with_method_of_then:
                raise
            raise HistoryError(
                "--method then: the method of then lacks a table that this version shows"
                f" ({error}) Leave the option away, or use the version of then."
            ) from error
        keep_marts(built, staged / PAST_MARTS)
        publish_outputs(staged, request.out)
        shutil.rmtree(staged)
        return Outcome(board_id, request.out / PAST_MARTS, True, ())


def diff_boards(request: Request, before: Side, after: Side, *, console: Console) -> Changes:
    """Build the second board beside the first, and read what moved from one to the other.

    Nothing is published. Raises what the building of a past board raises, and HistoryError for a
    file that is no board.
    """
    _refuse_foreign_folder()
    _refuse_missing_warehouse()
    with only_run(BUILD / "lock"):
        folder = _fresh_folder(BUILD / "compared")
        first, second = folder / "before.duckdb", folder / "after.duckdb"
        if before.kept is not None:
            kept = read_board(before.kept, first)
        else:
            built = _build_side(before, request, console=console, with_tests=False)
            keep_marts(built, first)
            kept = Kept(board_key="before", kind="requested", label=before.text)
        shown = read_board(after.kept, second) if after.kept is not None else None
        built = _build_side(
            after,
            request,
            console=console,
            with_tests=False,
            compared=(kept, first),
            figures=second,
        )
        if shown is not None:
            settle(built, second, shown.score_decimals)
        changes = read_changes(built, compared=first)
        assert changes is not None, "the build was told what to compare with"  # noqa: S101
        return changes


def _build_side(
    side: Side,
    request: Request,
    *,
    console: Console,
    with_tests: bool = True,
    compared: tuple[Kept, Path] | None = None,
    figures: Path | None = None,
) -> Path:
    """The staged copy of the published file with the board of one side in it.

    A side that is kept in a file has only its figures, which lie in the database `figures`.
    """
    method = _method_of_side(side, request, figures)
    check_seeds(method.root / "seeds")
    database = _stage_database()
    with duckdb.connect(str(database)) as connection:
        if side.as_of is not None:
            _refuse_before_history(connection, side.as_of)
        open_history(connection)
        if compared is not None:
            keep_database(connection, *compared)
        _write_request(
            connection,
            method,
            f"the board of {side.text}",
            generated_at=request.now or side.as_of or _now(),
            as_of=side.as_of,
            compared_with=compared[0].board_key if compared else None,
        )
        if side.kept is not None and figures is not None:
            _bring_figures(connection, figures)
    _build(database, method.root, request, console, with_tests=with_tests)
    return database


def _method_of_side(side: Side, request: Request, figures: Path | None) -> Method:
    if side.as_of is not None and request.with_method_of_then:
        return _method_of_then(side.as_of)
    if side.coefficients is not None:
        return _method_of_today(replace(request, coefficients=side.coefficients))
    method = _method_of_today(request)
    if side.kept is not None and figures is not None:
        return replace(method, coefficients=coefficients_of(figures))
    return method


def _bring_figures(connection: duckdb.DuckDBPyConnection, figures: Path) -> None:
    """Let the figures of a kept board stand in place of what the sources say."""
    connection.execute(f"attach '{quoted(figures)}' as kept (read_only)")
    connection.execute(
        "insert into request.figures select model_id, metric_key, raw_value, evidence_class, pull,"
        " source_key, label, effort, agent, donor_model_id, citation"
        " from kept.marts.fct_metric_scores where raw_value is not null"
    )
    connection.execute(
        "insert into request.payloads select source_key, payload_sha256"
        " from kept.marts.dim_sources where payload_sha256 is not null"
    )
    connection.execute("detach kept")


def _refuse_before_history(connection: duckdb.DuckDBPyConnection, moment: datetime) -> None:
    found = connection.execute(
        "select count(*) from raw.payloads where fetched_at <= ?", [_stored(moment)]
    ).fetchone()
    if not found or not found[0]:
        raise NothingToScore(
            f"no payload was fetched by {moment:%Y-%m-%dT%H:%M:%SZ}; nothing was changed. "
            "Name a later moment, or land what was recorded then with `benchmart land`."
        )


def fetch_sources(request: Request, *, console: Console) -> Sequence[Fetched]:
    """Ask the sources and land what is new; the board stays as it is until it is scored."""
    _refuse_foreign_folder()
    with only_run(BUILD / "lock"):
        published = read_published(PUBLISHED)
        collected = published.completed(_collect(request, console))
        marks = {fetched.source_key: fetched.mark for fetched in collected}
        if marks.items() <= published.marks.items():
            return collected
        database = _stage_database()
        with duckdb.connect(str(database)) as connection:
            now = request.now or _now()
            _land(connection, collected, now, request.sourcing, console)
            connection.execute("checkpoint")
        publish_database(database, PUBLISHED)
        return collected


def land_history(request: Request) -> Sequence[LandingReport]:
    """Land the recordings of another day; what is in force, and so the board, stays as it is."""
    _refuse_foreign_folder()
    sourcing = request.sourcing
    with only_run(BUILD / "lock"):
        # Refuses a file that another program writes to, or that is damaged.
        read_published(PUBLISHED)
        chosen = sources(sourcing.only) if sourcing.only else recorded_sources(sourcing.recordings)
        recorded = [read_recording(source, sourcing.recordings) for source in chosen]
        database = _stage_database()
        with duckdb.connect(str(database)) as connection:
            reports = land(
                connection,
                recorded,
                now=request.now or _now(),
                accept_shrink=sourcing.accept_shrink,
                is_history=True,
            )
            connection.execute("checkpoint")
        if any(report.is_change for report in reports):
            publish_database(database, PUBLISHED)
        return reports


def verify_sources(request: Request, *, console: Console) -> Sequence[Fetched]:
    """Ask every source anew, with no cache to fall back on; nothing is kept."""
    with tempfile.TemporaryDirectory() as folder:
        sourcing = replace(request.sourcing, cache=Path(folder), is_offline=False)
        return _collect(replace(request, sourcing=sourcing), console)


def _collect(request: Request, console: Console) -> list[Fetched]:
    return collect(
        request.sourcing,
        project=PROJECT,
        now=request.now,
        network=request.network,
        console=console,
    )


def render_board(request: Request) -> str:
    """Render the published warehouse into `out`; returns its board id."""
    _refuse_missing_warehouse()
    with only_run(BUILD / "lock"):
        if _is_rendered(request, with_site=True):
            return str(board_of(PUBLISHED)["board_id"])
        return _publish_render(request, with_site=True, console=Console(quiet=True))


def snapshot_board(snapshots: Path, *, signing_key: Path | None) -> "Written":
    """Write a snapshot of the published warehouse, signed when a key is named."""
    from receipts.snapshot import write_snapshot

    _refuse_foreign_folder()
    with only_run(BUILD / "lock"):
        return write_snapshot(
            PUBLISHED,
            snapshots.resolve(),
            keys=RECEIPT_KEYS,
            generator=GENERATOR,
            signing_key=signing_key,
            code_commit=code_commit(PROJECT),
        )


def triage_report(*, min_count: int) -> str:
    """Return names without a model and gaps of the published board, as TOML."""
    from site_builder.triage_toml import triage_toml

    return triage_toml(PUBLISHED, generator=GENERATOR, min_count=min_count)


def explain_scores(name: str, other: str | None, *, role: str | None) -> Explanation | Comparison:
    """Open the published role scores of a model, or what separates two. Raises OptionError."""
    _refuse_missing_warehouse()
    return read_explanation(PUBLISHED, name, other, role=role)


def list_models() -> Iterator[tuple[str, str]]:
    """Yield vendor and canonical id of every registry model, in the order of the seed."""
    with (PROJECT / "seeds" / "identity" / "models.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["vendor"], row["model_id"]


def _is_rendered(request: Request, *, with_site: bool) -> bool:
    """Whether the outputs of the published board lie there as they would be rendered."""
    from site_builder.rendered import is_rendered

    return is_rendered(
        PUBLISHED,
        request.out,
        generator=GENERATOR,
        with_site=with_site,
        snapshots=request.snapshots,
    )


def _publish_render(request: Request, *, with_site: bool, console: Console) -> str:
    staged = _fresh_folder(request.out / ".staged")
    board_id = _render(PUBLISHED, staged, request, with_site=with_site, console=console)
    publish_outputs(staged, request.out)
    shutil.rmtree(staged)
    return board_id


def _stage_database() -> Path:
    """Copy the published file, so that history goes on and no reader sees a build."""
    staging = _fresh_folder(BUILD / "next")
    database = staging / PUBLISHED.name
    if PUBLISHED.exists():
        shutil.copyfile(PUBLISHED, database)
    return database


def _land(
    connection: duckdb.DuckDBPyConnection,
    collected: Sequence[Fetched],
    now: datetime,
    sourcing: Sourcing,
    console: Console,
) -> None:
    """Land what the sources gave. Raises NothingToScore when no source has a payload then."""
    reports = land(connection, collected, now=now, accept_shrink=sourcing.accept_shrink)
    if all(standing.fetched_at is None for standing in standings(connection).values()):
        problems = [f"{found.source_key}: {found.problem}" for found in collected if found.problem]
        more = len(problems) - SHOWN_PROBLEMS
        raise NothingToScore(
            "no source gave anything, and none has an older answer; nothing was changed. "
            "Look at the network, or use the bundled recording with --offline.\n"
            + "\n".join(problems[:SHOWN_PROBLEMS] + ([f"... and {more} more"] if more > 0 else []))
        )
    rows = sum(report.row_count for report in reports)
    new = sum(report.was_new for report in reports)
    console.print(f"landed {rows:,} rows of {len(reports)} sources, {new} of them new")
    for report in reports:
        for board in report.absent:
            key = report.fetched.source_key
            console.print(f"warning: {key} has no board {board!r} this time")


def _land_runs(connection: duckdb.DuckDBPyConnection, ledger: Ledger, samples: Samples) -> None:
    from loaders.runs.intake import read_parameter, read_rules
    from loaders.runs.landing import land_runs

    land_runs(connection, ledger, samples, read_rules(PROJECT))
    # By the clock, whatever moment the board speaks for.
    ledger.purge(now=_now(), days=int(read_parameter(PROJECT, "run_retention_days")))


def _method_of_today(request: Request) -> Method:
    given = {"coefficients.toml": request.coefficients, "aliases.csv": request.aliases}
    return _method(PROJECT, {name: path for name, path in given.items() if path is not None})


def _method_of_then(moment: datetime) -> Method:
    """The method of the last board that was published by a moment, with its options."""
    root = restore_method(PUBLISHED, moment, _fresh_folder(BUILD / "method"))
    folder = root / "options"
    return _method(root, {path.name: path for path in sorted(folder.glob("*"))})


def _method(root: Path, options: Mapping[str, Path]) -> Method:
    coefficients, aliases = options.get("coefficients.toml"), options.get("aliases.csv")
    return Method(
        root=root,
        options=options,
        coefficients=read_coefficients(coefficients) if coefficients else Coefficients(),
        aliases=read_aliases(aliases) if aliases else [],
    )


def _write_request(
    connection: duckdb.DuckDBPyConnection,
    method: Method,
    mark: str,
    *,
    generated_at: datetime,
    as_of: datetime | None = None,
    compared_with: str | None = None,
) -> None:
    """Say in the schema request what this run asks for beside the seeds."""
    coefficients, options = method.coefficients, method.options
    seeds = seeds_sha256(method.root, options)
    board = (_stored(generated_at), mark, method.sha256, seeds, as_of and _stored(as_of))
    rows: dict[str, list[tuple[object, ...]]] = {
        "board": [(*board, compared_with)],
        "weights": [(*astuple(weight), coefficients.origin) for weight in coefficients.weights],
        "parameters": [(*given, coefficients.origin) for given in coefficients.parameters],
        "aliases": [(*astuple(alias), str(options.get("aliases.csv"))) for alias in method.aliases],
    }
    connection.execute(REQUEST_TABLES)
    for table, given in rows.items():
        if given:
            places = ", ".join("?" * len(given[0]))
            connection.executemany(f"insert into request.{table} values ({places})", given)


def _stored(moment: datetime) -> datetime:
    """A moment as the tables hold it: UTC without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _build(
    database: Path,
    project: Path,
    request: Request,
    console: Console,
    *,
    with_tests: bool = True,
) -> None:
    from benchmart import warehouse

    with duckdb.connect(str(database)) as connection:
        # What another method built, and this one does not, must not pass for its own.
        for schema in BUILT_SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade")
    with bar(console, "building") as progress_bar:
        task = progress_bar.add_task("reading the project", total=None)

        def report(progress: warehouse.Progress) -> None:
            progress_bar.update(
                task,
                completed=progress.done,
                total=progress.total,
                description=progress.node[:50],
            )

        warehouse.build(
            project,
            database,
            target_path=BUILD / ("dbt" if project == PROJECT else "dbt-then"),
            threads=request.threads,
            with_tests=with_tests,
            report=report,
        )
    console.print(f"built{' and tested' if with_tests else ''} the warehouse")


def _render(
    database: Path, staged: Path, request: Request, *, with_site: bool, console: Console
) -> str:
    from site_builder.render import render

    result = render(
        database,
        staged,
        generator=GENERATOR,
        with_site=with_site,
        snapshots=request.snapshots,
    )
    console.print(f"rendered {len(result.files)} files")
    return result.board_id


def _close_request(database: Path) -> None:
    """What a request changed ends with it: plain dbt builds start from the seeds alone."""
    with duckdb.connect(str(database)) as connection:
        note_published(connection)
        forget_requested(connection)
        connection.execute(REQUEST_TABLES)
        connection.execute("checkpoint")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _fresh_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _refuse_missing_warehouse() -> None:
    if not PUBLISHED.exists():
        raise OptionError(f"{PUBLISHED}: there is no warehouse yet. Run `benchmart all --offline`.")


def _refuse_foreign_folder() -> None:
    if not (PROJECT / "dbt_project.yml").exists():
        raise OptionError(
            f"{PROJECT}: is no checkout of benchmart. Install it with `make` from a clone."
        )
