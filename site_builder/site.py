"""Writes the site: every page, one stylesheet, one script, and the snapshots beside them."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment

from site_builder.addresses import root_of
from site_builder.downloads import Table
from site_builder.filters import environment
from site_builder.marts import Marts
from site_builder.page import Board, Page
from site_builder.pages import MODULES
from site_builder.pages.take_away import DATA, data_page
from site_builder.rendered import HERE
from site_builder.snapshot_files import link_snapshots

STATIC = HERE / "static"


@dataclass(frozen=True)
class SiteWriter:
    """Writes the pages of one board into a folder."""

    board: Board
    site: Path
    pages: tuple[Page, ...]
    templates: Environment

    @classmethod
    def of(
        cls, marts: Marts, site: Path, *, generator: str, snapshots: Path | None = None
    ) -> "SiteWriter":
        """The pages to be; the snapshots in a folder are linked beside them.

        Raises InvalidSite for a key that makes no address.
        """
        site.mkdir(parents=True, exist_ok=True)
        linked = {} if snapshots is None else link_snapshots(marts.snapshots, snapshots, site)
        board = Board(marts, generator, linked)
        pages = tuple(page for module in MODULES for page in module.pages(board))
        return cls(board, site, pages, environment())

    @cached_property
    def paths(self) -> frozenset[str]:
        """Where pages are, those that are yet to be written included."""
        return frozenset({page.path for page in self.pages} | {DATA})

    def write_pages(self) -> Iterator[str]:
        """Write the assets, and every page but that of the downloads; the path of each page."""
        _write_assets(self.site)
        for page in self.pages:
            self._write(page)
            yield page.path

    def write_data_page(self, tables: Sequence[Table]) -> str:
        """Write the page of the downloads, which names their hashes; its path."""
        self._write(data_page(tables))
        return DATA

    def _write(self, page: Page) -> None:
        path = self.site / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self.templates.get_template(page.template).render(
            **self.board.shared,
            paths=self.paths,
            root=root_of(page.path),
            page=page.path,
            **page.values,
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
