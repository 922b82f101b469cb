"""`python -m site_builder.lineage`: put the docs page of dbt into the site, without its tracker."""

from pathlib import Path

import click

from site_builder.errors import InvalidSite
from site_builder.rendered import LINEAGE

# The switch that would load the tracker, and the addresses that it would talk to.
SWITCH = "!0===e.track&&r.turn_on_tracking()"
ADDRESSES = (
    "//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js",
    "fishtownanalytics.sinter-collect.com",
    "https://fuzzed.getdbt.com/",
)


def without_tracker(page: str) -> str:
    """The page with the tracker switched off and its addresses gone.

    Raises InvalidSite when one of them is not there: a new dbt may have moved it elsewhere.
    """
    for text, replacement in ((SWITCH, "!1"), *((address, "") for address in ADDRESSES)):
        if text not in page:
            raise InvalidSite(
                f"the docs page of dbt lacks {text!r}. "
                "Find where its tracker is now, and update site_builder/lineage.py."
            )
        page = page.replace(text, replacement)
    return page


@click.command()
@click.option(
    "--page", type=click.Path(path_type=Path, exists=True), default="target/static_index.html"
)
@click.option("--site", type=click.Path(path_type=Path, exists=True), default="out/site")
def main(page: Path, site: Path) -> None:
    """Put it in the place of the page that says it is not there."""
    try:
        text = without_tracker(page.read_text(encoding="utf-8"))
    except InvalidSite as error:
        raise click.ClickException(str(error)) from error
    target = site / LINEAGE
    target.write_text(text, encoding="utf-8", newline="")
    click.echo(f"Lineage is in {target}")


if __name__ == "__main__":
    main()
