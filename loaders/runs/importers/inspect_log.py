"""Inspect logs: one log as .json or as .eval is one run, each sample and epoch a task result.

An .eval is a zip of JSON. Newer ones are compressed with Zstandard, which zipfile has from Python
3.14 on: earlier they are read through inspect_ai, when it is installed.
"""

import importlib
import string
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from itertools import product
from lzma import LZMAError
from pathlib import Path
from typing import Any

import msgspec

from loaders.errors import RunUnreadable, reason_of
from loaders.runs.importers.foreign import (
    JUDGED,
    Files,
    Foreign,
    Given,
    Grades,
    Importer,
    Usage,
    decoded,
    exact_match,
    figure_of,
    grades_of,
    has_marks,
    kind_of,
    names_of,
    note,
    number_match,
    pack_stamp,
    refusal,
    require_known,
    run_of,
    used,
)
from loaders.runs.shapes import MOST_TASKS, Grader, Harness, Run, TaskResult

VERSIONS = (2,)
FINISHED = ("success", "error", "cancelled")
HEADER = "header.json"
START = "_journal/start.json"
SAMPLES = "samples/"
# More is not hidden in a log: a sample a member, and a few more for each of them.
MOST_MEMBERS = 4 * MOST_TASKS
WHOLE = "Name the log that Inspect wrote, whole and unchanged."
# What Inspect itself makes of these: correct, partly, incorrect, no answer.
LETTERS = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "true": 1.0, "false": 0.0}
# What zipfile raises of a broken archive.
UNZIPPABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    KeyError,
    ValueError,
    struct.error,
    zlib.error,
    LZMAError,
)
# What unpacks piece by piece; Inspect writes the first two and Zstandard.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, 93)
PIECE = 4096
ENDS = string.whitespace + string.punctuation


class _Version(Foreign):
    version: int


class _Dataset(Foreign):
    name: str | None = None
    samples: int | None = None
    sample_ids: list[str | int] | None = None


class _Scorer(Foreign):
    name: str
    options: dict[str, Any] | None = None


class _Config(Foreign):
    epochs: int | None = None


class _Spec(Foreign):
    created: datetime
    task: str
    dataset: _Dataset
    model: str
    task_version: int | str = 0
    config: _Config = msgspec.field(default_factory=_Config)
    packages: dict[str, str] = msgspec.field(default_factory=dict)
    scorers: list[_Scorer] | None = None


class _Headline(Foreign):
    scorer: str
    score: str


class _EvalScore(Foreign):
    name: str
    scorer: str


class _Results(Foreign):
    scores: list[_EvalScore] = msgspec.field(default_factory=list)
    headline: _Headline | None = None


class _Stats(Foreign):
    started_at: str = ""
    completed_at: str = ""


class _Error(Foreign):
    message: str


class _Header(Foreign):
    version: int
    status: str
    eval: _Spec
    results: _Results | None = None
    stats: _Stats = msgspec.field(default_factory=_Stats)
    error: _Error | None = None
    invalidated: bool = False


class _Message(Foreign):
    content: str | list[dict[str, Any]] = ""


class _Output(Foreign):
    completion: str = ""
    choices: list[Any] = msgspec.field(default_factory=list)


class _Score(Foreign):
    value: bool | int | float | str | list[Any] | dict[str, Any] | None = None


class _Sample(Foreign):
    id: int | str
    epoch: int
    input: str | list[_Message]
    target: str | list[str]
    output: _Output | None = None
    scores: dict[str, _Score] | None = None
    model_usage: dict[str, Usage] = msgspec.field(default_factory=dict)
    total_time: float | None = None
    error: _Error | None = None


class _Log(_Header):
    samples: list[_Sample] | None = None


def recognises(path: Path) -> bool:
    """Whether a path is an Inspect log, as JSON or as a zip."""
    if has_marks(path, "version", "status", "eval"):
        return True
    try:
        with zipfile.ZipFile(BytesIO(Files().read(path))) as archive:
            names = archive.namelist()
    except (RunUnreadable, *UNZIPPABLE):
        return False
    return HEADER in names or START in names


def read(path: Path, given: Given) -> Iterator[Run]:
    """The one run of a log. Raises RunUnreadable."""
    files = Files()
    body = files.read(path)
    header, samples = _from_zip(body, path, files) if body[:2] == b"PK" else _from_json(body, path)
    if header.invalidated:
        raise refusal(
            path, "samples of it were declared invalid", "Run them again, and import the new log."
        )
    yield _run(header, samples, given, path)


def _from_json(body: bytes, path: Path) -> tuple[_Header, list[_Sample]]:
    _require_version(body, path)
    log = decoded(body, _Log, path, WHOLE)
    _require_finished(log, path)
    if log.samples is None:
        raise refusal(path, "it holds no samples", "Run the task without --no-log-samples.")
    return log, log.samples


