"""How often the interval of a delta holds the truth, of simulated teams with a known change.

    python benchmarks/delta_intervals.py [--teams 300] [--tasks 20] [--runs 3]

Each team runs its base and a tag over tasks of its own difficulty; the true change of a task is
drawn with it, and the truth of a team is the change of tasks like these. Takes the runs in, builds
the board in a copy of the project, and prints the share of intervals that hold the truth.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.own_runs import CATEGORIES, PROJECT, _made, measured

WEIGHTS = {"code": 0.25, "reason": 0.2, "write": 0.15, "tool_use": 0.15, "rag": 0.12}
MEAN_CHANGE, SPREAD = 0.1, 0.15


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=300)
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "benchmart"
        shutil.copytree(PROJECT, root, ignore=_made)
        handed = Path(folder) / "handed"
        write_teams(handed, asked.teams, asked.tasks, asked.runs)
        measured("intake", root, "intake", str(handed))
        measured("board", root, "score", "--offline")
        with duckdb.connect(str(root / "warehouse/benchmart.duckdb"), read_only=True) as found:
            for category, truth in [*((name, 100 * MEAN_CHANGE) for name in CATEGORIES), total()]:
                [row] = found.execute(
                    "select count(delta_low), avg((delta_low <= ? and ? <= delta_high)::integer),"
                    " avg(delta), avg(delta_high - delta_low) from marts.fct_run_deltas"
                    " where category = ? and not is_sample",
                    [truth, truth, category],
                ).fetchall()
                count, share, mean, width = row
                told = "no interval" if not count else f"{100 * share:.1f} % of {count} hold it"
                print(f"{category}: truth {truth:.2f}, mean {mean:.2f}, width {width:.1f}; {told}")


def total() -> tuple[str, float]:
    """The true change of the total: speed is the same on both sides."""
    return "total", 100 * MEAN_CHANGE * sum(WEIGHTS.values())


def write_teams(folder: Path, teams: int, tasks: int, runs: int) -> None:
    """Write the runs of all teams, `runs` of the base and as many with the tag."""
    folder.mkdir()
    drawn = random.Random(7)  # noqa: S311
    for team in range(teams):
        chances = {
            f"{category}/{place}": (base := drawn.uniform(0.3, 0.6), base + change(drawn))
            for category in CATEGORIES
            for place in range(tasks)
        }
        for number in range(2 * runs):
            is_tagged = number % 2
            results = [
                {
                    "task": name,
                    "category": name.partition("/")[0],
                    "difficulty": "easy",
                    "grading": "deterministic",
                    "passed": (right := drawn.random() < chance[is_tagged]),
                    "grader": {"kind": "exact_match", "expected": ["yes"]},
                    "output": "yes" if right else "no",
                }
                for name, chance in chances.items()
            ]
            calls = [
                {"latency_s": round(drawn.uniform(2, 9), 3), "output_tokens": 300}
                for _ in range(20)
            ]
            run = {
                "format": "benchmart-run/1",
                "nickname": f"team-{team}",
                "model": "acme/one",
                "config_tag": "tagged" if is_tagged else None,
                "started_at": f"2026-06-01T00:00:{number:02}Z",
                "load": {"profile": "chat-1", "calls": calls},
                "tasks": results,
            }
            (folder / f"{team:04}-{number}.json").write_text(json.dumps(run), encoding="utf-8")


def change(drawn: random.Random) -> float:
    """What the tag moves a task's chance by: about a tenth, more or less by its kind."""
    return drawn.uniform(MEAN_CHANGE - SPREAD, MEAN_CHANGE + SPREAD)


if __name__ == "__main__":
    main()
