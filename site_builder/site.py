"""Writes the site: every page, one stylesheet, one script, and the snapshots beside them."""

import shutil
from collections.abc import Set
from pathlib import Path

from jinja2 import Environment

from site_builder.addresses import root_of
from site_builder.downloads import copying, settle_downloads
from site_builder.filters import environment
from site_builder.marts import Marts
from site_builder.page import Board, Page
from site_builder.pages import MODULES
from site_builder.pages.take_away import DATA, data_page
from site_builder.rendered import HERE
from site_builder.snapshot_files import link_snapshots

STATIC = HERE / "static"


def write_site(
    database: Path, marts: Marts, site: Path, *, generator: str, snapshots: Path | None = None
) -> None:
    """Write every page, the downloads and the assets; snapshots in a folder are linked beside them.

    Raises MartsError when a mart cannot be read, and InvalidSite for a key without an address.
    """
    site.mkdir(parents=True, exist_ok=True)
    linked = {} if snapshots is None else link_snapshots(marts.snapshots, snapshots, site)
    board = Board(marts, generator, linked)
    templates = environment()
    with copying(database, site):
        pages = [page for module in MODULES for page in module.pages(board)]
        paths = {page.path for page in pages} | {DATA}
        for page in pages:
            _write_page(templates, site, page, board, paths)
    _write_page(templates, site, data_page(settle_downloads(database, site)), board, paths)
    _write_assets(site)


def _write_page(
    templates: Environment, site: Path, page: Page, board: Board, paths: Set[str]
) -> None:
    path = site / page.path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = templates.get_template(page.template).render(
        **board.shared, paths=paths, root=root_of(page.path), page=page.path, **page.values
    )
    path.write_text(text, encoding="utf-8", newline="")


def _write_assets(site: Path) -> None:
    """One stylesheet and one script, from parts in the order of their names."""
    _write_joined(site / "site.css", "", sorted((STATIC / "style").glob("*.css")))
    _write_joined(site / "site.js", '"use strict";\n', sorted((STATIC / "script").glob("*.js")))
    shutil.copyfile(STATIC / "icon.svg", site / "icon.svg")


def _write_joined(path: Path, head: str, parts: list[Path]) -> None:
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    if path.suffix == ".js":
        # A function around all of it keeps names out of the page.
        text = f"{head}(() => {{\n{text}}})();\n"
    path.write_text(text, encoding="utf-8", newline="")
