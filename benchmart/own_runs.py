"""The verbs of own runs: take in, grade again, let judge, replay, reproduce, forget bodies."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from benchmart.errors import OptionError
from benchmart.garbage import uncollected
from benchmart.pipeline import PROJECT, PUBLISHED, SAMPLES
from loaders.errors import RunUnreadable
from loaders.runs.documents import LARGEST_DOCUMENT, config_of, format_of, read_pack, read_run
from loaders.runs.importers import IMPORTERS, Given, find_importer
from loaders.runs.intake import Handed, read_parameter, read_rules, take_in
from loaders.runs.ledger import Ledger, ScoreEvent, Submission, known_packs
from loaders.runs.packs import pack_sha256, read_master, stamp
from loaders.runs.rechecking import recheck_ledger
from loaders.runs.recorded import Result, results
from loaders.runs.replaying import LEVELS, Replayed, replay
from loaders.runs.shapes import PACK_FORMAT, RUN_FORMAT, PackStamp

if TYPE_CHECKING:
    from loaders.runs.judge import Judge

SUFFIXES = (".json", ".eval")
CELL = """
select cell_version_id, reproduce_command, reproduce_gaps
from marts.fct_cells
where starts_with(cell_version_id, ?) or (starts_with(cell_id, ?) and is_latest)
order by is_latest desc, cell_version_id
"""


@dataclass(frozen=True)
class Taken:
    """What came of an intake: the attempts, and packs that were added."""

    attempts: Sequence[Submission]
    packs: Sequence[str]


@uncollected()
def take_in_paths(
    paths: Sequence[Path],
    given: Given,
    *,
    runs: Path,
    master: Path | None,
    now: datetime | None,
) -> Taken:
    """Take in run documents, packs, and what the importers read; every attempt has its verdict.

    Raises OptionError for a path that does not exist, MasterKeyUnusable, LedgerUnusable,
    SeedUnusable; then nothing was taken in.
    """
    for path in paths:
        if not path.exists():
            raise OptionError(f"{path}: does not exist. Name a file or a folder of runs.")
    ledger, moment = Ledger(runs), now or datetime.now(UTC)
    rules = read_rules(PROJECT, master=read_master(master) if master else None)
    _add_packs(ledger, [SAMPLES], moment)
    packs = _add_packs(ledger, paths, moment)
    attempts = take_in(ledger, _handed(paths, given), rules, now=moment)
    forget_bodies(runs=runs, now=moment)
    return Taken(attempts, packs)


def imported(*, nickname: str | None, config_tag: str | None, **given: Any) -> Given:
    """What the command line says of imported runs. Raises OptionError for a tag that is none."""
    try:
        config_of(config_tag)
    except ValueError as error:
        raise OptionError(f"--config-tag: {error}") from error
    return Given(nickname=nickname or "", config_tag=config_tag, **given)


def make_judge(
    base_url: str, model: str, *, api_key_file: Path | None, timeout_s: float
) -> "Judge":
    """A judge at an endpoint. Raises OptionError for an address or key that cannot be used."""
    from loaders.runs.judge import Judge

    try:
        lines = api_key_file.read_text("utf-8").splitlines() if api_key_file else []
        return Judge(base_url, model, lines[0] if lines else None, timeout_s=timeout_s)
    except ValueError as error:
        raise OptionError(f"judge: {error}") from error


def recheck_runs(*, runs: Path, may_execute: bool, now: datetime | None) -> Counter[str]:
    """Grade every kept output that this version of the graders has not; counts by state."""
    return recheck_ledger(Ledger(runs), may_execute=may_execute, now=now or datetime.now(UTC))


def judge_runs(judge: "Judge", *, runs: Path, now: datetime | None) -> Iterator[ScoreEvent]:
    """Let a judge grade every task with a rubric that it has not graded; yields each grade."""
    from loaders.runs.judging import judge_ledger

    return judge_ledger(Ledger(runs), judge, now=now or datetime.now(UTC))


def forget_bodies(*, runs: Path, now: datetime | None) -> list[date]:
    """Delete the bodies that are older than the seed allows; returns the days that went."""
    days = int(read_parameter(PROJECT, "run_retention_days"))
    return Ledger(runs).purge(now=now or datetime.now(UTC), days=days)


def replay_run(name: str, *, level: int, runs: Path, may_execute: bool) -> list[Replayed]:
    """Replay a run of the ledger, or a bundled sample, by the beginning of its hash.

    Raises OptionError when none or several begin so, or for a level that is not offered.
    """
    if level not in LEVELS:
        raise OptionError(
            f"--level {level}: tools are not executed again here, so no third level is offered."
            " Name 1 (hashes) or 2 (graders)."
        )
    found = list(_recorded(name, runs))
    if len({result.run_sha256 for result in found}) > 1:
        raise OptionError(f"{name}: several runs begin so. Write more of the hash.")
    if not found:
        raise OptionError(f"{name}: no accepted run begins so. The page of runs lists them.")
    return list(replay(found, level=level, may_execute=may_execute))


def reproduce_cell(name: str) -> tuple[str, Sequence[str]]:
    """The command that runs a cell again, and the fields that it lacks. Raises OptionError."""
    if not PUBLISHED.exists():
        raise OptionError(f"{PUBLISHED}: there is no warehouse yet. Run `benchmart all --offline`.")
    with duckdb.connect(str(PUBLISHED), read_only=True) as connection:
        found = connection.execute(CELL, [name, name]).fetchall()
    if not found:
        raise OptionError(f"{name}: no cell begins so. The page of cells lists them.")
    if len({row[1] for row in found}) > 1:
        raise OptionError(f"{name}: several cells begin so. Write more of the hash.")
    _, command, gaps = found[0]
    return command, [gap for gap in (gaps or "").split(", ") if gap]


def stamp_pack(path: Path, *, master: Path | None, day: date | None) -> dict[str, Any]:
    """What a run over this pack writes under `pack`; with a master key the stamp of a UTC day."""
    pack = read_pack(path.read_bytes(), name=str(path))
    sha256 = pack_sha256(pack)
    if master is None:
        if day is not None:
            raise OptionError("--day: a stamp needs the master key. Name it with --pack-key-file.")
        return {"pack": pack.pack, "sha256": sha256}
    made: PackStamp = stamp(pack.pack, sha256, day or datetime.now(UTC).date(), read_master(master))
    assert made.day is not None  # noqa: S101
    return {"pack": made.pack, "sha256": made.sha256, "day": str(made.day), "mac": made.mac}


def sign_document(path: Path, key: Path) -> dict[str, Any]:
    """A run document with the signature of an Ed25519 key in PEM."""
    from loaders.runs.signatures import sign_run
    from receipts.signing import read_signing_key

    data = path.read_bytes()
    read_run(data, name=str(path))
    try:
        return sign_run(json.loads(data), read_signing_key(key))
    except ValueError as error:
        raise OptionError(
            f"{path}: holds what JSON cannot say exactly, such as a whole number above 2^53."
        ) from error


def _add_packs(ledger: Ledger, paths: Sequence[Path], now: datetime) -> list[str]:
    packs = {
        pack_sha256(pack): pack
        for path in _files(paths)
        for data in [_read(path)]
        if PACK_FORMAT.encode() in data and format_of(data) == PACK_FORMAT
        for pack in [read_pack(data, name=str(path))]
    }
    with ledger.open() as connection:
        known = known_packs(connection)
        new = {sha256: pack for sha256, pack in packs.items() if sha256 not in known}
        ledger.append_packs(connection, new, now=now)
    return [f"{pack.pack} ({len(pack.tasks)} tasks)" for pack in new.values()]


def _handed(paths: Sequence[Path], given: Given) -> Iterator[Handed]:
    for path in paths:
        yield from _handed_below(path, path.parent, given)


def _handed_below(path: Path, root: Path, given: Given) -> Iterator[Handed]:
    """What a file is, or a folder that an importer knows as a whole; else what is in the folder."""
    if path.is_dir() and not _is_import(path):
        for entry in sorted(path.iterdir()):
            # A link to a folder may lead back to where it lies.
            is_below = entry.is_dir() and not entry.is_symlink()
            if is_below or (entry.is_file() and entry.suffix in SUFFIXES):
                yield from _handed_below(entry, root, given)
        return
    origin = path.relative_to(root).as_posix()
    data = _read(path) if path.is_file() else b""
    kind = format_of(data) or ""
    if kind == PACK_FORMAT:
        return
    if kind.startswith(RUN_FORMAT.partition("/")[0]):
        yield Handed(origin=origin, route="file", data=data, folder=path.parent)
        return
    try:
        importer = find_importer(path)
        if not given.nickname:
            raise RunUnreadable(f"{path}: does not say who ran it. Add --nickname.")
        for run in importer.read(path, given):
            yield Handed(origin=origin, route="file", run=run, importer=importer.name)
    except RunUnreadable as error:
        # Where this machine keeps its files is nobody's business.
        problem = str(error).replace(f"{path}", origin)
        yield Handed(origin=origin, route="file", problem=problem)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        found = [path] if path.is_file() else sorted(path.rglob("*.json"))
        yield from (one for one in found if one.is_file())


def _is_import(path: Path) -> bool:
    return any(importer.recognises(path) for importer in IMPORTERS)


def _read(path: Path) -> bytes:
    """The bytes of a file, and no more than one too many of a huge one."""
    with path.open("rb") as file:
        # As many as there are, for which room is made: the most that is read is a lot of room.
        return file.read(min(path.stat().st_size, LARGEST_DOCUMENT) + 1)


def _recorded(name: str, runs: Path) -> list[Result]:
    """The results of the runs whose hash begins so: of the ledger, else of the samples."""
    ledger = Ledger(runs)
    if ledger.file.exists() and (found := _results_of(ledger, name)):
        return found
    # The bodies of a sample are in its file.
    with tempfile.TemporaryDirectory() as folder:
        sampled, now = Ledger(Path(folder)), datetime.now(UTC)
        _add_packs(sampled, [SAMPLES], now)
        handed = _handed([SAMPLES], Given(nickname="sample"))
        take_in(sampled, handed, read_rules(PROJECT), now=now)
        return _results_of(sampled, name)


def _results_of(ledger: Ledger, name: str) -> list[Result]:
    with ledger.open() as connection:
        found = results(
            connection,
            ledger,
            known_packs(connection),
            condition="starts_with(opened.run_sha256, ?)",
            values=(name,),
        )
        return list(found)
