"""The program of a grader whose work may hang or crash: run as a file of its own, never imported.

A job comes as JSON by standard input. What becomes of it goes to standard output: `started` when
the limits hold, then the job's token and a verdict. Only the end of the work knows the verdict,
so whatever leaves early leaves none.
"""

import contextlib
import json
import os
import resource
import sys
import types
from typing import Any

OUTPUT_FILE = "output.py"
TESTS_FILE = "tests.py"


def main() -> None:
    """Do one job and say how it ended, if this very process lives to its end."""
    job = json.loads(sys.stdin.buffer.read())
    process = os.getpid()
    told = os.dup(1)
    # The job holds the token, and a file can be read again: nothing of it stays within reach.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    _limit(job["limits"])
    os.write(told, b"started\n")
    token = job.pop("token")
    verdict = _check_json(job) if job["kind"] == "json_schema" else _run_tests(job)
    # A process that the output forked off ends here too, and has nothing to say.
    if os.getpid() == process:
        os.write(told, f"{token} {verdict}\n".encode())
    # Threads and exit handlers of the output get no say after the tests.
    os._exit(0)


def _limit(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        # A system without this limit, or with a lower one, has its own word.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _check_json(job: dict[str, Any]) -> str:
    sys.path[:] = job["path"]
    from loaders.runs.schema_check import check_json

    return check_json(job["schema"], job["texts"])


def _run_tests(job: dict[str, Any]) -> str:
    import unittest

    try:
        tests = compile(job["tests"], TESTS_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "broken"
    output = None
    for text in job["texts"]:
        try:
            output = compile(text, OUTPUT_FILE, "exec", dont_inherit=True)
            break
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    if output is None:
        return "failed"
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.argv[:] = [OUTPUT_FILE]
    endings = unittest.main.__init__.__code__.co_filename
    try:
        exec(output, vars(module))  # noqa: S102 (what this process is for)
        exec(tests, vars(module))  # noqa: S102
    except SystemExit as leaving:
        # unittest.main() ends so when all is well. Any other exit may be one of the output.
        ended = not leaving.code and _files_of(leaving)[-1:] == [endings]
        return "passed" if ended and OUTPUT_FILE not in _files_of(leaving) else "failed"
    except BaseException:
        return "failed"
    return "passed"


def _files_of(error: BaseException) -> list[str]:
    """The files on the way from here to where an error was raised."""
    files = []
    trace = error.__traceback__
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return files


if __name__ == "__main__":
    main()
