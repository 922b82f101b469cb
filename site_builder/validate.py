"""Refuses a site that loads from elsewhere, links into nothing, or repeats an id."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

ADDRESSES = {"src", "href", "xlink:href", "poster", "background", "manifest"}
FOLLOWED = {"a", "area"}
# Attributes that load, send or embed, and that no page here needs.
REFUSED = {"srcset", "imagesrcset", "srcdoc", "ping", "action", "formaction"}
DATA_TYPES = {"application/json", "application/ld+json"}
CLICKABLE = {"", "http", "https"}

CSS_LOAD = re.compile(r"url\(\s*['\"]?(?!#)|image-set\(|@import", re.IGNORECASE)
CSS_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
SCRIPT_LOAD = re.compile(r"(?:https?|wss?):|['\"`]\s*(?://|data:|blob:)", re.IGNORECASE)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: Counter[str] = Counter()
        self.faults: list[str] = []
        self._within = ""

    def updatepos(self, i: int, j: int) -> int:
        # Lines and columns are never told, and counting them is a third of the parsing.
        return j

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = ""
        if not attrs and tag not in {"style", "script", "base"}:
            return
        values = {name: value or "" for name, value in attrs}
        if tag == "style" or (tag == "script" and values.get("type") not in DATA_TYPES):
            self._within = tag
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "base":
            self.faults.append("has a base element")
            return
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.faults.append("refreshes itself")
        for name, value in values.items():
            self._see(tag, name, value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "style" and _loads_in_css(data):
            self.faults.append("loads from a style element")
        if self._within == "script" and data.strip():
            self.faults.append("has an inline script")

    def _see(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self.faults.append(f"has an inline handler {name}")
        elif name in REFUSED:
            self.faults.append(f"has the attribute {name}")
        elif name == "style" and _loads_in_css(value):
            self.faults.append("loads from a style attribute")
        elif name in ADDRESSES and tag in FOLLOWED:
            self.links.append(value)
        # An address that is a fragment only names a part of the page itself.
        elif (name in ADDRESSES or (tag, name) == ("object", "data")) and value[:1] != "#":
            self.loads.append(value)


def validate_site(site: Path) -> list[str]:
    """Every fault of the pages, styles, scripts and pictures, as `file: what is wrong`."""
    site = site.resolve()
    pages = {
        path: _parse(path) for path in sorted(site.rglob("*")) if path.suffix in {".html", ".svg"}
    }
    faults: list[str] = []
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        faults += [f"{name}: {fault}" for fault in page.faults]
        faults += [
            f"{name}: the id {key!r} stands {n} times" for key, n in page.ids.items() if n > 1
        ]
        for address in page.loads:
            faults += [f"{name}: {fault}" for fault in _load_faults(site, path, address)]
        for address in page.links:
            faults += [f"{name}: {fault}" for fault in _link_faults(site, path, address, pages)]
    for path in sorted(site.rglob("*.css")):
        if _loads_in_css(path.read_text(encoding="utf-8")):
            faults.append(f"{path.relative_to(site).as_posix()}: loads another file")
    for path in sorted(site.rglob("*.js")):
        if SCRIPT_LOAD.search(path.read_text(encoding="utf-8")):
            faults.append(f"{path.relative_to(site).as_posix()}: names an address elsewhere")
    return faults


def _parse(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def _loads_in_css(text: str) -> bool:
    def plain(escape: re.Match[str]) -> str:
        code = int(escape[1], 16) if escape[1] else 0
        return chr(code) if 0 < code < 0x110000 else escape[2] or ""

    # A browser reads `u\72l(` as `url(`.
    return bool(CSS_LOAD.search(CSS_ESCAPE.sub(plain, text)))


def _load_faults(site: Path, page: Path, address: str) -> list[str]:
    parts = _split(address)
    if parts is None or parts.scheme or parts.netloc:
        return [f"loads {address}"]
    if fault := _target_fault(site, page, parts):
        return [f"loads {address}, which {fault}"]
    return []


def _link_faults(site: Path, page: Path, address: str, pages: dict[Path, _Page]) -> list[str]:
    parts = _split(address)
    if parts is None or parts.scheme not in CLICKABLE:
        return [f"links to {address}"]
    if parts.scheme or parts.netloc:
        return []
    if fault := _target_fault(site, page, parts):
        return [f"links to {address}, which {fault}"]
    target = _target(page, parts)
    if parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
        return [f"links to {address}, and the page has no such id"]
    return []


def _split(address: str) -> SplitResult | None:
    """The parts as a browser sees them: edges and line breaks dropped, `\\` taken as `/`."""
    seen = re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(33))))).replace("\\", "/")
    try:
        return urlsplit(seen)
    except ValueError:
        return None


def _target_fault(site: Path, page: Path, parts: SplitResult) -> str | None:
    if parts.path.startswith("/"):
        return "starts at the root and breaks in a folder"
    try:
        target = _target(page, parts)
        if not target.is_relative_to(site):
            return "leaves the site"
        found = target.is_file()
    except (OSError, ValueError):
        found = False
    return None if found else "is not in the site"


def _target(page: Path, parts: SplitResult) -> Path:
    path = unquote(parts.path)
    return (page.parent / path).resolve() if path else page
