"""`benchmart`: land the sources, build the warehouse, render the board, publish it whole."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from benchmart import __version__
from benchmart.errors import BenchmartError, OptionError
from benchmart.pipeline import (
    PROJECT,
    Request,
    list_models,
    render_board,
    score_board,
    triage_report,
)
from benchmart.summary import print_top_ten
from loaders.errors import LoaderError
from site_builder.errors import SiteError

Function = Callable[..., Any]


def shared_options(command: Function) -> Function:
    """Add the options that may stand before or after the command."""
    options = (
        click.option("--out", type=click.Path(path_type=Path), help="Where outputs go [out]."),
        click.option("--now", metavar="RFC3339", help="The moment the board speaks for [now]."),
        click.option("--offline", is_flag=True, default=None, help="Make no request."),
        click.option(
            "--coefficients",
            type=click.Path(path_type=Path),
            help="TOML in the shape of out/coefficients.toml, for this run only.",
        ),
        click.option(
            "--aliases",
            type=click.Path(path_type=Path),
            help="CSV in the shape of seeds/identity/aliases.csv, beside it, for this run only.",
        ),
        click.option(
            "--recordings",
            type=click.Path(path_type=Path),
            help="Where recorded responses lie [recordings].",
        ),
        click.option("--threads", type=click.IntRange(1, 64), help="Threads of the build [2]."),
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
    """Land, score and render: the main job."""
    request = _request(context, options)
    if not request.offline:
        raise OptionError(
            "Live fetching is not part of this version. Add --offline to use the recordings."
        )
    _score(request, with_site=True)


@cli.command()
@shared_options
@click.pass_context
def score(context: click.Context, /, **options: Any) -> None:
    """Land, build the warehouse, and write the TOML files; no network."""
    _score(_request(context, options), with_site=False)


@cli.command()
@shared_options
@click.pass_context
def render(context: click.Context, /, **options: Any) -> None:
    """Render the published warehouse again: TOML files and site."""
    request = _request(context, options)
    board = render_board(request)
    click.echo(f"Board {board} is in {request.out / 'site' / 'index.html'}")


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
    _request(context, options)
    click.echo(triage_report(min_count=min_count), nl=False)


@cli.command("list-models")
@shared_options
@click.pass_context
def list_models_command(context: click.Context, /, **options: Any) -> None:
    """Print one line a model of the registry: vendor, tab, canonical id."""
    _request(context, options)
    for vendor, model_id in list_models():
        click.echo(f"{vendor}\t{model_id}")


def _score(request: Request, *, with_site: bool) -> None:
    console = Console(highlight=False)
    started = time.monotonic()
    outcome = score_board(request, console=console, with_site=with_site)
    seconds = time.monotonic() - started
    if not outcome.was_new:
        console.print(f"Nothing changed since board {outcome.board_id}: no work.")
    print_top_ten(outcome.database, console)
    console.print(f"Board {outcome.board_id} in {seconds:.1f} s.", soft_wrap=True)
    console.print(f"  warehouse   {_relative(outcome.database)}", soft_wrap=True)
    console.print(f"  scoreboard  {_relative(request.out / 'scoreboard.toml')}", soft_wrap=True)
    if with_site:
        console.print(
            f"  page        {_relative(request.out / 'site' / 'index.html')}", soft_wrap=True
        )


def _request(context: click.Context, options: dict[str, Any]) -> Request:
    """Join the options before the command with those after it, which win."""
    before = context.find_root().obj or {}
    given = {**before, **{key: value for key, value in options.items() if value is not None}}
    now = given.get("now")
    return Request(
        out=(given.get("out") or PROJECT / "out").resolve(),
        recordings=(given.get("recordings") or PROJECT / "recordings").resolve(),
        coefficients=given.get("coefficients"),
        aliases=given.get("aliases"),
        now=_moment(now) if now else None,
        offline=bool(given.get("offline")),
        threads=given.get("threads") or 2,
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise OptionError(
            f"--now: {text!r} is no RFC 3339 moment. Write it as 2026-05-07T00:00:00Z."
        ) from error
    if moment.tzinfo is None:
        raise OptionError(f"--now: {text!r} has no time zone. Add Z or an offset.")
    return moment.astimezone(UTC).replace(microsecond=0)


def _relative(path: Path) -> str:
    """Show a path as a person in the current folder would write it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def main() -> None:
    """Run the command; one message and an exit code for whatever stops it."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit("benchmart: stopped")
    except (BenchmartError, LoaderError, SiteError) as error:
        click.echo(f"benchmart: {error}", err=True)
        sys.exit(getattr(error, "exit_code", 1))
    except OSError as error:
        click.echo(f"benchmart: {error.filename}: {error.strerror}.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
