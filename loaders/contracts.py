"""Checks that a payload is what its source promises, before anything of it is landed.

Every check raises ValueError with the reason; the caller knows the source and the file.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

Row = Mapping[str, Any]
USABLE_SHARE = 0.8
KEPT_SHARE = 0.6


def text_of(body: bytes) -> str:
    """Decode a body as UTF-8, strictly: a replaced character could change a name."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} stands where a number was expected")


def _finite(text: str) -> float:
    # Python reads 1e999 as infinity without a word.
    figure = float(text)
    return figure if math.isfinite(figure) else _refuse(text)


DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)


def json_of(body: bytes) -> Row:
    """Parse a JSON object; NaN and Infinity are refused, HTML is named as such."""
    text = text_of(body)
    if text.lstrip()[:1] == "<":
        raise ValueError("HTML came where JSON was expected")
    try:
        document = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the JSON breaks off or is damaged at character {error.pos}") from error
    if not isinstance(document, dict):
        raise ValueError("the JSON is not an object")
    return document


def text_of_row(row: Row, ordinal: int) -> str:
    """A row as compact JSON; numbers keep their value, texts their characters."""
    text = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"row {ordinal} holds half of a character pair") from error
    return text


def rows_at(document: Row, container: str) -> list[Row]:
    """The list of objects under one key of the document."""
    if container not in document:
        raise ValueError(f"the key {container!r} is missing")
    return objects(document[container], container)


def objects(rows: object, container: str) -> list[Row]:
    """The same rows, once they are a list of objects."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"{container!r} is not a list of rows")
    return rows


def require_floor(count: int, floor: int, what: str = "rows") -> None:
    """Fewer than the floor means a broken page, not a small board."""
    if count < floor:
        raise ValueError(f"{count} {what}, and at least {floor} are expected")


def require_stated(count: int, stated: int | None) -> None:
    """As many rows as are stated elsewhere: a file cut at the end of a row shows here."""
    if stated is not None and count != stated:
        raise ValueError(f"{count} rows, and {stated} are stated")


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
        figure = float(value)
    except (TypeError, ValueError):
        return None
    except OverflowError:
        raise ValueError(f"{path} is too large for a number") from None
    if not math.isfinite(figure):
        raise ValueError(f"{path} is {value}, which is no figure")
    return figure


def has_text(row: Row, name: str) -> bool:
    """Whether the field holds text that is not blank."""
    value = row.get(name)
    return isinstance(value, str) and bool(value.strip())
