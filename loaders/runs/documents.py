"""Reads run documents, and parts them: what is kept for good, and the bodies, which are not."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from functools import lru_cache
from typing import TypeVar

import msgspec

from loaders.errors import RunUnreadable, one_line
from loaders.runs.bodies import Body
from loaders.runs.graders import GRADERS_VERSION, grade_sha256
from loaders.runs.packs import pack_sha256
from loaders.runs.shapes import MOST_TASKS, PACK_FORMAT, RUN_FORMAT, Load, Pack, Run, TaskResult

LARGEST_DOCUMENT = 64 << 20
CONFIG_TAG = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
RESERVED_TAGS = ("base", "lab", "all")
BASE = "base"
# Values in messages of the decoder, and keys that are longer than any of ours.
QUOTED = re.compile(r"'.*'|`[^`]{41,}`", re.DOTALL)
PLAIN = re.compile(r"[\w./-]{1,40}")
SHORTEST_CALL = 0.001
EARLIEST_YEAR = 2000
NOTES = ("error", "grade_note", "integrity_note")

Kind = TypeVar("Kind", Run, Pack)


class KeptTask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A task result as it is kept for good: each text is its hash."""

    task: str
    category: str
    difficulty: str
    grading: str
    run_no: int
    is_error: bool = False
    passed: bool | None = None
    score: float | None = None
    grader_kind: str | None = None
    grader_name: str | None = None
    grader_sha256: str | None = None
    integrity: int | None = None
    prompt_sha256: str | None = None
    output_sha256: str | None = None
    transcript_sha256: str | None = None
    notes_sha256: str | None = None
    grade_sha256: str | None = None
    duration_s: float | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    task_added_date: date | None = None


@dataclass(frozen=True)
class Parted:
    """A run, the hash of the whole, what is kept of it (JSON without bodies), and the bodies."""

    run: Run
    run_sha256: str
    config: str
    about: msgspec.Raw
    tasks: msgspec.Raw
    calls: msgspec.Raw
    bodies: tuple[Body, ...]


def read_run(data: bytes, *, name: str) -> Run:
    """A run from JSON that may be hostile. Raises RunUnreadable with the path of the fault."""
    run = _decode(data, Run, RUN_FORMAT, name=name)
    if fault := next(_faults(run), None):
        raise RunUnreadable(f"{name}: {one_line(fault)}")
    return run


def read_pack(data: bytes, *, name: str) -> Pack:
    """A pack from JSON that may be hostile. Raises RunUnreadable with the path of the fault."""
    pack = _decode(data, Pack, PACK_FORMAT, name=name)
    try:
        pack_sha256(pack)
    except ValueError as error:
        raise RunUnreadable(
            f"{name}: holds what JSON cannot say exactly, such as a whole number above 2^53."
        ) from error
    twice = [task for task, count in Counter(task.task for task in pack.tasks).items() if count > 1]
    if twice:
        raise RunUnreadable(
            one_line(f"{name}: $.tasks: task {twice[0]!r} stands there twice. Keep one of them.")
        )
    return pack


def format_of(data: bytes) -> str | None:
    """The format that a JSON document names, if it names one; of a huge one only the start."""

    class Named(msgspec.Struct):
        format: str | None = None

    try:
        return msgspec.json.decode(data, type=Named).format
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def config_of(tag: str | None) -> str:
    """The configuration that a tag names; without one it is the base. Raises ValueError."""
    config = (tag or "").strip().lower()
    if not config:
        return BASE
    if config in RESERVED_TAGS:
        raise ValueError(f"config_tag {config!r} is reserved. Leave it away for the base.")
    if not CONFIG_TAG.fullmatch(config):
        raise ValueError(
            "config_tag: write 1 to 40 letters, digits, dots, dashes or underscores,"
            " a letter or digit first."
        )
    return config


def part(run: Run) -> Parted:
    """Take the bodies out of a run that `read_run` let through."""
    bodies: dict[str, Body] = {}
    tasks = [_kept_task(task, bodies) for task in run.tasks]
    profile = Load(profile=run.load.profile, calls=[]) if run.load else None
    whole = msgspec.json.encode(_normal(run), order="sorted")
    return Parted(
        run=run,
        run_sha256=hashlib.sha256(whole).hexdigest(),
        config=config_of(run.config_tag),
        about=_raw(msgspec.structs.replace(run, tasks=[], load=profile)),
        tasks=_raw(tasks),
        calls=_raw(run.load.calls if run.load else []),
        bodies=tuple(bodies.values()),
    )


def _normal(run: Run) -> Run:
    """The run as its hash takes it: what is only written in another way is no other run."""
    return msgspec.structs.replace(
        run,
        started_at=run.started_at.astimezone(UTC),
        finished_at=run.finished_at and run.finished_at.astimezone(UTC),
        config_tag=config_of(run.config_tag),
        tasks=sorted(run.tasks, key=lambda task: (task.task, task.run_no)),
        lab=None,
        signature=None,
    )


