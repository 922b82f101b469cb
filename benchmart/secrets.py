"""Reads the keys that sources ask for: from files, the environment, or `.env`."""

from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from benchmart.errors import OptionError


def read_secrets(
    names: Mapping[str, str],
    *,
    files: Mapping[str, Path],
    environment: Mapping[str, str],
    dotenv: Path,
) -> dict[str, str]:
    """The keys that are set, by variable; `names` gives the option that names a file for each.

    A file goes before the environment, and that before `.env`. Raises OptionError naming where a
    bad key stands, and never the key.
    """
    beside = _beside(dotenv)
    found = {}
    for name, option in names.items():
        if name in files:
            key, where = _first_line(files[name], option), f"{option}: {files[name]}"
        elif set_here := environment.get(name):
            key, where = set_here, f"the environment variable {name}"
        else:
            key, where = beside.get(name) or "", f"{dotenv}: {name}"
        if key.strip():
            found[name] = _usable(key.strip(), where)
    return found


def _first_line(path: Path, option: str) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise OptionError(
            f"{option}: {path} cannot be read ({reason}). Name a file whose first line is the key."
        ) from None
    if not lines or not lines[0].strip():
        raise OptionError(f"{option}: the first line of {path} is empty. Write the key there.")
    return lines[0]


def _beside(dotenv: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(dotenv, interpolate=False) if dotenv.is_file() else {}
    except (OSError, UnicodeDecodeError):
        raise OptionError(
            f"{dotenv}: cannot be read. Save it as UTF-8 with one NAME=value a line."
        ) from None


def _usable(key: str, where: str) -> str:
    # A key with other characters would break the request, in an error that quotes the key.
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise OptionError(
            f"{where}: the key holds characters that no key has. Save it again as one plain line."
        )
    return key
