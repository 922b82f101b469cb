"""Checks that a payload is what its source promises, before anything of it is landed.

Every check raises ValueError with the reason; the caller knows the source and the file.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
USABLE_SHARE = 0.8
KEPT_SHARE = 0.6


def text_of(body: bytes) -> str:
    """Decode a body as UTF-8, strictly: a replaced character could change a name."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error


def json_of(body: bytes) -> Any:
    """Parse a JSON body; NaN and Infinity are refused, HTML is named as such."""
    text = text_of(body)
    if text.lstrip()[:1] == "<":
        raise ValueError("HTML came where JSON was expected")
    return parsed(text)


def parsed(text: str) -> Any:
    """Parse JSON text; NaN and Infinity are no figures."""

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} stands where a number was expected")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise ValueError(f"the JSON breaks off or is damaged at character {error.pos}") from error


def rows_at(document: Any, container: str) -> list[Row]:
    """The list of objects under one key of the document."""
    if not isinstance(document, Mapping) or container not in document:
        raise ValueError(f"the key {container!r} is missing")
    return objects(document[container], container)


def objects(rows: Any, container: str) -> list[Row]:
    """The same rows, once they are a list of objects."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"{container!r} is not a list of rows")
    return rows


def require_floor(count: int, floor: int, what: str = "rows") -> None:
    """Fewer than the floor means a broken page, not a small board."""
    if count < floor:
        raise ValueError(f"{count} {what}, and at least {floor} are expected")


def require_no_shrink(count: int, previous: int) -> None:
    """A board does not lose two fifths of its rows between two fetches."""
    if count < KEPT_SHARE * previous:
        raise ValueError(
            f"{count} rows, and the last good payload had {previous}; "
            "pass --accept-shrink with the source if that is right"
        )


def require_usable(rows: Sequence[Row], is_usable: Callable[[Row], bool]) -> None:
    """Most rows have a name and a number; renamed fields show here."""
    usable = sum(1 for row in rows if is_usable(row))
    if usable < USABLE_SHARE * len(rows):
        raise ValueError(
            f"only {usable} of {len(rows)} rows have a name and a number; a field may be renamed"
        )


def require_ranges(rows: Iterable[Row], ranges: Mapping[str, tuple[float, float]]) -> None:
    """Every figure lies in its range; a changed unit shows here."""
    for ordinal, row in enumerate(rows):
        for path, (low, high) in ranges.items():
            figure = number_at(row, path)
            if figure is not None and not low <= figure <= high:
                raise ValueError(f"row {ordinal}: {path} is {figure}, outside {low} to {high}")


def number_at(row: Row, path: str) -> float | None:
    """A number or numeric string at a dotted path; None where there is none."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    if isinstance(value, bool) or value is None:
        return None
    try:
        figure = float(value.removesuffix("%") if isinstance(value, str) else value)
    except (TypeError, ValueError):
        return None
    if not math.isfinite(figure):
        raise ValueError(f"{path} is {value}, which is no figure")
    return figure


def has_text(row: Row, name: str) -> bool:
    """Whether the field holds text that is not blank."""
    value = row.get(name)
    return isinstance(value, str) and bool(value.strip())