def _from_zip(body: bytes, path: Path, files: Files) -> tuple[_Header, list[_Sample]]:
    try:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            members = _members(archive, path, files)
            if START in members and HEADER not in members:
                raise refusal(
                    path,
                    "the run never finished: it has a start and no end",
                    "Let it finish, with `inspect eval-retry` for one.",
                )
            head = _member(archive, members[HEADER], path)
            _require_version(head, path)
            header = decoded(head, _Header, path, WHOLE)
            _require_finished(header, path)
            return header, [
                decoded(_member(archive, info, path), _Sample, path, WHOLE)
                for name, info in members.items()
                if name.startswith(SAMPLES) and name.endswith(".json")
            ]
    except UNZIPPABLE as error:
        raise refusal(path, f"the zip cannot be read ({reason_of(error)})", WHOLE) from error


def _members(archive: zipfile.ZipFile, path: Path, files: Files) -> Mapping[str, zipfile.ZipInfo]:
    """The members that are read, by name; the later of two with one name, as in Inspect."""
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise refusal(path, f"the zip has {len(infos)} members", "Import fewer tasks at a time.")
    members = {
        info.filename: info
        for info in infos
        if info.filename in (HEADER, START) or info.filename.startswith(SAMPLES)
    }
    for info in members.values():
        files.take(path, info.file_size)
    for info in members.values():
        if info.compress_type not in METHODS:
            raise refusal(path, f"{info.filename!r} is packed in a way Inspect does not use", WHOLE)
        if not _unpacks(archive, info):
            _learn_zstandard(path)
    return members


def _unpacks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether the zipfile of this Python knows the compression of a member."""
    try:
        archive.open(info).close()
    except NotImplementedError:
        return False
    return True


def _learn_zstandard(path: Path) -> None:
    """Import inspect_ai, which teaches zipfile the compression that its logs have."""
    try:
        importlib.import_module("inspect_ai._util.zipfile")
    except Exception as error:
        # It is somebody else's program: whatever it raises, the log is not read.
        raise refusal(
            path,
            "it is compressed in a way that this Python cannot unpack",
            "Install inspect_ai beside benchmart, or turn the log into JSON: "
            "`inspect log convert --to json --output-dir DIR LOG`.",
        ) from error


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bytes:
    """The bytes of one member; zipfile ends where the directory says, and compares the checksum.

    Zstandard makes all it can of what it is given: small pieces keep a bomb small.
    """
    try:
        with archive.open(info) as file:
            return b"".join(iter(lambda: file.read(PIECE), b""))
    except Exception as error:
        # What unpacks may be somebody else's program, with errors of its own.
        raise refusal(path, f"the zip cannot be read ({reason_of(error)})", WHOLE) from error


def _require_version(body: bytes, path: Path) -> None:
    found = decoded(body, _Version, path, WHOLE).version
    require_known(path, "the version of the Inspect log", found, VERSIONS)


def _require_finished(header: _Header, path: Path) -> None:
    if header.status == "started":
        raise refusal(
            path,
            "the run never finished: its status is 'started'",
            "Let it finish, with `inspect eval-retry` for one.",
        )
    require_known(path, "the status of the Inspect log", header.status, FINISHED)


def _run(header: _Header, samples: list[_Sample], given: Given, path: Path) -> Run:
    spec = header.eval
    scorer, score_name = _counted(header, samples)
    values = {
        (sample.id, sample.epoch): _value(sample, scorer, score_name, path) for sample in samples
    }
    grades = grades_of(
        values.values(),
        scorer=scorer or "no scorer",
        path=path,
        is_judged=bool(scorer and JUDGED.fullmatch(scorer)),
    )
    benchmark = spec.dataset.name or spec.task
    results = [
        _result(sample, values[sample.id, sample.epoch], grades, scorer, header, given, path)
        for sample in samples
    ]
    results += _not_run(header, samples, grades, given, path)
    if len(results) > MOST_TASKS:
        raise refusal(path, f"it holds {len(results)} results", "Import fewer tasks at a time.")
    version = spec.packages.get("inspect_ai")
    return run_of(
        given,
        path,
        model=spec.model,
        started_at=_moment(header.stats.started_at, path) or spec.created,
        finished_at=_moment(header.stats.completed_at, path),
        harness=Harness(name="inspect_ai", version=version),
        pack=pack_stamp(
            f"inspect:{benchmark}",
            {
                "dataset": benchmark,
                "version": str(spec.task_version),
                "tasks": sorted({result.task for result in results}),
            },
            path,
        ),
        tasks=results,
    )


def _counted(header: _Header, samples: Iterable[_Sample]) -> tuple[str | None, str | None]:
    """The scorer whose score counts, and the score's name: the headline, else the first."""
    results = header.results or _Results()
    if results.headline is not None:
        return results.headline.scorer, results.headline.score
    if results.scores:
        return results.scores[0].scorer, results.scores[0].name
    for sample in samples:
        for name in sample.scores or {}:
            return name, name
    return None, None


