"""`benchmart`: fetch the sources, build the warehouse, render the board, publish it whole."""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import duckdb
from rich.console import Console

from benchmart import __version__
from benchmart.collection import Sourcing
from benchmart.errors import BenchmartError, OptionError
from benchmart.moments import day_or_moment, moment, stamp
from benchmart.pipeline import (
    PROJECT,
    PUBLISHED,
    RUNS,
    SNAPSHOTS,
    Request,
    diff_boards,
    explain_scores,
    fetch_sources,
    land_history,
    list_models,
    render_board,
    score_as_of,
    score_board,
    snapshot_board,
    triage_report,
    verify_sources,
)
from benchmart.secrets import read_secrets
from benchmart.sides import read_side
from benchmart.terminal import (
    print_attempts,
    print_grades,
    print_landed,
    print_sources,
    print_top_ten,
    print_verdicts,
)
from loaders.errors import LoaderError
from loaders.payload import Fetched
from loaders.registry import sources
from receipts.errors import ReceiptError
from site_builder.errors import SiteError

Function = Callable[..., Any]

CATEGORIES = ("code", "reason", "write", "tool_use", "rag")
DIFFICULTIES = ("easy", "medium", "hard")
REPLAYED = {"same": "the same", "differs": "different", "not_replayed": "not replayed"}

SHOWN_MOVERS = 3

# The option that names a file for each key; a key itself never stands in a command line.
KEY_OPTIONS = {
    "AA_API_KEY": "--aa-api-key-file",
    "OPENROUTER_API_KEY": "--openrouter-api-key-file",
    "HF_TOKEN": "--hf-token-file",
}
FILE = click.Path(path_type=Path)


