"""Deterministic graders: what is right, what is wrong, and what is no grade at all."""

import os
import subprocess
import sys
import time
from decimal import Decimal

import pytest

from loaders.runs import graders
from loaders.runs.graders import Grade, grade, grade_record, grade_sha256
from loaders.runs.shapes import ExactMatch, JsonSchema, NumberMatch, PythonTests, Rubric

RIGHT = Grade("graded", True)
SQUARE = "def square(x):\n    return x * x\n"
TESTS = "assert square(3) == 9\n"


def passed(grader, output):
    """The grade's verdict; a failure of the grader is none, and fails the test."""
    found = grade(grader, output, may_execute=True)
    assert found.state == "graded", found
    assert (found.note is None) == found.passed
    return found.passed


def failed(grader, output):
    found = grade(grader, output, may_execute=True)
    assert (found.state, found.passed) == ("grader_failed", None), found
    return found.note


@pytest.mark.parametrize(
    ("grader", "output", "right"),
    [
        (ExactMatch(expected=["Paris"]), " \nParis\t", True),
        (ExactMatch(expected=[" Paris "]), "Paris", True),
        (ExactMatch(expected=["Paris"]), "paris", False),
        (ExactMatch(expected=["STRASSE"], ignores_case=True), "straße", True),
        (ExactMatch(expected=["Rome", "Paris"]), "Paris", True),
        (ExactMatch(expected=["Paris"]), "It is Paris", False),
        (ExactMatch(expected=["a b"]), "a  b", False),
        (ExactMatch(expected=["Paris"]), "", False),
    ],
)
def test_an_exact_match_ignores_space_at_the_ends_and_case_if_told(grader, output, right):
    assert passed(grader, output) is right


@pytest.mark.parametrize(
    ("expected", "output"),
    [
        (42, "First 7, then **42**."),
        (42, "\\boxed{42}"),
        (42, "_42_"),
        (1234567.5, "1,234,567.50 in all"),
        (567, "1234,567"),
        (2, "one of (1,2)"),
        (-5, "x = -5"),
        (-5, "x = \u22125"),
        (5, "3-5"),
        (0.5, "about .5"),
        (1500, "1.5e3"),
        (50, "50%"),
        (42, "42, by GPT4"),
        (1.2, "1.2.3"),
        (0, "-0"),
        (1e307, "1e307"),
    ],
)
def test_the_last_number_of_the_output_counts(expected, output):
    assert passed(NumberMatch(expected=expected), output)
    assert not passed(NumberMatch(expected=expected + (1 + abs(expected))), output)


@pytest.mark.parametrize(
    "output", ["", "none", "nan", "inf", "Infinity", "1e999", "-" * 50, "9" * 500]
)
def test_what_is_no_finite_number_is_never_right(output):
    assert not passed(NumberMatch(expected=0, tolerance=1e308), output)


@pytest.mark.parametrize(
    ("output", "right"), [("1.1", True), ("0.9", True), ("1.1000001", False), ("0.8999", False)]
)
def test_the_tolerance_is_inclusive_in_decimals(output, right):
    # As doubles, 1.1 - 1.0 is more than 0.1.
    assert passed(NumberMatch(expected=1.0, tolerance=0.1), output) is right


@pytest.mark.parametrize(
    "grader",
    [
        NumberMatch(expected=float("nan")),
        NumberMatch(expected=float("inf")),
        NumberMatch(expected=1, tolerance=float("nan")),
        NumberMatch(expected=1, tolerance=float("inf")),
        NumberMatch(expected=1, tolerance=-1.0),
    ],
)
def test_a_grader_without_a_finite_number_has_no_grade(grader):
    assert failed(grader, "1") == "the expected number or its tolerance is not finite"


SCHEMA = JsonSchema(
    schema={"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
)


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ('{"n": 1}', True),
        ('Here:\n```json\n{"n": 1}\n```\nDone.', True),
        ('~~~\n{"n": 1}\n~~~', True),
        ('````\n{"n": 1}\n````', True),
        ('```\n{"n": 1}\n```\n```\n{"n": 1}\n```', False),
        ('```\n{"n": 1}', False),
        ('{"n": "1"}', False),
        ("{}", False),
        ('It is {"n": 1}', False),
        ('{"n": NaN}', False),
        ("", False),
        ("[" * 100_000, False),
        ("9" * 5_000, False),
    ],
)
def test_json_is_the_whole_output_or_its_one_block(output, right):
    assert passed(SCHEMA, output) is right


