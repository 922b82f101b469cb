"""Times the main job in a copy of the project: first, changed and unchanged run, and the floor.

    python benchmarks/main_job.py [--rounds 3]

Prints wall seconds, peak memory, and ratios within this run; machines are shared, so compare the
ratios. The floor is `dbt build` of the same project alone: one process, dbtRunner, the manifest of
the run before reused, no artefacts and no docs. Main job and floor take turns. The phases are those
of the main job, in their order; dbt's two are its start with the reading of the manifest, and all
nodes.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
MADE = {"build", "cache", "out", "target", "warehouse", "logs"}
FLOOR = """
import os, sys, time
# Where the main job builds: another path would have dbt read the whole project anew.
os.environ["BENCHMART_DATABASE"] = os.path.abspath("build/next/benchmart.duckdb")
from dbt.cli.main import dbtRunner
command = ["--quiet", "--no-write-json", "build", "--exclude-resource-type", "unit_test",
           "--target-path", "build/dbt", "--log-path", "build/dbt"]
started = time.monotonic()
outcome = dbtRunner().invoke(command)
assert outcome.success
print(len(outcome.result.results), time.monotonic() - started)
"""

PHASES = """
import json, sys, time
from benchmart import __main__ as command, pipeline, warehouse
spent = {}
def timed(where, name, phase):
    inner = getattr(where, name)
    def outer(*given, **named):
        started = time.monotonic()
        try:
            return inner(*given, **named)
        finally:
            spent[phase] = spent.get(phase, 0) + time.monotonic() - started
    setattr(where, name, outer)
for name, phase in (
    ("_collect", "ask the sources"), ("_stage_database", "copy the warehouse"),
    ("_land", "land"), ("_land_runs", "land own runs"), ("_render", "render"),
    ("movement", "compare"), ("read_changes", "compare"), ("_close_request", "publish"),
    ("publish_database", "publish"), ("publish_outputs", "publish"),
):
    timed(pipeline, name, phase)
build = warehouse.build
def followed(*given, report, **named):
    started, first = time.monotonic(), []
    def follow(progress):
        first or first.append(time.monotonic())
        report(progress)
    build(*given, report=follow, **named)
    spent["dbt, until the first node"] = first[0] - started
    spent["dbt, all nodes"] = time.monotonic() - first[0]
warehouse.build = followed
started = time.monotonic()
try:
    command.main()
finally:
    spent["everything else"] = time.monotonic() - started - sum(spent.values())
    print(json.dumps(spent))
"""


def run(root: Path, *command: str) -> tuple[float, float, str]:
    """Run one command in the copy: wall seconds, peak memory in MB, standard output."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    started = time.monotonic()
    child = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output = child.stdout.read().decode() if child.stdout else ""
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(command[:4])} failed:\n{output}")
    return time.monotonic() - started, usage.ru_maxrss / 1024, output


def copy_project(target: Path) -> Path:
    """What a clone holds: nothing that a run or a tool made."""

    def made(folder: str, names: list[str]) -> list[str]:
        if Path(folder) != PROJECT:
            return []
        return [name for name in names if name in MADE or name.startswith(".")]

    return Path(shutil.copytree(PROJECT, target, ignore=made))


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        root = copy_project(Path(folder) / "benchmart")
        job = (sys.executable, "-m", "benchmart", "all", "--offline")
        first, first_memory, _ = run(root, *job, "--now", "2026-01-01T00:00:00Z")
        changed, floor = [], []
        for second in range(rounds):
            moment = f"2026-01-02T00:00:{second:02}Z"
            phased = (sys.executable, "-c", PHASES, *job[3:], "--now", moment)
            changed.append(run(root, *phased))
            shutil.copyfile(
                root / "warehouse" / "benchmart.duckdb", root / "build/next/benchmart.duckdb"
            )
            floor.append(run(root, sys.executable, "-c", FLOOR))
        unchanged = [run(root, *job) for _ in range(rounds)]
        sizes = {
            "warehouse": (root / "warehouse" / "benchmart.duckdb").stat().st_size,
            "site": sum(p.stat().st_size for p in (root / "out/site").rglob("*") if p.is_file()),
        }
    nodes = floor[0][2].split()[-2]
    wall = statistics.median(result[0] for result in changed)
    floor_wall = statistics.median(result[0] for result in floor)
    phases = [json.loads(result[2].splitlines()[-1]) for result in changed]
    rows = {
        "first run, nothing parsed": f"{first:.2f} s, {first_memory:.0f} MB",
        "run with a change": f"{wall:.2f} s, {max(r[1] for r in changed):.0f} MB",
        "run without a change": f"{statistics.median(r[0] for r in unchanged):.2f} s",
        "dbt build alone, the floor": f"{floor_wall:.2f} s for {nodes} nodes",
        "main job over floor": f"{wall / floor_wall:.2f}",
        "sizes in kB": json.dumps({name: size // 1024 for name, size in sizes.items()}),
    }
    for name, value in rows.items():
        print(f"{name:30}{value}")
    print("\nthe run with a change, phase by phase")
    for phase in phases[0]:
        print(f"  {phase:28}{statistics.median(each[phase] for each in phases):.2f} s")


if __name__ == "__main__":
    main()