class SourceKeys(click.ParamType[tuple[str, ...]]):
    """Source keys, separated by commas."""

    name = "sources"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split a text at its commas."""
        keys = tuple(key.strip() for key in value.split(",") if key.strip())
        if not keys:
            self.fail("name at least one source.", param, ctx)
        return keys


def shared_options(command: Function) -> Function:
    """Add the options that may stand before or after the command."""
    options = (
        click.option("--out", type=FILE, help="Where outputs go [out]."),
        click.option("--now", metavar="RFC3339", help="The moment the board speaks for [now]."),
        click.option(
            "--as-of",
            metavar="MOMENT",
            help="Rebuild the board of a past day or moment from the warehouse, beside today's.",
        ),
        click.option(
            "--method",
            type=click.Choice(["today", "then"]),
            help="With --as-of: today's method, or that of the board published then [today].",
        ),
        click.option(
            "--prev",
            type=FILE,
            help="Tell changes against this scoreboard.toml or snapshot [the last snapshot].",
        ),
        click.option("--snapshots", type=FILE, help="Where snapshots are kept [snapshots]."),
        click.option("--offline", is_flag=True, default=None, help="Make no request."),
        click.option("--strict", is_flag=True, default=None, help="Exit 1 if a source is stale."),
        click.option("--cache", type=FILE, help="Where good answers are kept [cache]."),
        click.option("--only", type=SourceKeys(), help="Leave every other source as it stands."),
        click.option("--refresh", type=SourceKeys(), help="Ask these also while they are fresh."),
        click.option(
            "--accept-shrink",
            type=SourceKeys(),
            help="Believe these once, although they lost two fifths of their rows or more.",
        ),
        click.option(
            "--coefficients",
            type=FILE,
            help="TOML in the shape of out/coefficients.toml, for this run only.",
        ),
        click.option(
            "--aliases",
            type=FILE,
            help="CSV in the shape of seeds/identity/aliases.csv, beside it, for this run only.",
        ),
        click.option(
            "--recordings",
            type=FILE,
            help="Use these recorded responses and no cache [recordings, without a cache].",
        ),
        click.option("--threads", type=click.IntRange(1, 64), help="Threads of the build [2]."),
        *(
            click.option(option, type=FILE, help=f"Its first line is the key, else {name} is.")
            for name, option in KEY_OPTIONS.items()
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@shared_options
@click.pass_context
def cli(context: click.Context, /, **options: Any) -> None:
    """Score LLMs for coding roles from public benchmarks. Without a command: all."""
    context.obj = options
    if context.invoked_subcommand is None:
        context.invoke(all_command)


@cli.command("all")
@shared_options
@click.pass_context
def all_command(context: click.Context, /, **options: Any) -> None:
    """Fetch, score and render: the main job."""
    _score(_request(context, options), with_site=True)


@cli.command()
@shared_options
@click.pass_context
def fetch(context: click.Context, /, **options: Any) -> None:
    """Ask the sources that are due and land what is new; the board stays as it is."""
    request = _request(context, options)
    if request.sourcing.is_offline:
        raise OptionError("fetch: asks the network. Leave --offline away, or use score.")
    console = Console(highlight=False)
    collected = fetch_sources(request, console=console)
    print_sources(console, collected, PUBLISHED)
    _finish(request, collected)


@cli.command()
@shared_options
@click.pass_context
def score(context: click.Context, /, **options: Any) -> None:
    """Land what is kept, build the warehouse, and write the TOML files; no network."""
    request = _request(context, {**options, "offline": True})
    # A folder that is named says itself what counts.
    is_named = not request.sourcing.reads_cache or not request.sourcing.has_stand_ins
    _score(replace(request, keeps_outcomes=not is_named), with_site=False)


@cli.command()
@shared_options
@click.pass_context
def render(context: click.Context, /, **options: Any) -> None:
    """Render the published warehouse again: TOML files and site."""
    request = _request(context, {**options, "offline": True})
    board = render_board(request)
    click.echo(f"Board {board} is in {request.out / 'site' / 'index.html'}")


@cli.command()
@shared_options
@click.pass_context
def land(context: click.Context, /, **options: Any) -> None:
    """Land recorded responses of another day as history: the board stays as it is."""
    request = _request(context, {**options, "offline": True})
    if request.sourcing.reads_cache:
        raise OptionError("land: lands a folder of recorded responses. Name it with --recordings.")
    console = Console(highlight=False)
    print_landed(console, land_history(request))


@cli.command("verify-sources")
@shared_options
@click.pass_context
def verify_sources_command(context: click.Context, /, **options: Any) -> None:
    """Ask every source anew, never from the cache, and check what it promises."""
    request = _request(context, options)
    if request.sourcing.is_offline:
        raise OptionError("verify-sources: asks the network. Leave --offline away.")
    console = Console(highlight=False)
    collected = verify_sources(request, console=console)
    print_verdicts(console, collected)
    if broken := [found.source_key for found in collected if found.status == "failed"]:
        click.echo(f"benchmart: broken: {', '.join(broken)}.", err=True)
        raise click.exceptions.Exit(1)


@cli.command()
@click.option(
    "--min-count",
    type=click.IntRange(1),
    default=1,
    help="Leave out names on fewer rows than this [1].",
)
@shared_options
@click.pass_context
def triage(context: click.Context, /, min_count: int, **options: Any) -> None:
    """Print names without a model and gaps of the published board, as TOML."""
    _request(context, {**options, "offline": True})
    click.echo(triage_report(min_count=min_count), nl=False)


@cli.command()
@click.argument("before")
@click.argument("after")
@click.option("--limit", type=click.IntRange(1), default=5, help="Show this many movers [5].")
@click.option("--json", "as_json", is_flag=True, help="Print every change, for programs.")
@shared_options
@click.pass_context
def diff(
    context: click.Context, /, before: str, after: str, limit: int, as_json: bool, **options: Any
) -> None:
    """Say what moved from one board to another, and why.

    A board is a day or moment, the folder of a snapshot, a scoreboard.toml, a coefficients file
    (today's payloads under it), or now.
    """
    request = _request(context, {**options, "offline": True}, has_moments=True)
    console = Console(highlight=False, quiet=as_json)
    changes = diff_boards(request, read_side(before), read_side(after), console=console)
    if as_json:
        click.echo(json.dumps(changes.document(), indent=1))
        return
    for line in changes.lines(limit):
        console.print(line, markup=False, soft_wrap=True)


@cli.command()
@click.argument("model")
@click.argument("other", metavar="[MODEL_B]", required=False)
@click.option("--role", help="Only this one: I, P, B, R or its name.")
@click.option("--limit", type=click.IntRange(1), default=8, help="Show this many metrics [8].")
@click.option("--json", "as_json", is_flag=True, help="Print every metric, for programs.")
def explain(model: str, other: str | None, role: str | None, limit: int, as_json: bool) -> None:
    """Open the role scores of a model into points and figures, or say what separates two.

    A model is its id, its name or an alias. It reads the published warehouse and changes nothing.
    """
    explained = explain_scores(model, other, role=role)
    if as_json:
        click.echo(json.dumps(explained.document(), indent=1))
        return
    console = Console(highlight=False)
    for line in explained.lines(limit):
        console.print(line, markup=False, soft_wrap=True)


@cli.command("list-models")
@shared_options
@click.pass_context
def list_models_command(context: click.Context, /, **options: Any) -> None:
    """Print one line a model of the registry: vendor, tab, canonical id."""
    _request(context, {**options, "offline": True})
    for vendor, model_id in list_models():
        click.echo(f"{vendor}\t{model_id}")


@cli.command()
@click.option("--snapshots", type=FILE, help="Where snapshots are kept [snapshots].")
@click.option("--signing-key-file", type=FILE, help="Sign with this Ed25519 key in PEM.")
@click.pass_context
def snapshot(
    context: click.Context, /, snapshots: Path | None, signing_key_file: Path | None
) -> None:
    """Write the published marts and their receipt into a folder of the board's day."""
    folder = snapshots or _snapshots_before(context)
    written = snapshot_board(folder, signing_key=signing_key_file)
    signed = f"signed by key {written.key_id}" if written.key_id else "unsigned"
    was = "" if written.was_new else ", was there already and stays as it is"
    click.echo(f"Snapshot of board {written.board_id} is in {_relative(written.folder)}{was}")
    click.echo(f"  {written.mart_count} marts, {written.row_count:,} rows, {signed}")


@cli.command()
@click.argument("folder", metavar="[SNAPSHOT]", type=FILE, required=False)
@click.option("--mart", help="The mart of the row to prove.")
@click.option("--key", help="The row's key, its cells with commas between, quoted as in CSV.")
@click.option("--to", type=FILE, help="The new file for the row's proof.")
@click.pass_context
def receipt(
    context: click.Context,
    /,
    folder: Path | None,
    mart: str | None,
    key: str | None,
    to: Path | None,
) -> None:
    """Say what a snapshot's receipt covers [the newest], or write the proof of one row."""
    from receipts.proofs import describe, read_receipt, write_proof
    from receipts.receipt import snapshot_folders

    if folder is None:
        snapshots = _snapshots_before(context)
        folder = next(reversed(snapshot_folders(snapshots)), snapshots)
    if mart is None and key is None and to is None:
        click.echo("\n".join(describe(read_receipt(folder))))
    elif mart is None or key is None or to is None:
        raise OptionError("receipt: a row's proof takes --mart, --key and --to. Give all three.")
    else:
        write_proof(folder, mart, key, to=to)
        click.echo(f"The proof is in {_relative(to)}; `benchmart verify-receipt` checks it alone.")


@cli.command("verify-receipt")
@click.argument("path", type=FILE)
@click.option("--keys", type=FILE, help="The keys to trust, as JSON [those the snapshot names].")
def verify_receipt(path: Path, keys: Path | None) -> None:
    """Check a snapshot, its receipt.json or a row's proof from the files alone."""
    from receipts.verifying import verify

    verdict = verify(path, keys=keys)
    for fault in verdict.faults:
        click.echo(f"benchmart: {fault}", err=True)
    if verdict.faults:
        raise click.exceptions.Exit(1)
    click.echo("\n".join(("Verified", *verdict.facts)))


RUNS_OPTION = click.option("--runs", type=FILE, help="Where own runs are kept [runs].")
NOW_OPTION = click.option("--now", metavar="RFC3339", help="The moment of this call [now].")
MAY_EXECUTE = click.option(
    "--run-code", is_flag=True, help="Also run the tests of outputs that are code, on this machine."
)


@cli.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=FILE)
@click.option("--nickname", help="Who ran what an importer reads; run documents say it.")
@click.option("--model", help="The model of imported runs, where the file does not say it.")
@click.option("--config-tag", help="The configuration of imported runs [the base].")
@click.option("--category", type=click.Choice(CATEGORIES), help="Category of all imported tasks.")
@click.option(
    "--difficulty", type=click.Choice(DIFFICULTIES), help="Difficulty of all imported tasks."
)
@click.option("--pack-key-file", type=FILE, help="Master key that checks the stamps of packs.")
@NOW_OPTION
@RUNS_OPTION
def intake(paths: tuple[Path, ...], runs: Path | None, now: str | None, **given: Any) -> None:
    """Take in own runs: run documents, packs, and results of other harnesses.

    Known are Every Eval Ever JSON, Inspect logs, Harbor job folders and lm-evaluation-harness
    results. A folder is looked through. The board stays as it is until it is scored.
    """
    from benchmart.own_runs import imported, take_in_paths

    master = given.pop("pack_key_file")
    taken = take_in_paths(
        paths, imported(**given), runs=_runs(runs), master=master, now=_moment(now)
    )
    print_attempts(Console(highlight=False), taken)
    if any(not one.is_accepted and one.duplicate_of is None for one in taken.attempts):
        raise click.exceptions.Exit(1)


