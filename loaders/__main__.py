"""`python -m loaders`: land the recordings in a DuckDB file."""

import sys
from pathlib import Path

import click
import duckdb

from loaders.errors import LandingError, LoaderError
from loaders.landing import land_recordings


@click.command()
@click.option("--database", type=click.Path(path_type=Path), default="warehouse/benchmart.duckdb")
@click.option("--recordings", type=click.Path(path_type=Path), default="recordings")
@click.option("--only", help="Source keys, separated by commas.")
@click.option("--accept-shrink", multiple=True, help="A source that may have lost rows.")
def main(
    database: Path, recordings: Path, only: str | None, accept_shrink: tuple[str, ...]
) -> None:
    """Land the recorded responses, in place."""
    try:
        with _opened(database) as connection:
            reports = land_recordings(
                connection,
                recordings,
                only=[name.strip() for name in only.split(",")] if only else None,
                accept_shrink=accept_shrink,
            )
    except LoaderError as error:
        click.echo(f"loaders: {error}", err=True)
        sys.exit(error.exit_code)
    for report in reports:
        note = "" if report.was_new else " (known)"
        click.echo(f"{report.fetched.source_key:24}{report.row_count:>6} rows{note}")


def _opened(database: Path) -> duckdb.DuckDBPyConnection:
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(database))
    except (OSError, duckdb.Error) as error:
        raise LandingError(
            f"{database}: the file cannot be opened for writing ({error}). "
            "Close the program that holds it, or name another file with --database."
        ) from error


if __name__ == "__main__":
    main()
