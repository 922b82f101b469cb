"""Times the main job in a copy of the project: first, changed and unchanged run, and the floor.

    python benchmarks/main_job.py [--rounds 3]

Prints wall seconds, peak memory, and ratios within this run; machines are shared, so compare the
ratios. The floor is `dbt build` alone, in process, with the manifest reused. The estimate for a
full project takes the seconds a node of this run and a budget of 20 seeds, 60 models, 120 tests.
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
NODE_BUDGET = 200
FLOOR = """
import os, sys, time
os.environ["BENCHMART_DATABASE"] = "build/floor/benchmart.duckdb"
from dbt.cli.main import dbtRunner
command = ["--quiet", "--no-write-json", "build", "--exclude-resource-type", "unit_test",
           "--target-path", "build/dbt", "--log-path", "build/dbt"]
started = time.monotonic()
outcome = dbtRunner().invoke(command)
assert outcome.success
print(len(outcome.result.results), time.monotonic() - started)
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
        changed = [
            run(root, *job, "--now", f"2026-01-02T00:00:{second:02}Z") for second in range(rounds)
        ]
        unchanged = [run(root, *job) for _ in range(rounds)]
        (root / "build" / "floor").mkdir()
        shutil.copyfile(
            root / "warehouse" / "benchmart.duckdb", root / "build/floor/benchmart.duckdb"
        )
        floor = [run(root, sys.executable, "-c", FLOOR) for _ in range(rounds)]
        sizes = {
            "warehouse": (root / "warehouse" / "benchmart.duckdb").stat().st_size,
            "site": sum(p.stat().st_size for p in (root / "out/site").rglob("*") if p.is_file()),
        }
    nodes = int(floor[0][2].split()[-2])
    building = statistics.median(float(result[2].split()[-1]) for result in floor)
    wall = statistics.median(result[0] for result in changed)
    floor_wall = statistics.median(result[0] for result in floor)
    estimate = wall + (NODE_BUDGET - nodes) * building / nodes
    rows = {
        "first run, nothing parsed": f"{first:.2f} s, {first_memory:.0f} MB",
        "run with a change": f"{wall:.2f} s, {max(r[1] for r in changed):.0f} MB",
        "run without a change": f"{statistics.median(r[0] for r in unchanged):.2f} s",
        "dbt build alone, the floor": f"{floor_wall:.2f} s for {nodes} nodes",
        "main job over floor": f"{wall / floor_wall:.2f}",
        f"estimate at {NODE_BUDGET} nodes": f"{estimate:.1f} s",
        "sizes in kB": json.dumps({name: size // 1024 for name, size in sizes.items()}),
    }
    for name, value in rows.items():
        print(f"{name:30}{value}")


if __name__ == "__main__":
    main()
