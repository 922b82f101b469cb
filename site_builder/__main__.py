"""`python -m site_builder`: render the outputs of a warehouse into an empty folder."""

from pathlib import Path

import click

from benchmart import __version__
from site_builder.errors import SiteError
from site_builder.render import render


@click.command()
@click.option("--database", type=click.Path(path_type=Path), default="warehouse/benchmart.duckdb")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(database: Path, out: Path) -> None:
    """Write scoreboard.toml, missing.toml, coefficients.toml and the site."""
    try:
        result = render(database, out, generator=f"benchmart {__version__}")
    except SiteError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"board {result.board_id}: {len(result.pages)} pages, {len(result.files)} files in {out}"
    )


if __name__ == "__main__":
    main()
