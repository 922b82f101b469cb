"""What `diff` can compare: a moment, a coefficients file, a snapshot, a scoreboard.toml, or now."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmart.errors import HistoryError, OptionError
from benchmart.kept_boards import is_snapshot
from benchmart.moments import day_or_moment

NOW = "now"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two boards: of a moment, of a coefficients file, kept in a file, or of now."""

    text: str
    as_of: datetime | None = None
    coefficients: Path | None = None
    kept: Path | None = None


def read_side(text: str) -> Side:
    """Tell what a person means. Raises OptionError naming the ways to say it."""
    path = Path(text)
    if text == NOW:
        return Side(text=text)
    if is_snapshot(path):
        return Side(text=text, kept=path)
    if path.suffix == ".toml":
        is_board = "schema_version" in _toml(path)
        return Side(text=text, kept=path) if is_board else Side(text=text, coefficients=path)
    try:
        return Side(text=text, as_of=day_or_moment("diff", text))
    except OptionError as error:
        raise OptionError(
            f"diff: {text!r} is no board. Name a day or moment, the folder of a snapshot, a "
            "scoreboard.toml, a coefficients file, or now."
        ) from error


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HistoryError(f"{path}: cannot be read ({error.strerror}). Name another.") from error
    except (ValueError, RecursionError) as error:
        raise HistoryError(f"{path}: is no TOML ({error}). Correct it, or name another.") from error
