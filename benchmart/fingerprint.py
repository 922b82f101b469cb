"""Hashes of what decides about a board: the method, its seeds, and what each source gave."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# What dbt works with; it is kept with every published board.
WAREHOUSE = (
    "dbt_project.yml",
    "macros",
    "models",
    "profiles.yml",
    "seeds",
    "tests/warehouse",
)
CODE = ("benchmart", "loaders", "requirements.txt", "site_builder")


def method_sha256(project: Path, method: Path, options: Mapping[str, Path]) -> str:
    """Hash the code of `project`, the warehouse files of `method` and the files of options."""
    return _hash(
        [*_named(project, CODE), *_named(method, WAREHOUSE), *sorted(options.items())],
    )


def seeds_sha256(method: Path, options: Mapping[str, Path]) -> str:
    """Hash the seeds, and the files that options bring beside them."""
    return _hash([*_named(method, ("seeds",)), *sorted(options.items())])


def fingerprint(method: str, marks: Mapping[str, str]) -> str:
    """Hash the method's hash and what each source gave (its mark).

    Unchanged fingerprint, unchanged board: a run that meets the one it published has no work.
    """
    digest = hashlib.sha256(f"method {method}\n".encode())
    for name, mark in sorted(marks.items()):
        digest.update(f"source {name} {mark}\n".encode())
    return digest.hexdigest()


def warehouse_files(method: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of every file that dbt works with."""
    return _named(method, WAREHOUSE)


def _hash(files: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"file {name} {content}\n".encode())
    return digest.hexdigest()


def _named(root: Path, names: Iterable[str]) -> Iterator[tuple[str, Path]]:
    for name in names:
        for path in _files(root / name):
            yield path.relative_to(root).as_posix(), path


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for entry in sorted(path.rglob("*")):
        if entry.is_file() and entry.suffix != ".pyc":
            yield entry