def test_what_only_python_takes_for_json_is_none():
    anything = JsonSchema(schema={})
    assert passed(anything, "[1.5]")
    for output in ("NaN", "[Infinity]", "-Infinity", "[1,]", "{'n': 1}"):
        assert not passed(anything, output)


def test_a_schema_is_read_as_of_2020_12():
    tuples = JsonSchema(schema={"prefixItems": [{"type": "integer"}], "items": False})
    assert passed(tuples, "[1]")
    assert not passed(tuples, "[1, 2]")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "no type"},
        {"pattern": "("},
        {"$ref": "#/$defs/none"},
        {"$ref": "#"},
        {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
        {"type": "integer", "$ref": "#/$defs/none"},
    ],
)
def test_a_broken_schema_is_a_failure_of_the_grader(schema):
    assert failed(JsonSchema(schema=schema), '"text"') == "the schema cannot be applied"


def test_a_schema_broken_in_itself_is_one_whatever_the_output():
    assert failed(JsonSchema(schema={"type": "no type"}), "no JSON")


def test_what_a_schema_points_to_is_never_fetched(judge_server):
    address = f"{judge_server.base_url}/schema.json"
    assert failed(JsonSchema(schema={"$ref": address}), "1")
    assert judge_server.asked == []


def test_a_schema_may_point_to_its_own_metaschema():
    schema = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    assert passed(JsonSchema(schema=schema), '{"type": "integer"}')


def test_a_regular_expression_that_runs_away_is_stopped(monkeypatch):
    monkeypatch.setattr(graders, "JSON_SECONDS", 1.0)
    started = time.monotonic()
    note = failed(JsonSchema(schema={"pattern": "^(a+)+$"}), '"' + "a" * 60 + 'b"')
    assert note == "the schema was not checked after 1 seconds"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "output",
    [
        SQUARE,
        f"Here it is:\n```python\n{SQUARE}```\nDone.",
        "import sys\nprint('x' * 10_000_000)\nprint('y' * 1000, file=sys.stderr)\n" + SQUARE,
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n" + SQUARE,
        'NOTE = """\n```\ntext\n```\n"""\n' + SQUARE,
    ],
)
def test_an_output_that_its_tests_accept_is_right(output):
    assert grade(PythonTests(tests=TESTS), output, may_execute=True) == RIGHT


@pytest.mark.parametrize(
    "output",
    [
        "def square(x):\n    return x\n",
        "",
        "no python",
        "null\0byte",
        "(" * 10_000,
        "raise SystemExit",
        "import sys; sys.exit(0)",
        "import os; os._exit(0)",
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes; ctypes.string_at(0)",
        "import os\nif os.fork(): os._exit(0)\n" + SQUARE,
        "import os\nif os.fork():\n    os.wait()\n    os._exit(0)\n" + SQUARE,
        "import atexit, os; atexit.register(os._exit, 0); raise ValueError",
        "def square(x):\n    raise SystemExit(0)",
        "import sys\nsquare = lambda x: sys.exit(0)",
        "import os\nsquare = lambda x: os._exit(0)",
        "import unittest\ndef square(x):\n    unittest.main()",
        "def square(x):\n    raise KeyboardInterrupt",
        "def square(x):\n    return square(x)",
        "x = [0] * 10**10\n" + SQUARE,
        "x = bytearray(2 * 2**30)\n" + SQUARE,
        "open('big', 'wb').write(bytes(64 * 2**20))\n" + SQUARE,
        "print(input())\n" + SQUARE,
        "import sys\nsys.stdin.seek(0)\nprint(sys.stdin.read()[0])\n" + SQUARE,
        "import os\nfor n in range(3, 20):\n"
        "    try: os.write(n, b'passed\\n' * 100)\n"
        "    except OSError: pass\n" + SQUARE,
        "import json\n" + SQUARE + "import yaml_that_nobody_has",
        "import jsonschema\n" + SQUARE,
    ],
)
def test_an_output_that_fails_or_leaves_early_is_wrong(output):
    found = grade(PythonTests(tests=TESTS), output, may_execute=True)
    assert found == Grade("graded", False, "the tests did not pass")


