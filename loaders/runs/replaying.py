"""Replays a recorded run: do the hashes still hold, and would the grader say the same again?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loaders.runs.documents import grade_sha256_of, sha256_of
from loaders.runs.graders import grade
from loaders.runs.recorded import Result
from loaders.runs.shapes import Rubric

LEVELS = {
    1: "hashes of prompt, output and grade",
    2: "the deterministic grader on the recorded output",
}


@dataclass(frozen=True)
class Replayed:
    """What became of one task result: `same`, `differs`, or `not_replayed` with the reason."""

    task: str
    run_no: int
    state: str
    reason: str


def replay(found: Iterable[Result], *, level: int, may_execute: bool) -> Iterator[Replayed]:
    """Replay task results of one level; nothing is asked of a network, and nothing is kept."""
    for result in found:
        state, reason = _hashes(result) if level == 1 else _graded(result, may_execute)
        yield Replayed(result.task, result.run_no, state, reason)


def _hashes(result: Result) -> tuple[str, str]:
    kept = {
        "prompt": (result.prompt, result.prompt_sha256),
        "output": (result.output, result.output_sha256),
    }
    for name, (text, sha256) in kept.items():
        if text is not None and sha256_of(text) != sha256:
            return "differs", f"the {name} is not the one that was recorded"
    if grade_sha256_of(result.grading, result.passed, result.score) != result.grade_sha256:
        return "differs", "the grade is not the one that was recorded"
    gone = [name for name, (text, sha256) in kept.items() if sha256 and text is None]
    if gone:
        return "not_replayed", f"{' and '.join(gone)}: expired, only the hash is left"
    return "same", "prompt, output and grade have their hashes"


def _graded(result: Result, may_execute: bool) -> tuple[str, str]:
    if result.grading != "deterministic" or isinstance(result.grader, Rubric):
        return "not_replayed", "a judge graded it, which is not deterministic"
    if result.grader is None:
        return "not_replayed", "no grader is recorded"
    if result.output is None:
        return "not_replayed", "the output expired, or there was none"
    again = grade(
        result.grader,
        result.output,
        may_execute=may_execute,
        is_own_grader=not result.has_own_grader,
    )
    if again.state != "graded":
        return "not_replayed", again.note or again.state
    recorded = result.passed if result.rechecked is None else result.rechecked
    if again.passed == recorded:
        return "same", "passed again" if again.passed else "failed again"
    said = {True: "passed", False: "failed", None: "nothing"}
    return "differs", f"recorded: {said[recorded]}; again: {said[again.passed]}"