def sha256_of(text: str) -> str:
    """The hash of a body: of its UTF-8 bytes, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=4096)
def grade_sha256_of(grading: str, passed: bool | None, score: float | None) -> str | None:
    """The hash of the grade that a client says; None when it says none."""
    if passed is None and score is None:
        return None
    return grade_sha256(grading, GRADERS_VERSION, passed, score)


def _raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _kept_task(task: TaskResult, bodies: dict[str, Body]) -> KeptTask:
    def hashed(kind: str, text: str | None) -> str | None:
        if text is None:
            return None
        body = Body(sha256_of(text), kind, text)
        bodies.setdefault(body.body_sha256, body)
        return body.body_sha256

    kind = grader = notes = None
    if task.grader is not None:
        kind = str(task.grader.__struct_config__.tag)
        grader = msgspec.json.encode(task.grader).decode()
    if task.error is not None or task.grade_note is not None or task.integrity_note is not None:
        told = {name: text for name in NOTES if (text := getattr(task, name)) is not None}
        notes = msgspec.json.encode(told).decode()
    return KeptTask(
        task=task.task,
        run_no=task.run_no,
        category=task.category,
        difficulty=task.difficulty,
        grading=task.grading,
        passed=task.passed,
        score=task.score,
        is_error=task.error is not None,
        grader_kind=kind,
        grader_name=task.grader_name,
        grader_sha256=hashed("grader", grader),
        integrity=task.integrity,
        prompt_sha256=hashed("prompt", task.prompt),
        output_sha256=hashed("output", task.output),
        transcript_sha256=hashed("transcript", task.transcript),
        notes_sha256=hashed("notes", notes),
        grade_sha256=grade_sha256_of(task.grading, task.passed, task.score),
        duration_s=task.duration_s,
        cost_usd=task.cost_usd,
        input_tokens=task.input_tokens,
        output_tokens=task.output_tokens,
        task_added_date=task.task_added_date,
    )


def _decode(data: bytes, kind: type[Kind], known: str, *, name: str) -> Kind:
    if len(data) > LARGEST_DOCUMENT:
        raise RunUnreadable(
            f"{name}: has {len(data):,} bytes; {LARGEST_DOCUMENT:,} are read. Split the run."
        )
    if (found := format_of(data)) is not None and found != known:
        shown = repr(found) if PLAIN.fullmatch(found) else "what it says"
        raise RunUnreadable(f"{name}: $.format: {shown} is not known here. Write {known!r}.")
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `")
        where = path.rstrip("`") or "$"
        # What was sent may be a text that has to be forgotten: no refusal keeps it.
        said = QUOTED.sub("...", reason)
        raise RunUnreadable(one_line(f"{name}: {where}: {said}.")) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RunUnreadable(one_line(f"{name}: is no JSON in UTF-8 ({error}).")) from error
    except RecursionError as error:
        raise RunUnreadable(f"{name}: is nested too deeply.") from error


def _faults(run: Run) -> Iterator[str]:
    """What no type says, each with its path."""
    try:
        config_of(run.config_tag)
    except ValueError as error:
        yield f"$.config_tag: {error}"
    if run.started_at.year < EARLIEST_YEAR:
        yield f"$.started_at: {run.started_at.isoformat()} is no moment of such a run."
    if run.finished_at is not None and run.finished_at < run.started_at:
        yield "$.finished_at: lies before started_at."
    rounds = Counter(task.task for task in run.tasks)
    if len(rounds) * max(rounds.values(), default=0) > 2 * MOST_TASKS:
        # Each counts as often as the one that was run most often.
        yield "$.tasks: some tasks were run far more often than others; run all equally often."
    seen: set[tuple[str, int]] = set()
    for place, task in enumerate(run.tasks):
        path = f"$.tasks[{place}]"
        if (task.task, task.run_no) in seen:
            yield f"{path}: a task with this run_no stands there already."
        seen.add((task.task, task.run_no))
        if task.grading == "judged" and task.passed is not None:
            yield f"{path}.passed: a judged task has a score, 0 to 10, and no passed."
        if task.grading == "deterministic" and task.score is not None:
            yield f"{path}.score: a deterministic task has passed, and no score."
        if task.error is not None and (task.passed or task.score is not None):
            yield f"{path}: a task that ended in an error has no grade but passed: false."
    for place, call in enumerate(run.load.calls if run.load else ()):
        path = f"$.load.calls[{place}]"
        if not call.failed and (call.latency_s is None or call.latency_s < SHORTEST_CALL):
            yield f"{path}.latency_s: a call that did not fail took a millisecond or more."
