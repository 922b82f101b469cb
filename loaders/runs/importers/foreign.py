"""What the importers share: files that are hostile until checked, grades, packs and categories.

Every refusal is a RunUnreadable with the file, what is wrong in it, and what to do.
"""

import csv
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import msgspec
import rfc8785
from msgspec import UNSET, Raw, Struct, UnsetType

from loaders.contracts import json_of
from loaders.errors import RunUnreadable, one_line, reason_of
from loaders.runs.shapes import (
    RUN_FORMAT,
    Category,
    Difficulty,
    ExactMatch,
    NumberMatch,
    PackStamp,
    Run,
    TaskResult,
)

TASK_KINDS = Path(__file__).resolve().parents[3] / "seeds" / "runs" / "run_imported_tasks.csv"
MEBIBYTE = 1 << 20
# A file, and all that is read of one path: an archive or a folder may hold many files.
MOST_FILE_BYTES = 64 * MEBIBYTE
MOST_BYTES = 256 * MEBIBYTE
LONGEST_NOTE = 2_000
JUDGED = re.compile(r"(?:.*[/:])?model_graded_\w+(?::.*)?")
# Inspect compares five significant digits, and a double holds all of these exactly.
PLAIN_NUMBER = re.compile(r"-?(?=(?:\.?\d){1,5}$)\d+(?:\.\d+)?")

Grading = Literal["deterministic", "judged"]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a file does not say, said by whoever imports it; a value here has precedence."""

    nickname: str
    model: str | None = None
    config_tag: str | None = None
    category: Category | None = None
    difficulty: Difficulty | None = None


@dataclass(frozen=True, kw_only=True)
class Importer:
    """Reads one tool's results; `versions` are the ones it knows, in words.

    `recognises` goes by content and raises nothing. `read` raises RunUnreadable.
    """

    name: str
    title: str
    versions: str
    recognises: Callable[[Path], bool]
    read: Callable[[Path, Given], Iterator[Run]]


class Foreign(Struct):
    """A part of a tool's document: keys that no field has are passed over, the others checked."""


class Marks(Foreign):
    """The keys at the top of a JSON document by which the formats are told apart."""

    format: Raw | UnsetType = UNSET
    schema_version: Raw | UnsetType = UNSET
    evaluation_id: Raw | UnsetType = UNSET
    evaluation_results: Raw | UnsetType = UNSET
    version: Raw | UnsetType = UNSET
    status: Raw | UnsetType = UNSET
    eval: Raw | UnsetType = UNSET
    lm_eval_version: Raw | UnsetType = UNSET
    results: Raw | UnsetType = UNSET
    configs: Raw | UnsetType = UNSET
    n_total_trials: Raw | UnsetType = UNSET
    stats: Raw | UnsetType = UNSET

    def has(self, *names: str) -> bool:
        """Whether the document has all of these keys."""
        return all(getattr(self, name) is not UNSET for name in names)


class Usage(Foreign):
    """Tokens of a model on one sample; those that a cache held are not in `input_tokens`."""

    input_tokens: int
    output_tokens: int
    input_tokens_cache_write: int | None = None
    input_tokens_cache_read: int | None = None
    total_cost: float | None = None


def used(usage: Usage | None) -> dict[str, Any]:
    """The fields of a TaskResult that say what was used: all input, a cached one too."""
    if usage is None:
        return {}
    cached = (usage.input_tokens_cache_write or 0) + (usage.input_tokens_cache_read or 0)
    return {
        "input_tokens": usage.input_tokens + cached,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.total_cost,
    }


def refusal(path: Path, problem: str, remedy: str) -> RunUnreadable:
    """The error that names a file, what is wrong in it, and what to do."""
    return RunUnreadable(f"{one_line(str(path))}: {one_line(problem)}. {remedy}")


class Files:
    """Reads the files of one path, none of them too large, nor all of them together.

    With `root` a file must lie in that folder, wherever links lead.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = None if root is None else root.resolve()
        self._left = MOST_BYTES

    def read(self, path: Path) -> bytes:
        """The bytes of a regular file. Raises RunUnreadable."""
        try:
            if self._root is not None and not path.resolve().is_relative_to(self._root):
                raise refusal(
                    path, "it is a link that leads out of its folder", "Put the file itself there."
                )
            # A pipe or a device could keep its reader forever.
            if not stat.S_ISREG(path.stat().st_mode):
                raise refusal(path, "it is no regular file", "Name a file.")
            with path.open("rb") as file:
                self.take(path, os.fstat(file.fileno()).st_size)
                body = file.read(MOST_FILE_BYTES + 1)
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise refusal(path, f"cannot be read ({reason})", "Restore it, or leave it out.") from (
                error
            )
        # What grew while it was read is refused as well.
        self._require_size(path, len(body))
        return body

    def take(self, path: Path, size: int) -> None:
        """Count bytes that are about to be read. Raises RunUnreadable when they are too many."""
        self._require_size(path, size)
        self._left -= size
        if self._left < 0:
            raise refusal(
                path,
                f"with it more than {MOST_BYTES // MEBIBYTE} MiB would be read",
                "Import fewer tasks at a time.",
            )

    def _require_size(self, path: Path, size: int) -> None:
        if size > MOST_FILE_BYTES:
            raise refusal(
                path,
                f"it holds {size} bytes, more than {MOST_FILE_BYTES // MEBIBYTE} MiB",
                "Import fewer tasks at a time.",
            )


def decoded(body: bytes, kind: type[T], path: Path, remedy: str) -> T:
    """JSON as a value of `kind`. Raises RunUnreadable, of NaN and deep nesting too."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise refusal(path, _why_undecoded(body, error), remedy) from error


