"""Whatever stands in a payload, a parser refuses it with a reason or hands on rows."""

import copy
import json
import random

import pytest

from loaders.registry import SOURCES
from loaders.rsc import stream_of
from tests.loaders.conftest import body_of

HOSTILE = (
    None, True, -1, 1e308, "", "x" * 5000, "\u202e", "=1+1", "<script>", [], {}, [[]], [{}],
    {"a": {"b": []}}, ["x", 1], 10**400,
)  # fmt: skip
ROUNDS = 150


def places(node, path=()):
    """Every path into a document, ends and branches alike."""
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from places(value, (*path, key))
    elif isinstance(node, list):
        for index in (0, len(node) // 2, len(node) - 1) if node else ():
            yield from places(node[index], (*path, index))


def planted(document, path, value):
    if not path:
        return value
    changed = copy.deepcopy(document)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


def document_of(source):
    """The payload as data, and how to make a payload of data again."""
    body = body_of(source.source_key)
    if source.file.endswith(".json"):
        return json.loads(body), lambda document: json.dumps(document).encode()
    page = body.decode()
    stream = stream_of(page)
    key = {"entries": "entries", "items": "items", "runs": "rows"}[source.endpoints[0]]
    start = stream.index(f'"{key}":[') + len(key) + 3
    rows, end = json.JSONDecoder().raw_decode(stream, start)

    def rebuild(document):
        text = json.dumps(stream[:start] + json.dumps(document) + stream[end:])
        above = page[: page.index("<script>self.__next_f.push([1,")]
        return (f"{above}<script>self.__next_f.push([1,{text}])</script>").encode()

    return rows, rebuild


@pytest.mark.parametrize(
    "source",
    [source for source in SOURCES if not source.file.endswith(".csv")],
    ids=lambda source: source.source_key,
)
def test_a_planted_value_is_refused_or_read(source):
    document, rebuild = document_of(source)
    assert source.parse(rebuild(document))
    generator = random.Random(source.source_key)
    spots = list(places(document))
    read = refused = 0
    for _ in range(ROUNDS):
        changed = planted(document, generator.choice(spots), generator.choice(HOSTILE))
        try:
            rows = source.parse(rebuild(changed))
            read += 1
            assert all(isinstance(row, dict) for found in rows.values() for row in found)
        except (ValueError, RecursionError):
            refused += 1
    assert read and refused, (read, refused)