@cli.command()
@MAY_EXECUTE
@NOW_OPTION
@RUNS_OPTION
def recheck(run_code: bool, now: str | None, runs: Path | None) -> None:
    """Grade recorded outputs again with their deterministic graders, where that is still to do."""
    from benchmart.own_runs import recheck_runs

    states = recheck_runs(runs=_runs(runs), may_execute=run_code, now=_moment(now))
    print_grades(Console(highlight=False), states)


@cli.command()
@click.option("--base-url", required=True, help="OpenAI-compatible endpoint, up to /v1.")
@click.option("--model", required=True, help="The model that judges.")
@click.option("--api-key-file", type=FILE, help="Its first line is the key [none].")
@click.option("--timeout", type=click.FloatRange(0.1, 3600), default=60, help="Seconds [60].")
@NOW_OPTION
@RUNS_OPTION
def judge(
    base_url: str,
    model: str,
    api_key_file: Path | None,
    timeout: float,
    now: str | None,
    runs: Path | None,
) -> None:
    """Let a model grade the tasks that have a rubric, each once; a failure is no grade."""
    from benchmart.own_runs import judge_runs, make_judge

    asked = make_judge(base_url, model, api_key_file=api_key_file, timeout_s=timeout)
    states: Counter[str] = Counter()
    for event in judge_runs(asked, runs=_runs(runs), now=_moment(now)):
        said = event.reason if event.score is None else f"{event.score} of 10"
        click.echo(f"{event.run_sha256[:12]} {event.task}: {said}")
        states[event.state] += 1
    print_grades(Console(highlight=False), states)
    if states["judge_failed"]:
        raise click.exceptions.Exit(1)


