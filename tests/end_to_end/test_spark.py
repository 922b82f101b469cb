"""The score models give the same on Spark; that is run only where it is asked for."""

import importlib.util
import os
import re
import subprocess

import pytest

from tests.conftest import PROJECT

PYTHON = PROJECT / ".venv-spark" / "bin" / "python"


@pytest.fixture(scope="module")
def spark():
    spec = importlib.util.spec_from_file_location("spark_script", PROJECT / "scripts" / "spark.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def java(home):
    return subprocess.run(
        [PROJECT / "scripts" / "java.sh"],
        env={**os.environ, "JAVA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend_java(home, first_line):
    program = home / "bin" / "java"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{first_line}' >&2\n", encoding="utf-8")
    program.chmod(0o755)


def test_a_missing_java_is_told_in_one_line(tmp_path):
    outcome = java(tmp_path)
    assert outcome.returncode == 2
    assert outcome.stderr.count("\n") == 1
    assert outcome.stderr.startswith("spark: Spark needs Java 17 or newer and there is none")


@pytest.mark.parametrize(
    ("first_line", "told"),
    [
        ('openjdk version "1.8.0_402"', "is 8:"),
        ('openjdk version "11.0.2" 2019-01-15', "is 11:"),
        ("what?", "is of an unknown version:"),
        ('openjdk version "17.0.15" 2025-04-15', None),
        ('java version "21" 2023-09-19 LTS', None),
    ],
)
def test_an_old_java_is_told_in_one_line(tmp_path, first_line, told):
    pretend_java(tmp_path, first_line)
    outcome = java(tmp_path)
    if told is None:
        assert (outcome.returncode, outcome.stderr) == (0, "")
    else:
        assert outcome.returncode == 2
        assert outcome.stderr.count("\n") == 1 and told in outcome.stderr


def test_the_comparison_sees_every_kind_of_difference(spark):
    expected = {(1,): {"score": 50.0, "kind": "a"}, (2,): {"score": None, "kind": "b"}}
    same = spark.difference(
        expected, {(1,): {"score": 50.0 + 1e-12, "kind": "a"}, (2,): expected[2,]}
    )
    assert same.is_none and 0 < same.largest < 1e-11
    for found in (
        {(1,): expected[1,]},
        {**expected, (3,): expected[1,]},
        {**expected, (1,): {"score": 50.0 + 1e-8, "kind": "a"}},
        {**expected, (1,): {"score": float("nan"), "kind": "a"}},
        {**expected, (1,): {"score": None, "kind": "a"}},
        {**expected, (1,): {"score": 50.0, "kind": "b"}},
        {**expected, (2,): {"score": 0.0, "kind": "b"}},
    ):
        assert not spark.difference(expected, found).is_none, found
    with pytest.raises(ValueError, match="columns"):
        spark.difference(expected, {**expected, (1,): {"score": 50.0}})
    with pytest.raises(ValueError, match="tell 2 rows apart as 1"):
        spark.keyed([{"key": 1}, {"key": 1}], ("key",))


@pytest.mark.skipif(
    "BENCHMART_SPARK" not in os.environ,
    reason="takes minutes: run make spark once, then set BENCHMART_SPARK=1",
)
def test_scores_on_spark_are_those_on_duckdb(spark, checkout):
    before = sorted(path.name for path in checkout.root.iterdir())
    outcome = subprocess.run(
        [PYTHON, checkout.root / "scripts" / "spark.py"],
        cwd=checkout.root,
        env=checkout.environment(),
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    lines = re.findall(r"^(\w+\.\w+) +(\d+) +(\S+)  (.*)$", outcome.stdout, re.M)
    assert [name for name, *_ in lines] == list(spark.COMPARED)
    for name, rows, largest, second in lines:
        [(expected,)] = checkout.query(f"select count(*) from {name}")
        assert int(rows) == expected > 0, name
        assert float(largest) <= 1e-9, name
        assert second == "the same rows", name
    # Spark left nothing beside its own folder.
    assert sorted({path.name for path in checkout.root.iterdir()} - {"build"}) == [
        name for name in before if name != "build"
    ]
