"""Scores synthetic boards of growing size with the project's models, and with other engines.

    python -m benchmarks.growth [--sizes 10000x200,100000x500] [--memory 4GB] [--rounds 1]

For each size: the models of the project, run by dbt; one hand-written DuckDB script for the same
tables; polars and pandas, where they are installed (`pip install polars pandas pyarrow`). All read
the same cells and write metric scores, group scores, role scores and contributions, each in a
process of its own with two threads; DuckDB has the memory that is stated, and spills beyond it.
Then the models that lead from published rows to evidence, of the board and of a kept one; and those
of ability, which fit the same places in rounds, once for each scenario.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import duckdb

from benchmarks.growth.boards import Size, grow

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
BUILT = PROJECT / "warehouse" / "benchmart.duckdb"
SCORING = (
    "int_metrics_normalized",
    "int_composites_blended",
    "int_groups_blended",
    "int_roles_blended",
    "int_contributions",
)
EVIDENCE = (
    "int_scores_selected",
    "int_figures_measured",
    "int_figures_donated",
    "int_figures_filled",
    "int_evidence",
    "int_evidence_of_editions",
)
ABILITY = ("int_capability_metrics", "int_ability_cells", "int_ability_fits", "int_abilities")
PROFILE = """
benchmart:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{{{ env_var('BENCHMART_DATABASE') }}}}"
      threads: 1
      settings:
        TimeZone: UTC
      config_options:
        threads: 2
        memory_limit: {memory}
        temp_directory: "{spill}"
        preserve_insertion_order: false
"""
# What every engine must agree on: rows, and sums of figures that differ only in their last digits.
CHECKED = {
    "metric_scores": "score",
    "group_scores": "score",
    "role_scores": "score",
    "contributions": "points",
}
OURS = {
    "metric_scores": "int_metrics_normalized",
    "group_scores": "int_groups_blended",
    "role_scores": "int_roles_blended",
    "contributions": "int_contributions",
}
# As the command does it: without the garbage collector.
BY_DBT = """
import gc, json, sys
gc.disable()
from dbt.cli.main import dbtRunner
outcome = dbtRunner().invoke(sys.argv[1:])
assert outcome.success, outcome.exception or [r.message for r in outcome.result.results]
print(json.dumps({r.node.name: r.execution_time for r in outcome.result.results}))
gc.enable()
"""
BY_HAND = """
import sys, time
import duckdb
database, script, memory, spill = sys.argv[1:]
connection = duckdb.connect(database)
connection.execute("set threads = 2; set preserve_insertion_order = false")
connection.execute(f"set memory_limit = '{memory}'")
connection.execute(f"set temp_directory = '{spill}'")
started = time.monotonic()
connection.execute(open(script, encoding="utf-8").read())
print(time.monotonic() - started)
"""


@dataclass(frozen=True)
class Measured:
    """Seconds and peak memory of one engine on one size."""

    seconds: float
    memory: float
    parts: dict[str, float] = field(default_factory=dict)


def run(*command: str | Path, database: Path | None = None) -> tuple[str, float, float]:
    """Run a command: its last line of output, wall seconds and peak memory in MB."""
    path = os.pathsep.join(filter(None, (str(PROJECT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path, "POLARS_MAX_THREADS": "2"}
    if database is not None:
        environment["BENCHMART_DATABASE"] = str(database)
    started = time.monotonic()
    child = subprocess.Popen(
        list(map(str, command)), cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True
    )
    # What wait4 says would count this process too, which the child began as.
    peak = 0.0
    while child.poll() is None:
        peak = max(peak, memory_of(child.pid))
        time.sleep(0.02)
    wall = time.monotonic() - started
    with child.stdout or nullcontext() as stream:
        output = stream.read() if stream else ""
    if child.returncode:
        raise RuntimeError(f"{command[1]} failed with {child.returncode}: {output[-500:]}")
    last = output.strip().splitlines()[-1] if output.strip() else ""
    return last, wall, peak


def memory_of(process: int) -> float:
    """The most memory in MB that a process had so far; 0 where Linux no longer says."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def by_dbt(folder: Path, database: Path, memory: str, models: tuple[str, ...]) -> Measured:
    """Seconds that dbt spent in the models, one after the other; parsing is not scoring."""
    profiles = folder / "profiles"
    profiles.mkdir(exist_ok=True)
    profile = PROFILE.format(memory=memory, spill=folder / "spill")
    (profiles / "profiles.yml").write_text(profile, encoding="utf-8")
    target = folder / "target"
    command = ["--quiet", "--no-write-json", "--log-level-file", "none", "run", "--select", *models]
    command += ["--profiles-dir", profiles, "--target-path", target, "--log-path", target]
    last, _, peak = run(sys.executable, "-c", BY_DBT, *command, database=database)
    parts = {name: spent for name, spent in json.loads(last).items() if name in models}
    return Measured(sum(parts.values()), peak, parts)