def converted(value: object, kind: type[T], path: Path, remedy: str) -> T:
    """A value that was read already as one of `kind`. Raises RunUnreadable."""
    try:
        return msgspec.convert(value, kind)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise refusal(path, reason_of(error), remedy) from error


def rows_of(body: bytes, path: Path, remedy: str) -> Iterator[dict[str, Any]]:
    """The objects of a file with one on each line. Raises RunUnreadable."""
    for line in body.splitlines():
        if line.strip():
            yield decoded(line, dict[str, Any], path, remedy)


def marks_of(path: Path) -> Marks:
    """The telling keys of a JSON file. Raises RunUnreadable when it is none."""
    return decoded(
        Files().read(path), Marks, path, "Name the file that the tool wrote, whole and unchanged."
    )


def is_there(path: Path) -> bool:
    """Whether a path leads to something; a name that no system takes leads to nothing."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def has_marks(path: Path, *names: str) -> bool:
    """Whether a path is a JSON file with these keys at its top."""
    try:
        return path.is_file() and marks_of(path).has(*names)
    except (RunUnreadable, OSError, ValueError):
        return False


def require_known(path: Path, what: str, found: object, known: Collection[object]) -> None:
    """Refuse a version that no importer was written for."""
    if found not in known:
        raise refusal(
            path,
            f"{what} is {one_line(repr(found))}; known is {', '.join(map(repr, known))}",
            "Write the file with a version that is known, or use a benchmart that knows this one.",
        )


def kind_of(
    given: Given, importer: str, names: Sequence[str], path: Path
) -> tuple[Category, Difficulty]:
    """Category and difficulty of a task that goes by these names, the most telling first.

    Given ones have precedence over seeds/runs/run_imported_tasks.csv. Raises RunUnreadable.
    """
    if given.category is not None and given.difficulty is not None:
        return given.category, given.difficulty
    for kind in _task_kinds():
        if kind.importer in ("", importer) and any(map(kind.pattern.fullmatch, names)):
            return given.category or kind.category, given.difficulty or kind.difficulty
    raise refusal(
        path,
        f"it says no category and difficulty of the task {names[0]!r}, and the seed does not",
        "Say them with --category and --difficulty, or add a row to "
        "seeds/runs/run_imported_tasks.csv.",
    )


def names_of(*names: str | None) -> list[str]:
    """The names a benchmark goes by, each also without the organisation before it."""
    said = [name for name in names if name]
    return [*said, *(name.rsplit("/", 1)[-1] for name in said)]


@dataclass(frozen=True, kw_only=True)
class Grades:
    """How the values of one scorer are read: right or wrong, or a part of a known scale."""

    grading: Grading
    floor: float = 0.0
    ceiling: float = 1.0

    def of(self, value: float | None) -> dict[str, Any]:
        """The fields of a TaskResult that say its grade; none of a missing value."""
        if value is None:
            return {"grading": self.grading}
        if self.grading == "deterministic":
            return {"grading": self.grading, "passed": value == self.ceiling}
        score = 10 * (value - self.floor) / (self.ceiling - self.floor)
        return {"grading": self.grading, "score": score}


def grades_of(
    values: Iterable[float | None],
    *,
    scorer: str,
    path: Path,
    is_judged: bool = False,
    bounds: tuple[float, float] | None = (0.0, 1.0),
) -> Grades:
    """How to read the values of a scorer: 0 and 1 alone are wrong and right, unless judged.

    `bounds` are the least and the greatest value there can be, None when nothing says them.
    Raises RunUnreadable when a value cannot be placed.
    """
    measured = [value for value in values if value is not None]
    if not is_judged and all(value in (0.0, 1.0) for value in measured):
        return Grades(grading="deterministic")
    remedy = "Import a run whose scores are right or wrong, or on a scale from 0 to 1."
    if bounds is None or not bounds[0] < bounds[1] or bounds[1] - bounds[0] == float("inf"):
        raise refusal(path, f"nothing says on which scale {scorer!r} scores", remedy)
    floor, ceiling = bounds
    for value in measured:
        if not floor <= value <= ceiling:
            raise refusal(
                path, f"{scorer!r} gave {value}, which is not from {floor} to {ceiling}", remedy
            )
    return Grades(grading="judged", floor=floor, ceiling=ceiling)


def exact_match(output: str | None, expected: Sequence[str]) -> ExactMatch | None:
    """The grader for a tool that compares text as it is, where both rules mean the same.

    A tool that counts space at the ends as wrong differs from ours there: then there is none.
    """
    texts = [output, *expected]
    if not expected or any(text is None or text != text.strip() for text in texts):
        return None
    return ExactMatch(expected=list(expected))


def number_match(output: str | None, expected: Sequence[str]) -> NumberMatch | None:
    """The grader for a tool that compares the last word that is a number, where rules agree.

    They do when the output ends with a plain number of at most five digits, and the expected
    answer is one.
    """
    words = (output or "").split()
    if len(expected) != 1 or not words:
        return None
    if not all(PLAIN_NUMBER.fullmatch(text) for text in (words[-1], expected[0])):
        return None
    return NumberMatch(expected=float(expected[0]))


def pack_stamp(name: str, identity: Mapping[str, Any], path: Path) -> PackStamp:
    """The stamp of a task set: two runs with the same one ran the same tasks.

    `identity` is what tells the set from others: names, versions, sorted ids.
    """
    try:
        digest = sha256(rfc8785.dumps(dict(identity))).hexdigest()
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise refusal(
            path, f"its task set has no canonical form ({reason_of(error)})", "Correct the ids."
        ) from error
    return PackStamp(pack=name, sha256=digest)


def run_of(given: Given, path: Path, *, model: str | None, **fields: Any) -> Run:
    """The run, when all of it keeps to the format of a run document. Raises RunUnreadable."""
    named = given.model or model
    if not named:
        raise refusal(path, "it does not say which model was run", "Say it with --model.")
    run = Run(
        format=RUN_FORMAT,  # type: ignore[arg-type]  # the one value of the literal
        nickname=given.nickname,
        config_tag=given.config_tag,
        model=named,
        **fields,
    )
    if not run.tasks:
        raise refusal(path, "it holds no task", "Import a run that has some.")
    _require_one_each(run.tasks, path)
    # Building a struct checks nothing; reading it back checks every range.
    return converted(
        msgspec.to_builtins(run), Run, path, "Correct it, or write it again with the tool."
    )


def note(text: str) -> str:
    """A text cut to what a note holds."""
    return text if len(text) <= LONGEST_NOTE else f"{text[: LONGEST_NOTE - 3]}..."


def figure_of(value: float, path: Path, what: str) -> float:
    """A number of a document as a float. Raises RunUnreadable for one that has no such form."""
    try:
        return float(value)
    except OverflowError as error:
        raise refusal(path, f"{what} is larger than any number", "Correct it.") from error


def moment_of(seconds: float, path: Path, what: str) -> datetime:
    """Seconds since 1970 as a moment. Raises RunUnreadable for what no calendar has."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise refusal(path, f"{what} is {seconds}, which is no moment", "Correct it.") from error