def _value(sample: _Sample, scorer: str | None, score_name: str | None, path: Path) -> float | None:
    """What the scorer gave a sample, from 0 to 1; None where an error or nothing is recorded."""
    if sample.error is not None or scorer is None:
        return None
    scores = sample.scores or {}
    score = scores.get(scorer) or scores.get(score_name or scorer)
    value = score.value if score is not None else None
    if isinstance(value, dict):
        value = value.get(score_name or scorer)
    if value is None:
        return None
    if isinstance(value, str) and value in LETTERS:
        return LETTERS[value]
    if isinstance(value, bool | int | float):
        return figure_of(value, path, f"the score of sample {sample.id!r}")
    raise refusal(
        path,
        f"the score of sample {sample.id!r} is {value!r}, and only C, P, I, N, true, false and "
        "numbers are known",
        "Import a log whose scorer gives one of these.",
    )


def _result(
    sample: _Sample,
    value: float | None,
    grades: Grades,
    scorer: str | None,
    header: _Header,
    given: Given,
    path: Path,
) -> TaskResult:
    spec = header.eval
    task = _task(spec, sample.id)
    category, difficulty = _kind(spec, task, given, path)
    output = _output(sample)
    return TaskResult(
        task=task,
        category=category,
        difficulty=difficulty,
        run_no=sample.epoch,
        error=_why_unscored(sample, value, scorer),
        grader=_grader(spec, scorer, sample, output) if value is not None else None,
        grader_name=f"inspect_ai/{scorer}" if scorer else None,
        prompt=_prompt(sample.input),
        output=output,
        duration_s=sample.total_time,
        **used(sample.model_usage.get(spec.model)),
        **grades.of(value),
    )


def _not_run(
    header: _Header, samples: Iterable[_Sample], grades: Grades, given: Given, path: Path
) -> Iterator[TaskResult]:
    """A result for each sample that a run which was broken off never came to."""
    spec = header.eval
    if header.status == "success":
        return
    epochs = spec.config.epochs or 1
    if spec.dataset.sample_ids is None or len(spec.dataset.sample_ids) * epochs > MOST_TASKS:
        raise refusal(
            path,
            f"the run ended with status {header.status!r}, and the log does not list its samples",
            "Let it finish, with `inspect eval-retry` for one.",
        )
    seen = {(sample.id, sample.epoch) for sample in samples}
    reason = f": {header.error.message}" if header.error else ""
    for sample_id, epoch in product(spec.dataset.sample_ids, range(1, epochs + 1)):
        if (sample_id, epoch) not in seen:
            task = _task(spec, sample_id)
            category, difficulty = _kind(spec, task, given, path)
            yield TaskResult(
                task=task,
                category=category,
                difficulty=difficulty,
                run_no=epoch,
                error=note(f"not run: the log ended with status {header.status!r}{reason}"),
                **grades.of(None),
            )


def _task(spec: _Spec, sample_id: int | str) -> str:
    return f"{spec.dataset.name or spec.task}/{sample_id}"


def _kind(spec: _Spec, task: str, given: Given, path: Path) -> tuple[Any, Any]:
    return kind_of(given, "inspect", names_of(task, spec.task, spec.dataset.name), path)


def _why_unscored(sample: _Sample, value: float | None, scorer: str | None) -> str | None:
    if sample.error is not None:
        return note(sample.error.message or "an error without a message")
    if value is None:
        return note(f"no score is recorded of {scorer or 'any scorer'}")
    return None


def _grader(spec: _Spec, scorer: str | None, sample: _Sample, output: str | None) -> Grader | None:
    """The grader of ours that means the same for this output as Inspect's scorer `match`."""
    options = next((each.options or {} for each in spec.scorers or [] if each.name == scorer), None)
    if scorer != "match" or options is None:
        return None
    expected = [sample.target] if isinstance(sample.target, str) else sample.target
    location = options.get("location", "end")
    if options.get("numeric") is True:
        return number_match(output, expected) if location == "end" else None
    # It passes over punctuation at the ends, which ours does not.
    if location != "exact" or any(
        text.strip(ENDS) != text.strip() for text in (output or "", *expected)
    ):
        return None
    grader = exact_match(output, expected)
    if grader is not None and options.get("ignore_case") is not False:
        return msgspec.structs.replace(grader, ignores_case=True)
    return grader


def _prompt(given: str | list[_Message]) -> str:
    """The text of what was asked; pictures and the like are left out."""
    return given if isinstance(given, str) else "\n\n".join(_text(message) for message in given)


def _text(message: _Message) -> str:
    if isinstance(message.content, str):
        return message.content
    texts = (part.get("text") for part in message.content)
    return "\n\n".join(text for text in texts if isinstance(text, str))


def _output(sample: _Sample) -> str | None:
    """What the model said; an output without a choice is none."""
    output = sample.output
    return output.completion if output is not None and output.choices else None


def _moment(text: str, path: Path) -> datetime | None:
    """A moment of the statistics, which are empty for a log that broke off."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise refusal(path, f"{text!r} is no moment", WHOLE) from error


IMPORTER = Importer(
    name="inspect",
    title="Inspect log, .json or .eval",
    versions="log version 2",
    recognises=recognises,
    read=read,
)