@cli.command()
@NOW_OPTION
@RUNS_OPTION
def purge(now: str | None, runs: Path | None) -> None:
    """Delete prompts, outputs and rationales that are older than the seed allows; scores stay."""
    from benchmart.own_runs import forget_bodies

    days = forget_bodies(runs=_runs(runs), now=_moment(now))
    what = f"bodies of {', '.join(map(str, days))}" if days else "no body is old enough"
    click.echo(f"Deleted: {what}." if days else "Nothing to delete: no body is old enough.")


@cli.command()
@click.argument("run")
@click.option("--level", type=int, default=2, help="1: hashes, 2: graders [2].")
@MAY_EXECUTE
@RUNS_OPTION
def replay(run: str, level: int, run_code: bool, runs: Path | None) -> None:
    """Replay a recorded run, offline: do its hashes hold, do its graders say the same?

    RUN is the beginning of its hash. Tools are not executed again.
    """
    from benchmart.own_runs import replay_run

    found = replay_run(run, level=level, runs=_runs(runs), may_execute=run_code)
    for one in found:
        click.echo(f"{one.state:<12}  {one.task} ({one.run_no}): {one.reason}")
    counts = {state: sum(one.state == state for one in found) for state in REPLAYED}
    click.echo(", ".join(f"{count} {REPLAYED[state]}" for state, count in counts.items()) + ".")
    if counts["differs"]:
        raise click.exceptions.Exit(1)


@cli.command()
@click.argument("cell")
def reproduce(cell: str) -> None:
    """Print the command that runs a cell again: new sampling, so results may differ.

    CELL is the beginning of the hash of a cell, or of one of its versions.
    """
    from benchmart.own_runs import reproduce_cell

    command, gaps = reproduce_cell(cell)
    click.echo(command)
    if gaps:
        click.echo(f"# incomplete: {', '.join(gaps)} {'is' if len(gaps) == 1 else 'are'} missing")


