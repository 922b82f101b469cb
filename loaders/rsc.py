"""Reads the rows that a Next.js page streams into itself."""

import json
import re
from typing import Any

from loaders.contracts import DECODER

# One push a match; written so that no body, however long, makes the expression go back.
PUSH = re.compile(r'self\.__next_f\.push\(\[1,("[^"\\]*(?:\\.[^"\\]*)*")\]\)')


def stream_of(page: str) -> str:
    """Join the bodies of every push in document order: a push may end inside a row.

    Raises ValueError when the page holds no push at all.
    """
    bodies = [json.loads(match.group(1)) for match in PUSH.finditer(page)]
    if not bodies:
        raise ValueError("the page streams no data")
    # A push may end between the two halves of one character.
    return "".join(bodies).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def array_after(stream: str, key: str, required: frozenset[str]) -> list[Any]:
    """The first array under `key` whose first element has the required fields.

    The stream as a whole is not JSON, so only the array itself is parsed. Raises ValueError when
    there is none, and when the only one breaks off.
    """
    reason = f"no list {key!r} with the fields {', '.join(sorted(required))}"
    marker = f'"{key}":['
    position = stream.find(marker)
    while position >= 0:
        try:
            array, _ = DECODER.raw_decode(stream, position + len(marker) - 1)
        except json.JSONDecodeError as error:
            # Records that are no JSON may hold the key too: a later one can still be whole.
            array, reason = [], f"the list {key!r} breaks off at character {error.pos}"
        if array and isinstance(array[0], dict) and required <= array[0].keys():
            rows: list[Any] = _without_references(array)
            return rows
        position = stream.find(marker, position + 1)
    raise ValueError(reason)


def _without_references(value: object) -> Any:
    """A text that starts with `$` points elsewhere in the stream; `$$` is a real dollar sign."""
    if isinstance(value, str):
        if value.startswith("$$"):
            return value[1:]
        return None if value.startswith("$") else value
    if isinstance(value, dict):
        return {name: _without_references(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_references(item) for item in value]
    return value