def by_hand(folder: Path, database: Path, memory: str) -> Measured:
    """Seconds of the hand-written script on the same file."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("drop schema if exists by_hand cascade")
    last, _, peak = run(
        sys.executable, "-c", BY_HAND, database, HERE / "by_hand.sql", memory, folder / "spill"
    )
    return Measured(float(last), peak)


def by_frames(engine: str) -> Callable[[Path, Path, str], Measured]:
    """Seconds of a script that reads Parquet and writes it, without those of its imports."""

    def measure(folder: Path, database: Path, memory: str) -> Measured:
        _, wall, peak = run(sys.executable, HERE / f"in_{engine}.py", folder)
        _, importing, _ = run(sys.executable, "-c", f"import {engine}, pyarrow.parquet")
        return Measured(wall - importing, peak)

    return measure


def export(database: Path, folder: Path) -> None:
    """The same cells, metrics, models and weights as Parquet files."""
    with duckdb.connect(str(database), read_only=True) as connection:
        for name, query in {
            "cells": "select * exclude (edition, model_id)"
            " from intermediate.int_evidence_of_editions",
            "metrics": "from seeds.metrics",
            "models": "select entry_no, model_id from intermediate.int_entries",
            "weights": "from intermediate.int_weights",
        }.items():
            connection.execute(f"copy ({query}) to '{folder / name}.parquet'")


def fingerprints(source: Callable[[str], str], connection: duckdb.DuckDBPyConnection) -> dict:
    """Rows and sum of each checked table of an engine."""
    found = {}
    for table, column in CHECKED.items():
        row = connection.execute(
            f"select count(*), sum({column}), sum({column} * {column}) from {source(table)}"
        ).fetchone()
        found[table] = row or (0, 0.0, 0.0)
    return found


def agree(left: dict, right: dict) -> bool:
    """Whether two engines made the same tables, but for the last digits of sums."""
    return all(
        one[0] == other[0]
        and all(math.isclose(a, b, rel_tol=1e-9) for a, b in zip(one[1:], other[1:], strict=True))
        for one, other in zip(left.values(), right.values(), strict=True)
    )


def compare(size: Size, folder: Path, memory: str, rounds: int) -> dict[str, Measured]:
    """Time every engine on one size, in turns, and print the medians and what they agree on."""
    database = folder / "board.duckdb"
    grow(database, size, parameters=BUILT)
    export(database, folder)
    engines: dict[str, Callable[[Path, Path, str], Measured]] = {
        "models of the project": lambda f, d, m: by_dbt(f, d, m, SCORING),
        "DuckDB by hand": by_hand,
    }
    missing = [name for name in ("polars", "pandas") if find_spec(name) is None]
    engines |= {n: by_frames(n) for n in ("polars", "pandas") if n not in missing}
    times: dict[str, list[Measured]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, measure in engines.items():
            # What one engine wrote would still be on its way to the disk while the next is timed.
            os.sync()
            try:
                times[name].append(measure(folder, database, memory))
            except RuntimeError as error:
                print(f"  {name}: {error}")
    found = {
        name: sorted(each, key=lambda one: one.seconds)[len(each) // 2]
        for name, each in times.items()
        if each
    }
    with duckdb.connect(str(database), read_only=True) as connection:
        ours = fingerprints(lambda table: f"intermediate.{OURS[table]}", connection)
        print(f"\n{size}: {size.cells:,} cells, {ours['contributions'][0]:,} contributions")
        for name, one in found.items():
            theirs = ours
            if name == "DuckDB by hand":
                theirs = fingerprints(lambda table: f"by_hand.{table}", connection)
            elif name in ("polars", "pandas"):
                path = f"'{folder}/{name}_"
                theirs = fingerprints(
                    lambda table, path=path: f"{path}{table}.parquet'", connection
                )
            same = "same figures" if agree(ours, theirs) else "OTHER FIGURES"
            ratio = one.seconds / found["models of the project"].seconds
            print(f"  {name:22} {one.seconds:7.2f} s {ratio:6.2f} {one.memory:7,.0f} MB  {same}")
            for part, spent in one.parts.items():
                print(f"      {part:30} {spent:7.2f} s")
    for name in missing:
        print(f"  {name} is not installed")
    return found


def alone(what: str, models: tuple[str, ...], size: Size, folder: Path, memory: str) -> float:
    """Seconds of some models of the project on a board that has what they read."""
    database = folder / "board.duckdb"
    grow(database, size, parameters=BUILT, is_published=models == EVIDENCE)
    if models == ABILITY:
        by_dbt(folder, database, memory, SCORING[:1])
    found = by_dbt(folder, database, memory, models)
    print(f"\n{size}: {what} in {found.seconds:.2f} s, {found.memory:,.0f} MB")
    for part, spent in found.parts.items():
        print(f"      {part:30} {spent:7.2f} s")
    return found.seconds


def print_growth(seconds: dict[Size, float]) -> None:
    """Print the exponent of the growth from each size to the next."""
    sizes = list(seconds)
    for before, after in pairwise(sizes):
        exponent = math.log(seconds[after] / seconds[before]) / math.log(after.cells / before.cells)
        print(f"{before} to {after}: grows with the power {exponent:.2f} of the cells")


def main() -> None:
    """Measure and print one table a size, and the exponent of the growth."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", default="10000x200,100000x500")
    parser.add_argument("--evidence", default="1000x200,4000x200,10000x200")
    parser.add_argument("--ability", default="500x100,1000x100,2000x100")
    parser.add_argument("--memory", default="4GB")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the boards lie, several GB of them")
    given = parser.parse_args()
    seconds = {}
    for text in filter(None, given.sizes.split(",")):
        size = Size(*map(int, text.split("x")))
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            found = compare(size, Path(folder), given.memory, given.rounds)
            seconds[size] = found["models of the project"].seconds
    print_growth(seconds)
    for what, texts, models, editions in (
        ("evidence", given.evidence, EVIDENCE, ("current", "previous")),
        ("ability", given.ability, ABILITY, ("measured",)),
    ):
        seconds = {}
        for text in filter(None, texts.split(",")):
            size = Size(*map(int, text.split("x")), sources=10, editions=editions)
            with tempfile.TemporaryDirectory(dir=given.folder) as folder:
                seconds[size] = alone(what, models, size, Path(folder), given.memory)
        print_growth(seconds)


if __name__ == "__main__":
    main()
