"""A million task results of own runs: how long intake and build take, and how much memory.

`python -m benchmarks.own_runs [--submissions 10000] [--tasks 100]` writes run documents into a
scratch copy of the project, takes them in and builds the board; prints seconds, peak memory and
the shares of each part.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
LEFT = {".git", ".venv", ".venv-tools", "build", "cache", "out", "runs", "snapshots", "target"}
CATEGORIES = ("code", "reason", "write", "tool_use", "rag")
DIFFICULTIES = ("easy", "medium", "hard")
NICKNAME_A_DAY = 100


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--tasks", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "benchmart"
        shutil.copytree(PROJECT, root, ignore=_made)
        handed = Path(folder) / "handed"
        write_runs(handed, asked.submissions, asked.tasks)
        rows = asked.submissions * asked.tasks
        print(f"{asked.submissions:,} runs of {asked.tasks} tasks: {rows:,} results")
        measured("first board, without them", root, "score", "--offline")
        parts = [
            measured("intake", root, "intake", str(handed)),
            measured("board with them", root, "score", "--offline"),
        ]
        sizes = {
            name: (root / name).stat().st_size / 2**20
            for name in ("runs/ledger.duckdb", "warehouse/benchmart.duckdb")
        }
        print(f"intake and build: {sum(parts):.1f} s; {rows / sum(parts):,.0f} results a second")
        print(", ".join(f"{name} {size:.0f} MiB" for name, size in sizes.items()))


def _made(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in LEFT] if Path(folder) == PROJECT else []


def write_runs(folder: Path, submissions: int, tasks: int) -> None:
    """Write runs: six a configuration pair and model, a hundred a nickname."""
    folder.mkdir()
    drawn = random.Random(1)  # noqa: S311
    for number in range(submissions):
        group, member = divmod(number % NICKNAME_A_DAY, 6)
        results = [
            {
                "task": f"task-{place}",
                "category": CATEGORIES[place % 5],
                "difficulty": DIFFICULTIES[place % 3],
                "grading": "deterministic",
                "passed": (right := drawn.random() < 0.7),
                "grader": {"kind": "exact_match", "expected": [f"answer {place}"]},
                "prompt": f"Question {place}?",
                "output": f"answer {place}" if right else f"wrong {number} {place}",
                "cost_usd": 0.01,
                "duration_s": 2.5,
                "output_tokens": 200,
            }
            for place in range(tasks)
        ]
        run = {
            "format": "benchmart-run/1",
            "nickname": f"team-{number // NICKNAME_A_DAY}",
            "model": f"acme/model-{group}",
            "config_tag": "tagged" if member % 2 else None,
            "started_at": "2026-06-01T00:00:00Z",
            "load": {
                "profile": "chat-1",
                "calls": [
                    {"latency_s": round(drawn.uniform(1, 9), 3), "output_tokens": 300}
                    for _ in range(20)
                ],
            },
            "agent": {"tui": "agent", "behavior_mode": "auto", "plugin_stack": []},
            "tasks": results,
        }
        (folder / f"{number:06}.json").write_text(json.dumps(run), encoding="utf-8")


def measured(what: str, root: Path, *command: str) -> float:
    """Run a command of the project; prints and gives its seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "benchmart", *command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    grown = "" if peak == before else f", peak {peak / 2**20:.2f} GiB"
    print(f"{what}: {seconds:.1f} s{grown}", flush=True)
    return seconds


if __name__ == "__main__":
    main()