class Numbering:
    """Counts how often a task was run: 1, 2, ... for each."""

    def __init__(self) -> None:
        self._counts: dict[str, count[int]] = {}

    def next_of(self, task: str) -> int:
        """Which run of the task this is, from 1."""
        return next(self._counts.setdefault(task, count(1)))


def _require_one_each(tasks: Iterable[TaskResult], path: Path) -> None:
    seen = set()
    for result in tasks:
        key = (result.task, result.run_no)
        if key in seen:
            raise refusal(
                path,
                f"it has run {result.run_no} of the task {result.task!r} twice",
                "Write it again with the tool.",
            )
        seen.add(key)


def _why_undecoded(body: bytes, error: Exception) -> str:
    # The reason in words of the checks that every payload passes, where they find one.
    if isinstance(error, msgspec.ValidationError):
        return reason_of(error)
    try:
        json_of(body)
    except (ValueError, RecursionError) as reason:
        return reason_of(reason)
    return reason_of(error)


@dataclass(frozen=True, kw_only=True)
class _TaskKind:
    importer: str
    pattern: re.Pattern[str]
    category: Category
    difficulty: Difficulty


@cache
def _task_kinds() -> tuple[_TaskKind, ...]:
    """The rows of the seed, in its order: the first that matches counts."""
    try:
        with TASK_KINDS.open(encoding="utf-8", newline="") as file:
            return tuple(_task_kind(row) for row in csv.DictReader(file, strict=True))
    except (OSError, ValueError, KeyError, TypeError, csv.Error, re.error) as error:
        raise refusal(
            TASK_KINDS,
            f"the seed cannot be read ({type(error).__name__}: {error})",
            "Restore it from the repository.",
        ) from error


def _task_kind(row: Mapping[str, str]) -> _TaskKind:
    if row["category"] not in get_args(Category) or row["difficulty"] not in get_args(Difficulty):
        raise ValueError(f"{row['category']!r} or {row['difficulty']!r} is not known")
    return _TaskKind(
        importer=row["importer"],
        pattern=re.compile(row["pattern"], re.IGNORECASE),
        category=row["category"],  # type: ignore[arg-type]
        difficulty=row["difficulty"],  # type: ignore[arg-type]
    )
