"""Plays every upstream from the recordings: an address in, the answer that it would give."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx

from loaders.registry import SOURCES
from tests.loaders.conftest import body_of


def arena_rows(config):
    document = json.loads(body_of("lmarena"))
    return [row for page in document["configs"][config] for row in page["rows"]]


def arena_page(query):
    """A page of the rows endpoint, a hundred rows at most."""
    rows = arena_rows(query["config"][0])
    start = int(query["offset"][0])
    length = min(100, int(query["length"][0]))
    return {
        "features": [],
        "rows": rows[start : start + length],
        "num_rows_total": len(rows),
        "num_rows_per_page": 100,
        "partial": False,
    }


def play(request: httpx.Request) -> httpx.Response:
    """The answer of an upstream in good health."""
    parts = urlsplit(str(request.url))
    query = parse_qs(parts.query)
    if parts.hostname == "datasets-server.huggingface.co":
        if parts.path == "/first-rows":
            rows = arena_rows(query["config"][0])[:100]
            return httpx.Response(200, json={"rows": rows, "truncated": True})
        return httpx.Response(200, json=arena_page(query))
    if parts.hostname == "arcprize.org":
        name = parts.path.removesuffix(".json").rpartition("/")[2]
        return httpx.Response(200, json=json.loads(body_of("arc_agi"))[name])
    for source in SOURCES:
        if source.url == str(request.url):
            return httpx.Response(200, content=body_of(source.source_key))
    return httpx.Response(404)
