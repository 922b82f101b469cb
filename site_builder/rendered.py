"""What was rendered, and whether it lies there as it was: unchanged outputs are not made again."""

import hashlib
import json
from pathlib import Path
from typing import Any

from site_builder.downloads import SUMS
from site_builder.marts import Row, board_of
from site_builder.snapshot_files import FOLDER, receipts_of

HERE = Path(__file__).resolve().parent
CHANGELOG = HERE.parent / "CHANGELOG.md"
MANIFEST = "board.json"
LINEAGE = "lineage.html"
# How the fingerprint of such a build begins.
IN_PLACE = "built in place"


def made_of(board: Row, *, generator: str, snapshots: Path | None) -> str:
    """Hash of all that decides about the outputs: the board, this package, snapshots beside it.

    The same board is the same outputs, whichever run made it; only a build in place, which may be
    of a part of the warehouse, is known by its run.
    """
    about = {key: value for key, value in board.items() if key != "fingerprint"}
    if board["fingerprint"].startswith(IN_PLACE):
        about["fingerprint"] = board["fingerprint"]
    digest = hashlib.sha256(f"{generator} {code_sha256()} {sorted(about.items())}\n".encode())
    for day, receipt in receipts_of(snapshots) if snapshots is not None else ():
        digest.update(f"snapshot {day} {receipt}\n".encode())
    return digest.hexdigest()


def code_sha256() -> str:
    """Hash of this package, its templates and the changelog."""
    digest = hashlib.sha256()
    code = [path for path in sorted(HERE.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    for path in (*code, *([CHANGELOG] if CHANGELOG.exists() else [])):
        digest.update(f"{path.name} {_sha256(path)}\n".encode())
    return digest.hexdigest()


def manifest_of(out: Path, **said: str) -> dict[str, Any]:
    """What `board.json` says: what the outputs are of, and every file with its hash.

    Folders of snapshots are not among them: they never change, and bring their own hashes. Nor is
    the page of lineage, whose place the docs site of dbt may take later.
    """
    site = out / "site"
    # Downloads are most of the bytes, and were hashed a moment ago.
    known = _sums(site)
    files = {
        path.relative_to(out).as_posix(): known.get(path) or _sha256(path)
        for path in sorted(out.rglob("*"))
        if path.is_file() and not path.is_relative_to(site / FOLDER) and path != site / LINEAGE
    }
    return {**said, "snapshots": _linked(out), "files": files}


def is_rendered(
    database: Path, out: Path, *, generator: str, with_site: bool, snapshots: Path | None
) -> bool:
    """Whether every output of the board lies in `out` as this package would write it.

    Raises MartsError without a warehouse.
    """
    board = board_of(database)
    mark = made_of(board, generator=generator, snapshots=snapshots)
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        files = dict(manifest["files"])
        return (
            (manifest["board_id"], manifest["made_of"]) == (board["board_id"], mark)
            and manifest["snapshots"] == _linked(out)
            and (not with_site or "site/index.html" in files)
            and all(_sha256(out / name) == sha256 for name, sha256 in files.items())
        )
    except (OSError, ValueError, KeyError, TypeError):
        # Not readable means not whole; rendering again is the repair.
        return False


def _sums(site: Path) -> dict[Path, str]:
    """The hash of each download of a site."""
    if not (site / SUMS).exists():
        return {}
    lines = (site / SUMS).read_text(encoding="utf-8").splitlines()
    return {site / path: sha256 for sha256, _, path in (line.partition("  ") for line in lines)}


def _linked(out: Path) -> dict[str, str]:
    """The hash of the receipt of each snapshot that lies beside the pages."""
    return dict(receipts_of(out / "site" / FOLDER))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
