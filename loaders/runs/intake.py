"""Takes runs in: every attempt gets its verdict and a row, whatever becomes of it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb
import msgspec
from msgspec.structs import replace

from loaders.errors import RunUnreadable, SeedUnusable, one_line
from loaders.runs.documents import Parted, part, read_run
from loaders.runs.ledger import EVENTS, Ledger, Submission, next_no, numbering, row_file
from loaders.runs.limits import Attempt, Limits, Windows, read_limits
from loaders.runs.packs import CLOCK_TOLERANCE, pack_verdict
from loaders.runs.rechecking import recheck_run
from loaders.runs.seeds import read_seed
from loaders.runs.shapes import Pack, Run
from loaders.runs.signatures import TrustedRunKey, read_trusted_keys, signature_verdict
from loaders.runs.transcripts import with_transcripts

SIGNATURES = {
    "unknown_key": "its signature is of a key that run_trusted_keys does not list for that moment.",
    "bad_signature": "its signature is not one over this run; one of them was changed.",
    "retired_key": "its signature is of a key that no longer counts.",
}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What attempts are held to: the seeds, and the master key of the packs if there is one."""

    limits: Limits
    trusted_keys: Sequence[TrustedRunKey]
    grace_min: int
    master: bytes | None = None


def read_rules(project: Path, *, master: bytes | None = None) -> Rules:
    """The rules as the seeds of a project have them. Raises SeedUnusable."""
    runs = project / "seeds" / "runs"
    return Rules(
        limits=read_limits(runs / "run_limits.csv"),
        trusted_keys=read_trusted_keys(runs / "run_trusted_keys.csv"),
        grace_min=int(read_parameter(project, "run_pack_grace_minutes")),
        master=master,
    )


