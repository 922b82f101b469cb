"""Walks the elements of a page, a picture or a feed as a browser would see them.

An element is judged by its lower-case name, its attributes and its text. One that is at fault
explains itself; an element that no template of ours uses is a fault in itself, which catches
upstream markup that was not escaped.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.parsers import expat

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

# What the templates use. Elements that embed, play, animate or write the page anew stay out.
ALLOWED = frozenset({
    "a", "aside", "b", "bdi", "body", "br", "button", "caption", "code", "col", "colgroup",
    "datalist", "dd", "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "head", "header", "html", "i", "img", "input",
    "label", "legend", "li", "link", "main", "meta", "nav", "ol", "optgroup", "option", "output",
    "p", "pre",
    "script", "section", "select", "small", "span", "style", "summary", "table", "tbody", "td",
    "template", "tfoot", "th", "thead", "time", "title", "tr", "ul",
    "circle", "clippath", "defs", "desc", "g", "line", "marker", "path", "pattern", "polygon",
    "polyline", "rect", "svg", "text", "tspan", "use",
})  # fmt: skip
ADDRESSES = frozenset({"src", "href", "xlink:href", "poster", "background", "manifest"})
# Attributes that load, send or embed, and that no page here needs; xml:base turns every address.
REFUSED = frozenset(
    {
        "srcset",
        "imagesrcset",
        "srcdoc",
        "ping",
        "attributionsrc",
        "action",
        "formaction",
        "xml:base",
    }
)
# Attributes of SVG that are read as styles.
PAINTS = frozenset({
    "clip-path", "cursor", "fill", "filter", "marker-end", "marker-mid", "marker-start", "mask",
    "stroke",
})  # fmt: skip
TEXTS = frozenset({"script", "style"})

# One regular expression over the source finds candidates, and the parser decides what they are.
TAG = re.compile(rb"<([a-z][^\s/>]*)")
HANDLER = re.compile(rb"on(?<=[\s\"'/]on)[a-z]+")
# A browser drops a frame within a body, but the page still meant to load it.
FRAME = re.compile(rb"<frame", re.IGNORECASE)

NAMESPACES = {
    "http://www.w3.org/1999/xlink": "xlink:",
    "http://www.w3.org/XML/1998/namespace": "xml:",
}

Judge = Callable[[str, dict[str, str], str], list[str]]


def html_faults(source: bytes, judge: Judge) -> list[str]:
    """What the judge finds at the elements of a page, and the elements that are not allowed.

    The content of a `template` is judged as if it stood in the page. That of a `noscript` is
    markup or text, whichever a browser's settings say, so the element itself is never allowed.
    """
    lower = source.lower()
    # Without the events, by which an element only copies what stands elsewhere: half the time.
    tree = LexborHTMLParser(
        FRAME.sub(b"<frame-", source) if b"<frame" in lower else source,
        options=LexborDocumentOptions.WO_EVENTS,
    )
    has_strangers = any(tag.decode("latin-1") not in ALLOWED for tag in set(TAG.findall(lower)))
    selector = "*" if has_strangers else _selector(lower)
    faults: list[str] = []
    strangers: list[tuple[int, str]] = []
    explained: set[int] = set()
    roots = [tree.root, *_fragments(tree)] if b"<template" in lower else [tree.root]
    for node in (node for root in roots if root is not None for node in root.css(selector)):
        tag = (node.tag or "").lower().replace("frame-", "frame")
        values = {name: value or "" for name, value in node.attributes.items()}
        found = judge(tag, values, node.text() if tag in TEXTS else "")
        faults += found
        if tag not in ALLOWED:
            strangers.append((node.mem_id, tag))
        if found:
            explained.update(_line_of(node))
    return faults + _strange(tag for key, tag in strangers if key not in explained)


def json_texts(source: bytes, types: frozenset[str]) -> list[str]:
    """The texts of the script elements of these types."""
    scripts = LexborHTMLParser(source).css("script")
    return [node.text() for node in scripts if node.attributes.get("type") in types]


def xml_faults(source: bytes, judge: Judge, allowed: frozenset[str] | None = None) -> list[str]:
    """The same for a picture or a feed, which must be well-formed; any element goes without a list.

    A DOCTYPE may declare entities that grow or read files, and an instruction may name a style.
    """
    faults: list[str] = []
    strangers: list[str] = []
    # Name, attributes, texts, and whether a fault is explained at or below it.
    above: list[tuple[str, dict[str, str], list[str], list[str]]] = []

    def start(name: str, values: dict[str, str]) -> None:
        plain = {_prefixed(key): value for key, value in values.items()}
        above.append((name.rpartition(" ")[2].lower(), plain, [], []))

    def data(text: str) -> None:
        above[-1][2].append(text)

    def end(_: str) -> None:
        tag, values, texts, below = above.pop()
        found = judge(tag, values, "".join(texts))
        faults.extend(found)
        if allowed is not None and tag not in allowed and not (found or below):
            strangers.append(tag)
        if above:
            above[-1][3].extend(found or below)

    def refuse(*_: Any) -> None:
        raise _RefusedError

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(source, True)
    except _RefusedError:
        return ["has a DOCTYPE or an instruction"]
    except expat.ExpatError as error:
        return [f"is not well-formed: {error}"]
    return faults + _strange(strangers)


class _RefusedError(Exception):
    pass


def _selector(lower: bytes) -> str:
    """Selects every element that the judge has a word on, in a page of allowed elements."""
    names = {"id", "http-equiv"} | ADDRESSES | REFUSED
    names |= {name.decode() for name in set(HANDLER.findall(lower))}
    attributes = [f"[{name}]".replace(":", "\\:") for name in sorted(names)]
    # No style loads without one of these: `url(`, `@import`, or an escape of either.
    attributes += [f'[style*="{sign}"]' for sign in ("(", "@", "\\\\")]
    if b"<svg" in lower:
        attributes += [f'[{name}*="("]' for name in sorted(PAINTS)]
    return f":is({','.join([*attributes, *sorted(TEXTS)])})"


def _fragments(root: LexborHTMLParser | LexborNode) -> Iterator[LexborNode]:
    for fragment in root.template_fragments():
        yield fragment
        yield from _fragments(fragment)


def _line_of(node: LexborNode | None) -> Iterator[int]:
    while node is not None:
        yield node.mem_id
        node = node.parent


def _strange(tags: Iterable[str]) -> list[str]:
    return [f"has an element {tag}" for tag in dict.fromkeys(tags)]


def _prefixed(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return NAMESPACES.get(namespace, namespace and f"{namespace} ") + local
