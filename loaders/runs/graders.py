"""Deterministic graders: the same output and grader give the same grade, here and in a replay."""

import contextlib
import functools
import json
import math
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from pathlib import Path
from typing import Any, Literal

from loaders.runs.schema_check import check_json
from loaders.runs.shapes import ExactMatch, Grader, JsonSchema, NumberMatch, PythonTests
from receipts.canonical import canonical, sha256

GRADERS_VERSION = "1"
GUARDED = Path(__file__).with_name("guarded.py")
JSON_SECONDS = 10.0
# Enough for an interpreter and a task; a fork bomb or an endless list ends here.
LIMITS: Mapping[str, int] = {
    "RLIMIT_AS": 2**30,
    "RLIMIT_CORE": 0,
    "RLIMIT_FSIZE": 16 * 2**20,
    "RLIMIT_NOFILE": 256,
}
MOST_PROCESSES = 64
# The most that is read of what a guarded process tells; its own words are shorter than this.
MOST_TOLD = 4096

State = Literal["graded", "grader_failed", "not_executed"]

# No digit of a word or a version is the start of a number; an emphasis mark is no word.
NUMBER = re.compile(
    r"(?<![^\W_])(?<![0-9]\.)"
    r"[-+\u2212]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+|(?=\.[0-9]))"
    r"(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})([^`]*)")
# Differences of any two doubles are exact with so many digits.
EXACTLY = Context(prec=1100)


@dataclass(frozen=True)
class Grade:
    """What a grader found.

    `passed` is None unless the state is `graded`. `note` is one line for a person and never
    quotes the output, because notes are kept for longer than outputs are.
    """

    state: State
    passed: bool | None
    note: str | None = None


def grade(grader: Grader, output: str, *, may_execute: bool, is_own_grader: bool = False) -> Grade:
    """Grade one output.

    A schema of our own (`is_own_grader`: that of a pack) is checked here and now; one that came
    with a run may hold a regular expression that never ends, and is checked apart.

    `may_execute` allows python_tests to run the output on this machine; without it they are
    `not_executed`. What is wrong with the grader itself (a schema that is none, tests that cannot
    be compiled, a check that takes too long) is `grader_failed`, never a grade.

    Raises ValueError for a rubric: that is for a judge.
    """
    match grader:
        case ExactMatch():
            return _grade_exact_match(grader, output)
        case NumberMatch():
            return _grade_number(grader, output)
        case JsonSchema():
            return _grade_json(grader, output, is_own=is_own_grader)
        case PythonTests():
            return _grade_python(grader, output, may_execute=may_execute)
    raise ValueError("A rubric is graded by a judge, not by a deterministic grader.")


def grade_record(
    grader_kind: str, grader_version: str, passed: bool | None, score: Decimal | float | None
) -> dict[str, Any]:
    """A grade as a JSON value, the score (0-10) as a decimal text without trailing zeros.

    Raises ValueError for a score that is no finite number.
    """
    return {
        "grader_kind": grader_kind,
        "grader_version": grader_version,
        "passed": passed,
        "score": None if score is None else _text_of(score),
    }


def grade_sha256(
    grader_kind: str, grader_version: str, passed: bool | None, score: Decimal | float | None
) -> str:
    """The hash of the canonical JSON of a grade, 64 hexadecimal digits."""
    return sha256(canonical(grade_record(grader_kind, grader_version, passed, score)))


def _text_of(score: Decimal | float) -> str:
    number = Decimal(str(score)) if not isinstance(score, bool) else Decimal("nan")
    if not number.is_finite():
        raise ValueError(f"A score of {score} is no number.")
    digits = format(number, "f")
    if "." in digits:
        digits = digits.rstrip("0").removesuffix(".")
    return "0" if digits == "-0" else digits


def _grade_exact_match(grader: ExactMatch, output: str) -> Grade:
    def plain(text: str) -> str:
        return text.strip().casefold() if grader.ignores_case else text.strip()

    found = plain(output)
    if any(plain(text) == found for text in grader.expected):
        return Grade("graded", True)
    return Grade("graded", False, "it is none of the expected texts")


def _grade_number(grader: NumberMatch, output: str) -> Grade:
    if not math.isfinite(grader.expected) or not 0 <= grader.tolerance < math.inf:
        return Grade("grader_failed", None, "the expected number or its tolerance is not finite")
    numbers = NUMBER.findall(output)
    if not numbers:
        return Grade("graded", False, "no number is in it")
    value = float(numbers[-1].replace(",", "").replace("\u2212", "-"))
    if not math.isfinite(value):
        return Grade("graded", False, "its last number is not finite")
    # As they are written: of the doubles 1.1 and 1.0, the difference is more than 0.1.
    written, expected, tolerance = (
        Decimal(repr(float(number))) for number in (value, grader.expected, grader.tolerance)
    )
    if EXACTLY.subtract(written, expected).copy_abs() <= tolerance:
        return Grade("graded", True)
    return Grade("graded", False, "its last number is another")


def _grade_json(grader: JsonSchema, output: str, *, is_own: bool) -> Grade:
    verdict: str | None
    if is_own:
        verdict, in_time = check_json(grader.schema, _readings(output)), True
    else:
        try:
            verdict, in_time = _check_json_apart(grader, output)
        except (OSError, ValueError, RecursionError) as error:
            return _not_run(error)
    match verdict:
        case "passed":
            return Grade("graded", True)
        case "failed":
            return Grade("graded", False, "it is not of the schema")
        case "no_json":
            return Grade("graded", False, "it is no JSON")
        case "broken":
            return Grade("grader_failed", None, "the schema cannot be applied")
    if not in_time:
        late = f"the schema was not checked after {JSON_SECONDS:g} seconds"
        return Grade("grader_failed", None, late)
    return Grade("grader_failed", None, "the check of the schema ended without a verdict")