def test_an_exit_that_the_tests_call_as_a_function_is_none():
    found = grade(PythonTests(tests="f(0)"), "from sys import exit as f", may_execute=True)
    assert found.passed is False


UNITTEST = "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(square(3), 9)\nunittest.main()\n"


@pytest.mark.parametrize(
    ("output", "right"),
    [
        (SQUARE, True),
        ("square = abs", False),
        ("def square(x):\n    raise SystemExit(0)", False),
        ("import sys; sys.exit(0)", False),
    ],
)
def test_tests_may_end_in_unittest_main(output, right):
    assert passed(PythonTests(tests=UNITTEST), output) is right


def test_an_output_is_no_main_program_without_a_name():
    assert passed(PythonTests(tests="assert done"), "if __name__ == '__main__':\n    done = True")


def test_sets_have_one_order():
    output = "ORDER = sorted(range(65, 85), key=lambda n: hash(chr(n)))"
    tests = f"assert {order_of_hashes()} == ORDER"
    assert passed(PythonTests(tests=tests), output)


def order_of_hashes():
    """What an interpreter with a hash seed of 0 makes of some letters."""
    show = "print(sorted(range(65, 85), key=lambda n: hash(chr(n))))"
    command = [sys.executable, "-c", show]
    return subprocess.check_output(command, env={"PYTHONHASHSEED": "0"}, text=True).strip()


@pytest.fixture(params=["guarded", "unguarded"])
def escape(request, monkeypatch):
    """How an output may try to outlive its tests, on a system with namespaces and on one without."""
    if request.param == "unguarded":
        monkeypatch.setattr(graders, "_guard", lambda: ())
    # Out of its group, it is still in the namespace, where there is one.
    return "os.setsid()" if len(graders._guard()) > 2 else "pass"


def assert_nobody_makes(mark):
    """Whoever made the file again and again is gone, or goes in this moment."""
    assert mark.exists()
    time.sleep(0.2)
    mark.unlink()
    time.sleep(0.2)
    assert not mark.exists()


def test_a_hang_is_wrong_and_ends_with_all_its_processes(tmp_path, escape):
    mark = tmp_path / "alive"
    output = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        f"    {escape}\n"
        "    while True:\n"
        f"        open({str(mark)!r}, 'w').close()\n"
        "        time.sleep(0.05)\n"
        "time.sleep(60)\n"
    )
    started = time.monotonic()
    found = grade(PythonTests(tests=TESTS, timeout_s=1.0), output, may_execute=True)
    assert found == Grade("graded", False, "it was not done after 1 seconds")
    assert time.monotonic() - started < 5
    assert_nobody_makes(mark)


def test_a_process_left_behind_ends_with_the_tests(tmp_path, escape):
    mark = tmp_path / "alive"
    output = f"import os, time\nif os.fork() == 0:\n    {escape}\n    while True:\n        open({str(mark)!r}, 'w').close()\n        time.sleep(0.05)\ntime.sleep(0.2)\n"
    assert grade(PythonTests(tests=TESTS), output + SQUARE, may_execute=True) == RIGHT
    assert_nobody_makes(mark)


def test_a_busy_loop_is_stopped():
    found = grade(PythonTests(tests=TESTS, timeout_s=0.5), "while True: pass", may_execute=True)
    assert found == Grade("graded", False, "it was not done after 0.5 seconds")


def test_an_output_sees_no_environment_and_an_empty_folder(monkeypatch):
    monkeypatch.setenv("BENCHMART_TEST_SECRET", "s3cret")
    look = "import os\nassert set(os.environ) <= {'PYTHONHASHSEED', 'LC_CTYPE'}, os.environ\nassert os.listdir() == []\n"
    assert grade(PythonTests(tests=TESTS), look + SQUARE, may_execute=True) == RIGHT