@cli.command("stamp-pack")
@click.argument("pack", type=FILE)
@click.option("--pack-key-file", type=FILE, help="Master key, for a stamp of the day.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The UTC day of the stamp [today].")
def stamp_pack_command(pack: Path, pack_key_file: Path | None, day: Any) -> None:
    """Print what a run over a pack of tasks writes under `pack`."""
    from benchmart.own_runs import stamp_pack

    made = stamp_pack(pack, master=pack_key_file, day=day.date() if day else None)
    click.echo(json.dumps(made, indent=1))


@cli.command("sign-run")
@click.argument("run", type=FILE)
@click.option("--signing-key-file", type=FILE, required=True, help="An Ed25519 key in PEM.")
def sign_run(run: Path, signing_key_file: Path) -> None:
    """Print a run document with a signature; a listed key of a lab marks it as the lab's."""
    from benchmart.own_runs import sign_document

    click.echo(json.dumps(sign_document(run, signing_key_file), indent=1, ensure_ascii=False))


@cli.command("run-schema")
@click.option("--pack", "is_pack", is_flag=True, help="That of a pack of tasks.")
def run_schema(is_pack: bool) -> None:
    """Print the format of a run document as JSON Schema 2020-12."""
    from loaders.runs import shapes

    schema = shapes.pack_schema() if is_pack else shapes.run_schema()
    click.echo(json.dumps(schema, indent=1))


def _runs(folder: Path | None) -> Path:
    return (folder or RUNS).resolve()


def _moment(now: str | None) -> datetime | None:
    return moment("--now", now) if now else None


