"""The check of texts against a JSON Schema (2020-12): in a process of its own, or in this one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]


def check_json(schema: Mapping[str, Any], texts: Sequence[str]) -> str:
    """Check the first text that is JSON: passed, failed, no_json, or broken (the schema is)."""
    kind = jsonschema.Draft202012Validator
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError:
        return "broken"
    value = None
    for text in texts:
        try:
            value = json.loads(text, parse_constant=_refuse)
            break
        except (ValueError, RecursionError):
            continue
    else:
        return "no_json"
    # A registry of its own: the default one would fetch what a $ref points to.
    validator = kind(schema, registry=REGISTRY)
    try:
        # To the last fault: whether a $ref leads nowhere must not hang on the order of keywords.
        faults = sum(1 for _ in validator.iter_errors(value))
    except Exception:
        return "broken"
    return "failed" if faults else "passed"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
