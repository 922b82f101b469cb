"""Puts the folders of snapshots beside the pages; what stands in them is not trusted."""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from site_builder.marts import Row

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Nothing that a browser would run: a page from an old folder would speak in the name of the site.
FILE = re.compile(r"SHA256SUMS|[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.(?:json|parquet|csv|toml)")
RECEIPT = "receipt.json"
FOLDER = "snapshots"


@dataclass(frozen=True)
class Download:
    """A file of a snapshot that lies beside the pages."""

    name: str
    size: int


def is_day(name: str) -> bool:
    """Whether a name is that of a snapshot, and so safe in a path."""
    return DAY.fullmatch(name) is not None


def receipts_of(folder: Path) -> list[tuple[str, str]]:
    """The day and the hash of the receipt of every snapshot in a folder."""
    days = sorted(path for path in folder.glob("*") if is_day(path.name))
    return [
        (day.name, hashlib.sha256((day / RECEIPT).read_bytes()).hexdigest())
        for day in days
        if (day / RECEIPT).is_file()
    ]


def link_snapshots(rows: list[Row], folder: Path, site: Path) -> dict[str, list[Download]]:
    """Link the files of each known snapshot into `site/snapshots`; by receipt, the receipt first.

    A folder counts when its receipt is the one that the warehouse knows. What is no plain file
    with a plain name stays behind.
    """
    found: dict[str, list[Download]] = {}
    for row in rows:
        source = folder / row["snapshot_date"] if is_day(row["snapshot_date"]) else None
        sha256 = row["receipt_sha256"]
        if source is None or sha256 in found or not _is_receipt(source, sha256):
            continue
        target = site / FOLDER / row["snapshot_date"]
        target.mkdir(parents=True)
        found[sha256] = list(_link(source, target))
    return found


def _is_receipt(folder: Path, sha256: str) -> bool:
    receipt = folder / RECEIPT
    if folder.is_symlink() or receipt.is_symlink() or not receipt.is_file():
        return False
    return hashlib.sha256(receipt.read_bytes()).hexdigest() == sha256


def _link(source: Path, target: Path) -> Iterator[Download]:
    with os.scandir(source) as entries:
        files = [
            entry
            for entry in entries
            if FILE.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
        ]
    for entry in sorted(files, key=lambda entry: (entry.name != RECEIPT, entry.name)):
        copy = target / entry.name
        try:
            os.link(entry.path, copy)
        except OSError:
            # Another disk, or a system that links nothing.
            shutil.copyfile(entry.path, copy)
        yield Download(entry.name, copy.stat().st_size)
