"""Reads a coefficients file: the seeds of the method as TOML, for one run."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from benchmart.errors import CoefficientsError

# Only shares of a set count; what is larger is a slip.
MOST_WEIGHT = 1_000_000
LEVELS = {
    "composite_weights": "composite",
    "group_weights": "group",
    "role_weights": "role",
}


@dataclass(frozen=True)
class Weight:
    """One weight of a set that replaces the seed's set of the same parent."""

    level: str
    parent_key: str
    input_key: str
    weight: float


@dataclass(frozen=True)
class Coefficients:
    """What a run changes about the method; empty means the seeds as they are."""

    weights: tuple[Weight, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    origin: str = ""


def read_coefficients(path: Path) -> Coefficients:
    """Read a file in the shape of `out/coefficients.toml`.

    Whether the sets fit the catalogue and sum to one is checked in the warehouse, as for the
    seeds. Raises CoefficientsError, which names the file, the row and the remedy.
    """

    def fault(row: str, problem: str) -> CoefficientsError:
        return CoefficientsError(
            f"{path}: {row}: {problem}. "
            "Start from the coefficients.toml of a run and change its numbers."
        )

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CoefficientsError(
            f"{path}: cannot be read ({error.strerror}). Name an existing file with --coefficients."
        ) from error
    except (ValueError, RecursionError) as error:
        raise fault("the file", f"is not valid TOML ({error})") from error

    weights: list[Weight] = []
    parameters: list[tuple[str, str]] = []
    for table, content in document.items():
        if table in LEVELS and isinstance(content, dict):
            for parent, inputs in content.items():
                row = f"[{table}.{parent}]"
                if not isinstance(inputs, dict) or not inputs:
                    raise fault(row, "must be a table of weights")
                for key, weight in inputs.items():
                    if (
                        isinstance(weight, bool)
                        or not isinstance(weight, int | float)
                        or not 0 <= weight <= MOST_WEIGHT
                    ):
                        raise fault(
                            f"{row} {key}",
                            f"{repr(weight)[:40]} is no weight from 0 to {MOST_WEIGHT:,}",
                        )
                    weights.append(Weight(LEVELS[table], parent, key, float(weight)))
        elif table == "parameters" and isinstance(content, dict):
            for key, value in content.items():
                if isinstance(value, bool) or not isinstance(value, int | float | str):
                    raise fault(f"[parameters] {key}", f"{value!r} is neither number nor text")
                parameters.append((key, str(value)))
        elif isinstance(content, dict):
            known = ", ".join([*LEVELS, "parameters"])
            raise fault(f"[{table}]", f"is not one of {known}")
    return Coefficients(tuple(weights), tuple(parameters), str(path))