def read_parameter(project: Path, key: str) -> float:
    """A number of the seed parameters. Raises SeedUnusable when it is absent or none."""
    path = project / "seeds" / "coefficients" / "parameters.csv"
    columns = ("parameter_key", "parameter_value", "lowest", "highest", "rationale")
    for row in read_seed(path, columns):
        if row.cells["parameter_key"] == key:
            try:
                return float(row.text("parameter_value"))
            except ValueError:
                row.refuse(f"{key} is no number. Write one.")
    raise SeedUnusable(f"{path}: has no row {key}. Restore it from the repository.")


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What is handed in: the bytes of a run document, or the run that an importer read.

    `folder` is where transcripts lie that the document refers to; without one none are read.
    `problem` says why there is nothing to read.
    """

    origin: str
    route: Literal["http", "file"]
    data: bytes | None = None
    run: Run | None = None
    importer: str | None = None
    ip_hash: str | None = None
    folder: Path | None = None
    problem: str | None = None


@dataclass
class Desk:
    """Decides about attempts one after the other, as the ledger stands and the rules say.

    The checks come in a fixed order, and the first that refuses ends them: schema, duplicate,
    pack, signature, rate limit. (The sixth, the state of the judge, is known only later.)
    """

    rules: Rules
    packs: Mapping[str, Pack] = field(default_factory=dict)
    accepted: dict[str, int] = field(default_factory=dict)
    windows: Windows = field(init=False)
    next_no: int = 1
    latest: datetime | None = None

    def __post_init__(self) -> None:
        self.windows = Windows(self.rules.limits)

    def decide(self, handed: Handed, *, at: datetime) -> tuple[Submission, Parted | None]:
        """The attempt with its verdicts, and the run in its parts if it is accepted."""
        number, self.next_no = self.next_no, self.next_no + 1
        self.latest = at
        attempt = Submission(
            received_at=at,
            route=handed.route,
            origin=one_line(handed.origin),
            importer=handed.importer,
            ip_hash=handed.ip_hash,
            schema_verdict="valid",
        )
        if handed.problem is not None:
            return replace(attempt, schema_verdict="invalid", problem=handed.problem), None
        try:
            parted = part(_refuse_future(self._run(handed), at, name=handed.origin))
        except RunUnreadable as error:
            return replace(attempt, schema_verdict="invalid", problem=str(error)), None
        run = parted.run
        attempt = replace(
            attempt,
            nickname=run.nickname,
            model=run.model,
            config=parted.config,
            run_sha256=parted.run_sha256,
            pack_sha256=run.pack.sha256 if run.pack else None,
        )
        attempt = self._checked(attempt, run, handed)
        if not attempt.is_accepted:
            return attempt, None
        self.windows.record(_attempt(attempt))
        self.accepted[parted.run_sha256] = number
        kept = replace(attempt, about=parted.about, tasks=parted.tasks, calls=parted.calls)
        return kept, parted

    def _run(self, handed: Handed) -> Run:
        if handed.run is not None:
            return read_run(msgspec.json.encode(handed.run), name=handed.origin)
        return with_transcripts(
            read_run(handed.data or b"", name=handed.origin), handed.folder, name=handed.origin
        )

    def _checked(self, attempt: Submission, run: Run, handed: Handed) -> Submission:
        before = self.accepted.get(attempt.run_sha256 or "")
        if before is not None:
            return replace(
                attempt,
                duplicate_verdict="duplicate",
                duplicate_of=before,
                problem=f"the same run is in the ledger already, as number {before}.",
            )
        attempt = replace(attempt, duplicate_verdict="new")

        pack = pack_verdict(
            run.pack,
            started_at=run.started_at,
            received_at=attempt.received_at,
            master=self.rules.master,
            known=self.packs,
            grace_min=self.rules.grace_min,
        )
        attempt = replace(attempt, pack_verdict=pack.verdict)
        if pack.is_refused:
            return replace(attempt, problem=pack.reason)
        if fault := self._pack_fault(run):
            return replace(attempt, pack_verdict="other_tasks", problem=fault)

        document = _document(handed, run) if run.signature is not None else {}
        signature = signature_verdict(document, self.rules.trusted_keys, moment=attempt.received_at)
        attempt = replace(
            attempt,
            signature_verdict=signature.verdict,
            signed_by=signature.key_id,
            is_lab=signature.is_lab,
        )
        if signature.is_refused:
            return replace(attempt, problem=SIGNATURES[signature.verdict])
        return self._limited(attempt)

    def _pack_fault(self, run: Run) -> str | None:
        """Why the tasks are not those of the pack that the run names, if that pack is known."""
        pack = self.packs.get(run.pack.sha256) if run.pack else None
        if pack is None:
            return None
        if run.pack is not None and pack.pack != run.pack.pack:
            return f"$.pack: the pack of this hash is called {pack.pack!r} here."
        known = {task.task: task for task in pack.tasks}
        for place, result in enumerate(run.tasks):
            task = known.get(result.task)
            where = f"$.tasks[{place}]: it"
            if task is None:
                return one_line(f"{where} is none of pack {pack.pack!r}.")
            if (task.category, task.difficulty) != (result.category, result.difficulty):
                return one_line(
                    f"$.tasks[{place}]: task {task.task!r} is {task.category}, {task.difficulty}"
                    f" in pack {pack.pack!r}."
                )
        return None

    def _limited(self, attempt: Submission) -> Submission:
        verdict = self.windows.verdict(_attempt(attempt))
        if verdict.is_allowed:
            return replace(attempt, limit_verdict="allowed", is_accepted=True)
        return replace(
            attempt,
            limit_verdict="limited",
            limit_layer=verdict.layer,
            layers_fired=verdict.layers_fired,
            attempt_limit=verdict.limit,
            window_s=verdict.window_s,
            retry_after_s=verdict.retry_after_s,
            problem=(
                f"more than {verdict.limit} runs in {verdict.window_s} s ({verdict.layer})."
                f" Try again in {verdict.retry_after_s} s."
            ),
        )


def take_in(
    ledger: Ledger, handed: Iterable[Handed], rules: Rules, *, now: datetime
) -> list[Submission]:
    """Decide about each attempt in its order and add all to the ledger, with their bodies.

    Recorded outputs of files are graded again at once, where that runs no output; those that came
    over HTTP wait for `recheck_ledger`. The attempts of one call come in at one moment. Returns
    them as they stand in the ledger.
    """
    return [attempt for _, attempt in take_in_numbered(ledger, handed, rules, now=now)]


@dataclass
class KeptDesk:
    """The desk of a process that takes in again and again: it is as the ledger stands, or anew."""

    ledger_id: str | None = None
    desk: Desk | None = None

    def open(self, connection: duckdb.DuckDBPyConnection, rules: Rules, *, now: datetime) -> Desk:
        """The desk that was kept if nothing was added elsewhere, to be given back by `keep`."""
        kept, self.desk = self.desk, None
        ledger_id, last_no, latest = _standing(connection)
        is_current = (
            kept is not None
            and kept.rules is rules
            and (self.ledger_id, kept.next_no - 1, kept.latest) == (ledger_id, last_no, latest)
        )
        desk = kept if kept is not None and is_current else open_desk(connection, rules, now=now)
        desk.packs = LedgerPacks(connection)
        self.ledger_id = ledger_id
        return desk

    def keep(self, desk: Desk) -> None:
        """Keep a desk whose attempts are in the ledger: one of a call that failed is not."""
        self.desk = desk


def take_in_numbered(
    ledger: Ledger,
    handed: Iterable[Handed],
    rules: Rules,
    *,
    now: datetime,
    kept: KeptDesk | None = None,
) -> list[tuple[int, Submission]]:
    """As `take_in`, each attempt with its number in the ledger."""
    kept = kept or KeptDesk()
    decided: list[tuple[int, Submission]] = []
    with ledger.open() as connection:
        desk = kept.open(connection, rules, now=now)
        # A clock that was set back must not make room in a window: time stands still till then.
        at = max(now, desk.latest or now)
        connection.begin()
        with ledger.bodies.adding(received_at=at) as keep, row_file(ledger.folder) as graded:

            def attempts() -> Iterator[Submission]:
                for one in handed:
                    number = desk.next_no
                    attempt, parted = desk.decide(one, at=at)
                    if parted is not None:
                        keep(parted.bodies)
                    # An output of a stranger may take a check for ever: not while others wait.
                    if parted is not None and one.route == "file":
                        for event in recheck_run(parted, desk.packs, decided_at=at):
                            graded.add(number_event(event))
                    decided.append((number, replace(attempt, about=None, tasks=None, calls=None)))
                    yield attempt

            number_event = numbering("event_no", next_no(connection, "events", "event_no"))
            ledger.append_submissions(connection, attempts())
            graded.append_to(connection, "main.events", EVENTS)
        # Only now: texts that no row knows expire with their day, rows without texts stay poor.
        connection.commit()
        kept.keep(desk)
    return decided


def open_desk(connection: duckdb.DuckDBPyConnection, rules: Rules, *, now: datetime) -> Desk:
    """A desk that knows what the ledger holds, and which accepted attempts still count."""
    longest = max((layer.window_s for layer in rules.limits.layers), default=0)
    since = now.astimezone(UTC).replace(tzinfo=None) - timedelta(seconds=longest)
    accepted = connection.execute(
        "select run_sha256, submission_no from submissions where is_accepted"
    ).fetchall()
    _, last_no, latest = _standing(connection)
    desk = Desk(
        rules=rules,
        packs=LedgerPacks(connection),
        accepted=dict(accepted),
        next_no=last_no + 1,
        latest=latest,
    )
    for at, route, ip, nickname, model in connection.execute(
        "select received_at, route, ip_hash, nickname, model from submissions"
        " where is_accepted and received_at > ? order by received_at, submission_no",
        [since],
    ).fetchall():
        desk.windows.record(
            Attempt(
                at=at.replace(tzinfo=UTC),
                route=route,
                ip=ip,
                nickname=_name_key(nickname),
                model=_model_key(model),
            )
        )
    return desk


def _standing(connection: duckdb.DuckDBPyConnection) -> tuple[str, int, datetime | None]:
    """Which ledger it is, and its last number and moment."""
    row = connection.execute(
        "select (select ledger_id from meta), coalesce(max(submission_no), 0), max(received_at)"
        " from submissions"
    ).fetchone()
    assert row is not None, "an aggregate has one row"  # noqa: S101
    return str(row[0]), int(row[1]), row[2].replace(tzinfo=UTC) if row[2] else None


class LedgerPacks(Mapping[str, Pack]):
    """The packs of a ledger by their hash, each read when it is asked for: few of them ever are."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._read: dict[str, Pack] = {}

    def __getitem__(self, sha256: str) -> Pack:
        if sha256 not in self._read:
            row = self._connection.execute(
                "select document::varchar from packs where pack_sha256 = ?", [sha256]
            ).fetchone()
            if row is None:
                raise KeyError(sha256)
            self._read[sha256] = msgspec.json.decode(row[0], type=Pack)
        return self._read[sha256]

    def __iter__(self) -> Iterator[str]:
        rows = self._connection.execute("select pack_sha256 from packs").fetchall()
        return iter([sha256 for (sha256,) in rows])

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _refuse_future(run: Run, at: datetime, *, name: str) -> Run:
    for field_name in ("started_at", "finished_at"):
        moment = getattr(run, field_name)
        if moment is not None and moment > at + CLOCK_TOLERANCE:
            raise RunUnreadable(f"{name}: $.{field_name}: lies in the future.")
    return run


def _attempt(submission: Submission) -> Attempt:
    assert submission.nickname is not None and submission.model is not None  # noqa: S101
    return Attempt(
        at=submission.received_at,
        route=submission.route,
        ip=submission.ip_hash,
        nickname=_name_key(submission.nickname),
        model=_model_key(submission.model),
    )


def _name_key(nickname: str) -> str:
    return nickname.strip().lower()


def _model_key(model: str) -> str:
    """Spellings of one model are counted together."""
    return re.sub(r"[^a-z0-9]", "", model.lower()) or model


def _document(handed: Handed, run: Run) -> dict[str, Any]:
    """The document whose signature counts: as it was sent, not as it was read."""
    if handed.data is not None:
        document: dict[str, Any] = msgspec.json.decode(handed.data)
        return document
    document = msgspec.to_builtins(run)
    return document