def test_the_folder_of_an_output_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    output = "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').close()\n" + SQUARE
    assert grade(PythonTests(tests=TESTS), output, may_execute=True) == RIGHT
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not graders._guard(), reason="this system lets nobody leave its network")
def test_an_output_has_no_network(judge_server):
    host, port = judge_server.server_address
    output = f"import socket\nsocket.create_connection(({host!r}, {port}), timeout=1)\n"
    assert not passed(PythonTests(tests=""), output)


@pytest.mark.skipif(not graders._guard(), reason="processes are not counted without a namespace")
def test_an_output_has_few_processes():
    # The system keeps root to no number, so that only the limit itself can be seen.
    look = "import resource\nassert resource.getrlimit(resource.RLIMIT_NPROC) == (64, 64)\n"
    assert grade(PythonTests(tests=TESTS), look + SQUARE, may_execute=True) == RIGHT


@pytest.mark.skipif(len(graders._guard()) < 3, reason="this system has no namespace of processes")
def test_an_output_cannot_read_the_environment_of_its_caller():
    output = f"open('/proc/{os.getpid()}/environ', 'rb').read()"
    assert not passed(PythonTests(tests=""), output)


def test_a_system_that_has_no_unshare_still_grades(monkeypatch):
    monkeypatch.setattr(graders, "_guard", lambda: ())
    assert grade(PythonTests(tests=TESTS), SQUARE, may_execute=True) == RIGHT
    assert not passed(PythonTests(tests=TESTS), "import os; os._exit(0)")


@pytest.mark.parametrize("tests", ["assert (", "null\0byte"])
def test_tests_that_cannot_be_compiled_are_a_failure_of_the_grader(tests):
    assert failed(PythonTests(tests=tests), SQUARE) == "the tests cannot be compiled"


def test_an_interpreter_that_does_not_start_is_a_failure_of_the_grader(monkeypatch):
    monkeypatch.setattr(graders, "_guard", lambda: ("/bin/false",))
    assert failed(PythonTests(tests=TESTS), SQUARE) == "the process of the tests did not start"
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert failed(SCHEMA, "{}") == "it could not be run (FileNotFoundError)"


def test_nothing_is_executed_unless_that_is_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(graders, "_run_guarded", None)
    found = grade(PythonTests(tests=TESTS), SQUARE, may_execute=False)
    assert (found.state, found.passed) == ("not_executed", None)


def test_a_rubric_is_not_for_here():
    with pytest.raises(ValueError, match="judge"):
        grade(Rubric(rubric="Is it good?"), "yes", may_execute=True)


@pytest.mark.parametrize("score", [7.5, Decimal("7.5"), Decimal("7.50")])
def test_a_grade_has_one_hash_however_its_score_is_written(score):
    assert grade_record("rubric", "1", None, score) == {
        "grader_kind": "rubric",
        "grader_version": "1",
        "passed": None,
        "score": "7.5",
    }
    assert (
        grade_sha256("rubric", "1", None, score)
        == "20996b56434857ad90f18691872f3f81d89c4ed1139d9386b613b375f4cf5c56"
    )


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (10, "10"),
        (10.0, "10"),
        (0, "0"),
        (-0.0, "0"),
        (Decimal("1E+1"), "10"),
        (0.05, "0.05"),
        (None, None),
    ],
)
def test_a_score_is_a_plain_decimal_text(score, text):
    assert grade_record("rubric", "1", None, score)["score"] == text


@pytest.mark.parametrize("score", [float("nan"), float("inf"), True, Decimal("sNaN")])
def test_what_is_no_score_has_no_record(score):
    with pytest.raises(ValueError, match="is no number"):
        grade_record("rubric", "1", None, score)


def test_grades_that_differ_in_anything_have_other_hashes():
    grades = [
        ("a", "1", True, None),
        ("b", "1", True, None),
        ("a", "2", True, None),
        ("a", "1", False, None),
        ("a", "1", None, None),
        ("a", "1", True, 1),
    ]
    assert len({grade_sha256(*each) for each in grades}) == len(grades)
