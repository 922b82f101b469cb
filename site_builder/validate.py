"""Refuses a site that loads from elsewhere, links into nothing, or repeats an id."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "link": "href",
    "use": "href",
    "image": "href",
}
CSS_LOAD = re.compile(r"url\(\s*['\"]?(?!#)|@import", re.IGNORECASE)
CLICKABLE = {"", "http", "https"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.faults: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._in_style = tag == "style"
        if (name := LOADS.get(tag)) and values.get(name):
            self.loads.append(values[name])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "base":
            self.faults.append("has a base element")
        for attribute, value in values.items():
            if attribute.startswith("on"):
                self.faults.append(f"has an inline handler {attribute}")
            if attribute == "srcset":
                self.faults.append("has a srcset")
            if attribute == "style" and CSS_LOAD.search(value):
                self.faults.append("loads from a style attribute")

    def handle_data(self, data: str) -> None:
        if self._in_style and CSS_LOAD.search(data):
            self.faults.append("loads from a style element")


def validate_site(site: Path) -> list[str]:
    """Every fault of the pages and styles below `site`, as `file: what is wrong`."""
    pages = {path: _parse(path) for path in sorted(site.rglob("*.html"))}
    faults: list[str] = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        faults += [f"{name}: {fault}" for fault in page.faults]
        faults += [
            f"{name}: the id {key!r} stands {n} times" for key, n in page.ids.items() if n > 1
        ]
        for address in page.loads:
            if urlsplit(address).scheme or address.startswith("//"):
                faults.append(f"{name}: loads {address}")
            elif not _target(site, path, address).is_file():
                faults.append(f"{name}: loads {address}, which is not in the site")
        for address in page.links:
            faults += [f"{name}: {fault}" for fault in _link_faults(site, path, address, pages)]
    for path in sorted(site.rglob("*.css")):
        if CSS_LOAD.search(path.read_text(encoding="utf-8")):
            faults.append(f"{path.relative_to(site).as_posix()}: loads another file")
    return faults


def _parse(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _link_faults(site: Path, page: Path, address: str, pages: dict[Path, _Page]) -> list[str]:
    parts = urlsplit(address)
    if parts.scheme not in CLICKABLE:
        return [f"links to {address}"]
    if parts.scheme or parts.netloc:
        return []
    target = _target(site, page, address)
    if not target.is_file():
        return [f"links to {address}, which is not in the site"]
    if parts.fragment and target in pages and parts.fragment not in pages[target].ids:
        return [f"links to {address}, and the page has no such id"]
    return []


def _target(site: Path, page: Path, address: str) -> Path:
    path = unquote(urlsplit(address).path)
    if not path:
        return page
    base = site if path.startswith("/") else page.parent
    return (base / path.lstrip("/")).resolve()
