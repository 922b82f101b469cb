"""One hash over everything that decides what a board looks like."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

METHOD = (
    "dbt_project.yml",
    "profiles.yml",
    "requirements.txt",
    "benchmart",
    "loaders",
    "macros",
    "models",
    "seeds",
    "site_builder",
    "tests/warehouse",
)


def fingerprint(
    project: Path,
    marks: Mapping[str, str],
    *,
    coefficients: Path | None = None,
    aliases: Path | None = None,
) -> str:
    """Hash what each source gave (its mark), the method's files and the files that options name.

    Unchanged fingerprint, unchanged board: a run that meets the one it published has no work.
    """
    digest = hashlib.sha256()
    for name, mark in sorted(marks.items()):
        digest.update(f"source {name} {mark}\n".encode())
    for path in _files(project):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"file {path.relative_to(project).as_posix()} {content}\n".encode())
    for name, given in (("coefficients", coefficients), ("aliases", aliases)):
        if given is not None:
            digest.update(name.encode() + hashlib.sha256(given.read_bytes()).digest())
    return digest.hexdigest()


def _files(project: Path) -> Iterator[Path]:
    for name in METHOD:
        root = project / name
        if root.is_file():
            yield root
        else:
            for path in sorted(root.rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    yield path
