"""Canonical JSON (RFC 8785), hashes, and the wary reading of files that anyone may have written."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import rfc8785

from loaders.errors import one_line
from receipts.errors import InvalidReceipt

LONGEST_VALUE = 80


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value. Raises ValueError for what JSON cannot say exactly."""
    return rfc8785.dumps(value)


def document(value: Any) -> bytes:
    """A file of canonical JSON: the value and a line feed."""
    return canonical(value) + b"\n"


def sha256(data: bytes) -> str:
    """The hash of some bytes, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def cell_of(value: Any) -> Any:
    """A value of the warehouse as JSON says it: decimals and moments are texts, moments in UTC."""
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return [cell_of(item) for item in value]
    return value


def moment_of(text: str, *, name: str) -> datetime:
    """A moment in UTC. Raises InvalidReceipt naming the file that says it."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidReceipt(
            f"{name}: {text!r} is no moment. Write 2026-05-07T00:00:00Z."
        ) from error


def parse_json(data: bytes, *, name: str) -> Any:
    """Read JSON that may be hostile. Raises InvalidReceipt."""
    try:
        return json.loads(data.decode("utf-8"), parse_int=_number)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else one_line(str(error))
        raise InvalidReceipt(f"{name}: is no JSON in UTF-8 ({reason}).") from error


def parse_document(data: bytes, shape: Mapping[str, Any], *, name: str) -> Any:
    """Read a file of canonical JSON and check its shape; any other way to write it is refused."""
    value = parse_json(data, name=name)
    check_shape(value, shape, name=name)
    check_bytes(data, value, name=name)
    return value


def check_bytes(data: bytes, value: Any, *, name: str) -> None:
    """Refuse bytes that are not those of the value's document. Raises InvalidReceipt."""
    try:
        if document(value) == data:
            return
    except (ValueError, RecursionError):
        pass
    raise InvalidReceipt(f"{name}: is not written as canonical JSON; it was changed.")


def check_shape(value: Any, shape: Mapping[str, Any], *, name: str) -> None:
    """Check a value against a JSON Schema. Raises InvalidReceipt naming where it differs."""
    validator = jsonschema.Draft202012Validator(shape)
    try:
        error = next(iter(validator.iter_errors(value)), None)
    except RecursionError as deep:
        raise InvalidReceipt(f"{name}: is nested too deeply.") from deep
    if error is not None:
        reason = error.message
        if len(reason) > LONGEST_VALUE:
            reason = f"{error.validator} is not met"
        raise InvalidReceipt(one_line(f"{name}: {error.json_path}: {reason}."))


def _number(digits: str) -> int | float:
    # Canonical JSON writes a double without a fraction as an integer, however large it is.
    number = int(digits)
    return number if abs(number) < 2**53 else float(digits)