@cli.command("serve-intake")
@click.option("--host", default="127.0.0.1", help="Listen on this address [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, help="And port [8765].")
@click.option("--runs", type=FILE, help="Where own runs are kept [runs].")
@click.option("--pack-key-file", type=FILE, help="The master key of the packs of a day.")
@click.option(
    "--trusted-proxies",
    type=click.IntRange(0),
    default=0,
    help="So many proxies stand before it and write X-Forwarded-For [0].",
)
def serve_intake(
    host: str, port: int, runs: Path | None, pack_key_file: Path | None, trusted_proxies: int
) -> None:
    """Take own runs in over HTTP until it is stopped."""
    try:
        from loaders.runs.endpoint import serve
    except ModuleNotFoundError as error:
        raise OptionError(
            f"serve-intake: {error.name} is not installed. It comes with the extra `endpoint`:"
            " pip install 'benchmart[endpoint]'."
        ) from error
    serve(
        host,
        port,
        runs or PROJECT / "runs",
        PROJECT,
        trusted_proxies=trusted_proxies,
        master_key_file=pack_key_file,
    )


def _snapshots_before(context: click.Context) -> Path:
    """The folder of snapshots as an option before the command may name it."""
    return Path((context.find_root().obj or {}).get("snapshots") or SNAPSHOTS)


def _score(request: Request, *, with_site: bool) -> None:
    console = Console(highlight=False)
    started = time.monotonic()
    if request.as_of is not None:
        outcome = score_as_of(request, request.as_of, console=console)
        print_top_ten(outcome.database, console)
        console.print(
            f"Board {outcome.board_id} as of {request.as_of:%Y-%m-%dT%H:%M:%SZ}"
            f" in {time.monotonic() - started:.1f} s; the published one is as it was.",
            soft_wrap=True,
        )
        _print_places(console, request.out, outcome.database, with_site=True)
        return
    outcome = score_board(request, console=console, with_site=with_site)
    seconds = time.monotonic() - started
    if not outcome.was_new:
        console.print(f"Nothing changed since board {outcome.board_id}: no work.")
    print_sources(console, outcome.collected, outcome.database)
    print_top_ten(outcome.database, console)
    console.print(f"Board {outcome.board_id} in {seconds:.1f} s.", soft_wrap=True)
    _print_places(console, request.out, outcome.database, with_site=with_site)
    if outcome.was_new and outcome.changes is not None:
        console.print(f"Since {outcome.changes.label}:", markup=False, soft_wrap=True)
        for line in outcome.changes.lines(SHOWN_MOVERS):
            console.print(f"  {line}", markup=False, soft_wrap=True)
    for line in outcome.movement.lines():
        click.echo(f"warning: {line}" if not line.startswith(" ") else line, err=True)
    _finish(request, outcome.collected)


def _print_places(console: Console, out: Path, database: Path, *, with_site: bool) -> None:
    places = {"warehouse": database, "scoreboard": out / "scoreboard.toml"}
    if with_site:
        places["page"] = out / "site" / "index.html"
    for name, path in places.items():
        console.print(f"  {name:12}{_relative(path)}", soft_wrap=True)


def _finish(request: Request, collected: Sequence[Fetched]) -> None:
    """Say on standard error what a person should look at, and leave with the run's exit code."""
    for found in collected:
        if found.status == "failed":
            click.echo(f"benchmart: {found.source_key} failed: {found.problem}", err=True)
        elif found.problem:
            click.echo(f"warning: {found.source_key} is {found.status}: {found.problem}", err=True)
        elif found.status == "degraded":
            click.echo(f"warning: {found.source_key} gave a lesser form of its answer", err=True)
    statuses = {found.status for found in collected}
    if "failed" in statuses or (request.strict and "stale" in statuses):
        raise click.exceptions.Exit(1)


def _request(
    context: click.Context, options: dict[str, Any], *, has_moments: bool = False
) -> Request:
    """Join the options before the command with those after it, which win."""
    before = context.find_root().obj or {}
    given = {**before, **{key: value for key, value in options.items() if value is not None}}
    now = given.get("now")
    as_of = day_or_moment("--as-of", given["as_of"]) if given.get("as_of") else None
    if has_moments and as_of is not None:
        raise OptionError("diff: takes two boards and no --as-of. Name the moments themselves.")
    if given.get("prev") and (has_moments or as_of is not None):
        raise OptionError(
            "--prev: is for the board of now. Name both boards with `benchmart diff`."
        )
    if given.get("method") and as_of is None and not has_moments:
        raise OptionError("--method: says how a past board is rebuilt. Add --as-of.")
    out = PROJECT / "out" if as_of is None else PROJECT / "out" / "as-of" / stamp(as_of)
    return Request(
        out=(given.get("out") or out).resolve(),
        sourcing=_sourcing(given),
        coefficients=given.get("coefficients"),
        aliases=given.get("aliases"),
        now=moment("--now", now) if now else None,
        as_of=as_of,
        with_method_of_then=given.get("method") == "then",
        prev=given.get("prev"),
        snapshots=(given.get("snapshots") or PROJECT / "snapshots").resolve(),
        strict=bool(given.get("strict")),
        threads=given.get("threads") or 2,
    )


def _sourcing(given: dict[str, Any]) -> Sourcing:
    """Where payloads come from: of cache and recordings, the one that is named counts alone."""
    offline, cache, recordings = (given.get(key) for key in ("offline", "cache", "recordings"))
    if recordings and cache:
        raise OptionError("--recordings and --cache: name one of them; each is used alone.")
    if recordings and not offline:
        raise OptionError("--recordings: recorded responses are used with --offline. Add it.")
    if offline and given.get("refresh"):
        raise OptionError("--refresh: asks the network, and this run makes no request.")
    for named in ("only", "refresh", "accept_shrink"):
        sources(given.get(named) or ())
    files = {
        name: path
        for name, option in KEY_OPTIONS.items()
        if (path := given.get(option.removeprefix("--").replace("-", "_")))
    }
    return Sourcing(
        cache=(cache or PROJECT / "cache").resolve(),
        recordings=(recordings or PROJECT / "recordings").resolve(),
        is_offline=bool(offline),
        reads_cache=recordings is None,
        has_stand_ins=cache is None,
        only=given.get("only"),
        refresh=given.get("refresh") or (),
        accept_shrink=given.get("accept_shrink") or (),
        secrets={}
        if offline
        else read_secrets(
            KEY_OPTIONS, files=files, environment=os.environ, dotenv=PROJECT / ".env"
        ),
    )


def _relative(path: Path) -> str:
    """Show a path as a person in the current folder would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def main() -> None:
    """Run the command; one message and an exit code for whatever stops it."""
    try:
        sys.exit(cli(standalone_mode=False))
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("benchmart: stopped", err=True)
        sys.exit(130)
    except (BenchmartError, LoaderError, ReceiptError, SiteError) as error:
        click.echo(f"benchmart: {error}", err=True)
        sys.exit(getattr(error, "exit_code", 1))
    except OSError as error:
        name = error.filename2 or error.filename or "a file"
        click.echo(f"benchmart: {name}: {error.strerror}.", err=True)
        sys.exit(1)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        click.echo(f"benchmart: the warehouse: {reason}.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