def _check_json_apart(grader: JsonSchema, output: str) -> tuple[str | None, bool]:
    """Check in a process of its own: nothing else stops a regular expression that runs away."""
    job = {
        "kind": "json_schema",
        "schema": grader.schema,
        "texts": _readings(output),
        "path": [str(Path(folder).resolve()) for folder in sys.path],
    }
    return _run_guarded(job, seconds=JSON_SECONDS, guard=(), limits=LIMITS)


def _grade_python(grader: PythonTests, output: str, *, may_execute: bool) -> Grade:
    """Run the output with the tests after it, in one namespace, as the main file.

    This is a guard against accidents, and no sandbox. The process has limits of time, memory,
    file size and number of processes, an empty folder, no environment, only the standard library
    and, where the system lets us, no network and process ids of its own; root is kept to no number
    of processes. It has the rights of the user who runs this, and can read and delete what that
    user can; and code that looks for the way to claim success in the memory of its own process
    finds it. Outputs that nobody trusts belong into a machine that is thrown away.

    The tests have to run to their end, or end in `unittest.main()`: an exit that the output may
    have made is none. Strings are hashed with a fixed seed, so that sets have one order.
    """
    if not may_execute:
        return Grade("not_executed", None, "outputs are not executed unless that is allowed")
    if not 0 < grader.timeout_s < math.inf:
        return Grade("grader_failed", None, "the tests have no time to run in")
    guard = _guard()
    limits = {**LIMITS, "RLIMIT_CPU": math.ceil(grader.timeout_s) + 1}
    if guard:
        # Counted per user: only the processes of a fresh namespace are all our own.
        limits["RLIMIT_NPROC"] = MOST_PROCESSES
    job = {"kind": "python_tests", "tests": grader.tests, "texts": _readings(output)}
    try:
        verdict, in_time = _run_guarded(job, seconds=grader.timeout_s, guard=guard, limits=limits)
    except (OSError, ValueError, RecursionError) as error:
        return _not_run(error)
    match verdict:
        case "passed":
            return Grade("graded", True)
        case "broken":
            return Grade("grader_failed", None, "the tests cannot be compiled")
        case None:
            return Grade("grader_failed", None, "the process of the tests did not start")
    if not in_time:
        return Grade("graded", False, f"it was not done after {grader.timeout_s:g} seconds")
    return Grade("graded", False, "the tests did not pass")


def _not_run(error: Exception) -> Grade:
    return Grade("grader_failed", None, f"it could not be run ({type(error).__name__})")


def _readings(output: str) -> list[str]:
    """The whole output, and what is in its fenced block if it has exactly one."""
    blocks: list[list[str]] = []
    fence = ""
    for line in output.split("\n"):
        found = FENCE.fullmatch(line.rstrip())
        if not fence:
            if found:
                fence = found[1]
                blocks.append([])
        elif found and found[1].startswith(fence) and not found[2]:
            fence = ""
        else:
            blocks[-1].append(line)
    # A block that was never closed is an output that was cut off.
    return [output, "\n".join(blocks[0])] if len(blocks) == 1 and not fence else [output]


def _run_guarded(
    job: Mapping[str, Any], *, seconds: float, guard: Sequence[str], limits: Mapping[str, int]
) -> tuple[str | None, bool]:
    """Do a job in a process of its own; gives its verdict and whether it ended in time.

    The verdict is empty when the process ended without one, and None when it never came so far
    that its limits held.
    """
    token = secrets.token_hex(16)
    told, telling = os.pipe()
    try:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
            tempfile.TemporaryFile() as asked,
        ):
            asked.write(json.dumps({**job, "token": token, "limits": limits}).encode())
            asked.seek(0)
            # What -I does, but for one thing: it would make the order of sets a matter of luck.
            isolated = [sys.executable, "-P", "-s", "-S", "-B", "-X", "utf8", str(GUARDED)]
            process = subprocess.Popen(  # noqa: S603 (our own program, and no shell)
                [*guard, *isolated],
                cwd=folder,
                env={"PYTHONHASHSEED": "0"},
                stdin=asked,
                stdout=telling,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            in_time = True
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                in_time = False
            finally:
                # Also what the process left behind in its group.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        # Somebody who escaped from the group may hold the other end for ever.
        os.set_blocking(told, False)
        try:
            words = os.read(told, MOST_TOLD).decode("utf-8", "replace")
        except BlockingIOError:
            words = ""
    finally:
        os.close(told)
        os.close(telling)
    started, _, rest = words.partition("\n")
    if started != "started":
        return None, in_time
    said, _, verdict = rest.partition(" ")
    ended = in_time and process.returncode == 0
    return (verdict.rstrip("\n") if ended and said == token else ""), in_time


@functools.cache
def _guard() -> tuple[str, ...]:
    """The command that takes the network away and ends all processes with the first, if any can.

    A system may have no `unshare`, or not allow it to this user.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        return ()
    apart = (unshare, "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child")
    for guard in (apart, (unshare, "--net")):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            probe = [*guard, sys.executable, "-S", "-c", ""]
            subprocess.run(probe, check=True, capture_output=True, timeout=20)  # noqa: S603
            return guard
    return ()
