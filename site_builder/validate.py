"""Refuses a site that loads from elsewhere, links into nothing, repeats an id or shows raw markup.

Pages are read as a browser reads them, pictures and feeds as XML. A fault is something that would
make a reader's browser ask another server, run what is not ours, or lead a reader to nothing.
"""

import json
import posixpath
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from site_builder.markup import (
    ADDRESSES,
    ALLOWED,
    PAINTS,
    REFUSED,
    html_faults,
    json_texts,
    xml_faults,
)

# Elements whose address only a click follows; the links of a feed are among them.
FOLLOWED = frozenset({"a", "area"})
FOLLOWED_IN_FEEDS = FOLLOWED | {"link"}
DATA_TYPES = frozenset({"application/json", "application/ld+json"})
CLICKABLE = {"", "http", "https"}
SHOWN_LENGTH = 60

CSS_LOAD = re.compile(r"url\(\s*['\"]?(?!#)|image-set\(|@import", re.IGNORECASE)
CSS_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
SCRIPT_LOAD = re.compile(r"(?:https?|wss?):|['\"`]\s*(?://|data:|blob:)", re.IGNORECASE)
# Where a parser would begin a tag, a comment or an instruction.
MARKUP = re.compile(r"<[a-zA-Z/!?]")
# Plain tags around figures: the templates write the same, and nothing in them loads or runs.
PLAIN = re.compile(r"(?:</?(?:b|bdi|code|i|p|small|span)>|[^<>a-zA-Z])*")


def validate_site(site: Path, texts: Iterable[str] = ()) -> list[str]:
    """Every fault of the pages, styles, scripts, pictures and feeds, as `file: what is wrong`.

    None of the upstream `texts` that look like markup may stand in a page as they are, outside of
    JSON. A figure in plain tags is let through, or an upstream could name a model like our own
    markup and keep every board from being published.
    """
    return SiteCheck(site, texts).faults()


class SiteCheck:
    """The same for a site that is being written: its pages may be looked at as they come."""

    def __init__(self, site: Path, texts: Iterable[str] = ()) -> None:
        self._site = site.resolve()
        self._markup = sorted(
            {text for text in texts if MARKUP.search(text) and not PLAIN.fullmatch(text)}
        )
        self._early = _Files(self._site, None)
        self._pages: dict[str, _Page] = {}

    def look_at(self, name: str) -> None:
        """Look at a page that stays as it is, and take it that the files that it names come."""
        self._pages[name] = _Page(self._early, name, self._markup)

    def faults(self) -> list[str]:
        """Every fault of the site as it is now, the pages that were looked at included."""
        files = _Files(self._site, _sizes(self._site))
        if not all(files.sizes.get(name) for name in self._early.named):
            # A file did not come, so each page that names it is to say so.
            self._pages = {}
        pages = {
            name: self._pages.get(name) or _Page(files, name, self._markup)
            for name in files.sizes
            if name.endswith((".html", ".svg", ".xml"))
        }
        faults: list[str] = []
        for name, page in pages.items():
            faults += [f"{name}: {fault}" for fault in page.faults]
            faults += [
                f"{name}: the id {key!r} stands {n} times" for key, n in page.ids.items() if n > 1
            ]
            faults += [
                f"{name}: links to {address}, and the page has no such id"
                for address, target, key in page.fragments
                if target in pages and key not in pages[target].ids
            ]
        for name in files.sizes:
            if name.endswith(".css") and _loads_in_css(files.read(name).decode()):
                faults.append(f"{name}: loads another file")
            if name.endswith(".js") and SCRIPT_LOAD.search(files.read(name).decode()):
                faults.append(f"{name}: names an address elsewhere")
        return faults


