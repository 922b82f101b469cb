"""Lands the ledger of own runs, and the bundled samples, in the schema `runs` of the warehouse."""

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import LedgerUnusable, RunUnreadable
from loaders.runs.documents import format_of, read_pack, read_run
from loaders.runs.intake import Desk, Handed, Rules
from loaders.runs.ledger import (
    TABLES,
    Ledger,
    ScoreEvent,
    Submission,
    append_rows,
    numbering,
    open_runs_schema,
    pack_row,
)
from loaders.runs.packs import pack_sha256
from loaders.runs.rechecking import recheck_run
from loaders.runs.samples import Samples
from loaders.runs.shapes import PACK_FORMAT, Pack

KEYS = {"submissions": "submission_no", "events": "event_no", "packs": "pack_sha256"}


def land_runs(
    connection: duckdb.DuckDBPyConnection, ledger: Ledger, samples: Samples, rules: Rules
) -> None:
    """Bring the schema `runs` up to the ledger, and put the samples of this version into it.

    Raises RunUnreadable for a sample that is none, LedgerUnusable, and then nothing was landed.
    """
    held = ledger.attached(connection, "ledger") if ledger.file.exists() else nullcontext()
    with held:
        connection.execute("begin")
        try:
            open_runs_schema(connection)
            _land_samples(connection, samples, rules)
            if ledger.file.exists():
                _land_ledger(connection, ledger.file)
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise


def _land_ledger(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    identity = connection.execute("select ledger_id from ledger.meta").fetchone()
    landed = connection.execute("select ledger_id from runs.meta").fetchone()
    if landed is None:
        connection.execute("insert into runs.meta values (?)", identity)
    lost = connection.execute(
        "select count(*) from runs.submissions as landed where not is_sample and not exists ("
        " select 1 from ledger.submissions as kept where kept.submission_no = landed.submission_no"
        " and kept.received_at = landed.received_at"
        " and kept.run_sha256 is not distinct from landed.run_sha256)"
    ).fetchone()
    if landed not in (None, identity) or lost != (0,):
        # No run leaves a board without a decision that says why.
        raise LedgerUnusable(
            f"{path}: is another ledger than the one whose runs are in the warehouse, or lacks"
            " some of them. Nothing was landed; put that ledger back, or move the warehouse away"
            " to start with this one."
        )
    for table, key in KEYS.items():
        connection.execute(
            f"insert into runs.{table} by name select *, false as is_sample"
            f" from ledger.{table} as kept where not exists ("
            f" select 1 from runs.{table} as landed"
            f" where not landed.is_sample and landed.{key} = kept.{key})"
        )


def _land_samples(connection: duckdb.DuckDBPyConnection, samples: Samples, rules: Rules) -> None:
    packs: dict[str, Pack] = {}
    documents: list[tuple[str, bytes]] = []
    for path in samples.files():
        data = path.read_bytes()
        name = str(path.relative_to(samples.folder))
        if format_of(data) == PACK_FORMAT:
            pack = read_pack(data, name=name)
            packs[pack_sha256(pack)] = pack
        else:
            documents.append((name, data))
    submissions, events = _decided(documents, packs, rules)
    sampled = {
        "submissions": map(numbering("submission_no", -1, -1), submissions),
        "events": map(numbering("event_no", 1), events),
        "packs": (pack_row(sha256, pack, added_at=None) for sha256, pack in packs.items()),
    }
    with tempfile.TemporaryDirectory() as scratch:
        for table, rows in sampled.items():
            connection.execute(f"delete from runs.{table} where is_sample")
            append_rows(
                connection,
                f"runs.{table}",
                {**TABLES[table], "is_sample": "boolean"},
                (b'{"is_sample":true,' + row[1:] for row in rows),
                scratch=Path(scratch),
            )


def _decided(
    documents: Sequence[tuple[str, bytes]], packs: dict[str, Pack], rules: Rules
) -> tuple[list[Submission], list[ScoreEvent]]:
    """Samples go through the same desk as every run; they are numbered below zero."""
    desk = Desk(rules=rules, packs=packs)
    submissions: list[Submission] = []
    events: list[ScoreEvent] = []
    runs = [(name, data, read_run(data, name=name)) for name, data in documents]
    for name, data, run in sorted(runs, key=lambda found: (_moment(found[2]), found[0])):
        moment = _moment(run)
        attempt, parted = desk.decide(Handed(origin=name, route="file", data=data), at=moment)
        if parted is None:
            raise RunUnreadable(f"{name}: is no sample: {attempt.problem}")
        submissions.append(attempt)
        events += recheck_run(parted, packs, decided_at=moment)
    return submissions, events


def _moment(run: Any) -> datetime:
    moment: datetime = run.finished_at or run.started_at
    return moment.astimezone(UTC)
