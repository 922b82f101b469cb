"""Plays every upstream from its recording, or from another body in the same shape."""

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import httpx

from loaders.registry import SOURCES
from tests.loaders.conftest import body_of


def arena_rows(config, body):
    document = json.loads(body)
    return [row for page in document["configs"][config] for row in page["rows"]]


def arena_page(query, body):
    """A page of the rows endpoint, a hundred rows at most."""
    rows = arena_rows(query["config"][0], body)
    start = int(query["offset"][0])
    length = min(100, int(query["length"][0]))
    return {
        "features": [],
        "rows": rows[start : start + length],
        "num_rows_total": len(rows),
        "num_rows_per_page": 100,
        "partial": False,
    }


def as_json(document):
    """As an upstream may write it that knows no better: httpx would refuse NaN."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return httpx.Response(200, content=text.encode("utf-8", "surrogatepass"))


def source_of(url: str) -> str | None:
    """The source that an address belongs to, whichever of its requests it is."""
    parts = urlsplit(url)
    if parts.hostname == "datasets-server.huggingface.co":
        return "lmarena"
    if parts.hostname == "arcprize.org":
        return "arc_agi"
    for source in SOURCES:
        if url.rstrip("/") in (source.url, source.url.replace("/main/", "/master/")):
            return source.source_key
    return None


def play(request: httpx.Request, bodies: Mapping[str, bytes] | None = None) -> httpx.Response:
    """The answer of an upstream in good health; `bodies` replaces what it has to say."""
    url = str(request.url)
    source_key = source_of(url)
    if source_key is None or "/master/" in url:
        return httpx.Response(404)
    body = (bodies or {}).get(source_key) or body_of(source_key)
    parts = urlsplit(url)
    if source_key == "lmarena":
        query = parse_qs(parts.query)
        if parts.path == "/first-rows":
            rows = arena_rows(query["config"][0], body)[:100]
            return as_json({"rows": rows, "truncated": True})
        return as_json(arena_page(query, body))
    if source_key == "arc_agi":
        name = parts.path.removesuffix(".json").rpartition("/")[2]
        return as_json(json.loads(body)[name])
    return httpx.Response(200, content=body)