def _sizes(site: Path) -> dict[str, int]:
    """The files of a site; a symbolic link is none of them, as it may lead outside."""
    return {
        path.relative_to(site).as_posix(): path.stat().st_size
        for path in sorted(site.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


class _Files:
    """The files of a site by size, or any file that a page names while these are not known."""

    def __init__(self, site: Path, sizes: dict[str, int] | None) -> None:
        self._site = site
        self.sizes = {} if sizes is None else sizes
        self.named: set[str] = set()
        self._are_known = sizes is not None
        # The same few addresses stand on every page of a folder.
        self.target = cache(self._target)

    def read(self, name: str) -> bytes:
        return (self._site / name).read_bytes()

    def _target(self, folder: str, address: str) -> "_Target":
        parts = _split(address)
        if parts is None or parts.scheme or parts.netloc:
            return _Target("elsewhere", scheme=parts.scheme if parts else None)
        fragment = unquote(parts.fragment)
        if not parts.path:
            return _Target(fragment=fragment)
        if parts.path.startswith("/"):
            return _Target("starts at the root and breaks in a folder")
        name = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
        if name.startswith(("../", "/")) or name == "..":
            return _Target("leaves the site")
        if not self._are_known:
            self.named.add(name)
            return _Target(name=name, fragment=fragment)
        if name not in self.sizes:
            return _Target("is not in the site")
        return _Target("" if self.sizes[name] else "is empty", name, fragment)


@dataclass(frozen=True)
class _Target:
    """Where an address leads: a fault or a file of the site, whose name is empty for the page."""

    fault: str = ""
    name: str = ""
    fragment: str = ""
    scheme: str | None = ""


class _Page:
    """The faults, ids and links to ids of one page, picture or feed."""

    def __init__(self, files: _Files, name: str, markup: list[str]) -> None:
        self.ids: Counter[str] = Counter()
        self.fragments: list[tuple[str, str, str]] = []
        self._files, self._name, self._folder = files, name, posixpath.dirname(name)
        self._followed = FOLLOWED_IN_FEEDS if name.endswith(".xml") else FOLLOWED
        source = files.read(name)
        if name.endswith(".xml"):
            self.faults = xml_faults(source, self._judge)
        elif name.endswith(".svg"):
            self.faults = xml_faults(source, self._judge, ALLOWED)
        else:
            self.faults = html_faults(source, self._judge) + _raw_texts(source, markup)

    def _judge(self, tag: str, values: dict[str, str], text: str) -> list[str]:
        if "id" in values:
            self.ids[values["id"]] += 1
        if tag == "base":
            return ["has a base element"]
        faults: list[str] = []
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            faults.append("refreshes itself")
        if tag == "style" and _loads_in_css(text):
            faults.append("loads from a style element")
        if tag == "script" and values.get("type") in DATA_TYPES:
            faults += _json_faults(text)
        elif tag == "script" and text.strip():
            faults.append("has an inline script")
        for name, value in values.items():
            if name.startswith("on"):
                faults.append(f"has an inline handler {name}")
            elif name in REFUSED:
                faults.append(f"has the attribute {name}")
            elif name == "style" and _loads_in_css(value):
                faults.append("loads from a style attribute")
            elif name in PAINTS and _loads_in_css(value):
                faults.append(f"loads from the attribute {name}")
            elif name in ADDRESSES and tag in self._followed:
                faults += self._link_faults(value, is_download="download" in values)
            # An address that is a fragment only names a part of the page itself.
            elif (name in ADDRESSES or (tag, name) == ("object", "data")) and value[:1] != "#":
                faults += self._load_faults(value)
        return faults

    def _load_faults(self, address: str) -> list[str]:
        target = self._files.target(self._folder, address)
        if target.fault == "elsewhere":
            return [f"loads {address}"]
        return [f"loads {address}, which {target.fault}"] if target.fault else []

    def _link_faults(self, address: str, *, is_download: bool) -> list[str]:
        target = self._files.target(self._folder, address)
        if target.fault == "elsewhere":
            if target.scheme not in CLICKABLE:
                return [f"links to {address}"]
            return [f"links to {address}, which is not in the site"] if is_download else []
        if target.fault:
            return [f"links to {address}, which {target.fault}"]
        if target.fragment:
            self.fragments.append((address, target.name or self._name, target.fragment))
        return []


def _raw_texts(source: bytes, markup: list[str]) -> list[str]:
    """The upstream texts that stand in the source unescaped, and not only in JSON."""
    try:
        page = source.decode()
    except UnicodeDecodeError:
        return ["is not UTF-8"]
    raw = [text for text in markup if text in page]
    blocks = json_texts(source, DATA_TYPES) if raw else []
    return [
        f"shows the upstream text {text[:SHOWN_LENGTH]!r} as markup"
        for text in raw
        if page.count(text) > sum(block.count(text) for block in blocks)
    ]


def _json_faults(text: str) -> list[str]:
    def refuse(name: str) -> None:
        raise ValueError(name)

    faults = ["has JSON that could end its script"] if "</" in text else []
    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        faults.append("has JSON that does not parse")
    return faults


def _loads_in_css(text: str) -> bool:
    def plain(escape: re.Match[str]) -> str:
        code = int(escape[1], 16) if escape[1] else 0
        return chr(code) if 0 < code < 0x110000 else escape[2] or ""

    # A browser reads `u\72l(` as `url(`.
    return bool(CSS_LOAD.search(CSS_ESCAPE.sub(plain, text)))


def _split(address: str) -> SplitResult | None:
    """The parts as a browser sees them: edges and line breaks dropped, `\\` taken as `/`."""
    seen = re.sub(r"[\t\r\n]", "", address.strip("".join(map(chr, range(33))))).replace("\\", "/")
    try:
        return urlsplit(seen)
    except ValueError:
        return None
