"""Writes the sample runs: invented outputs of made-up models over the practice pack.

`python -m samples.make_runs`; the same files each time.
"""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loaders.runs.documents import read_pack
from loaders.runs.packs import pack_sha256
from loaders.runs.shapes import Pack, PackTask

HERE = Path(__file__).parent
RUNS_OF_EACH = 3
CALLS = 24
WRONG = "I am not sure."
# Right answers; the graders of the pack decide, and a test says that each of these passes.
RIGHT: dict[str, str] = {
    "code/slice": "[2, 3]",
    "code/off-by-one": "4",
    "code/closure": "[2, 2, 2]",
    "code/null-join": "0",
    "reason/trains": "120 km/h is 120",
    "reason/ages": "Ben is 12",
    "reason/doors": "0.667",
    "reason/order": "b a c",
    "write/commit": '{"subject": "Guard the price filter against a price of zero"}',
    "write/changelog": json.dumps(
        [
            {"kind": "added", "text": "Export to CSV"},
            {"kind": "fixed", "text": "Empty files no longer crash the import"},
        ]
    ),
    "write/error": json.dumps(
        {
            "what": "port 70000 is out of range",
            "where": "server.port",
            "remedy": "Write a port from 1 to 65535.",
        }
    ),
    "write/summary": json.dumps(
        {
            "summary": "Cached pages are kept apart by the language of the user.",
            "risks": ["More misses until the cache is warm again"],
        }
    ),
    "tool_use/search": '{"tool": "search", "arguments": {"query": "def load_config"}}',
    "tool_use/edit": json.dumps(
        {
            "tool": "replace",
            "arguments": {"path": "app.py", "old": "retries = 3", "new": "retries = 5"},
        }
    ),
    "tool_use/none": '{"tool": null, "answer": "It is for notes."}',
    "tool_use/order": "read write test",
    "rag/when": "2 June",
    "rag/version": "4.4",
    "rag/absent": "not stated",
    "rag/between": "21",
}
# Share of right answers by difficulty, and what the plugin adds to it by category.
MODELS = {
    "sample-model-a": {"easy": 0.97, "medium": 0.85, "hard": 0.6, "latency": 3.0, "price": 0.004},
    "sample-model-b": {"easy": 0.9, "medium": 0.6, "hard": 0.35, "latency": 1.5, "price": 0.001},
}
PLUGIN = "repo-map"
PLUGIN_HELPS = {"code": 0.3, "tool_use": 0.3, "rag": 0.1}


def sample_runs() -> dict[str, dict[str, Any]]:
    """The sample runs by the name of their file."""
    pack = read_pack((HERE / "practice.json").read_bytes(), name="practice.json")
    runs = {}
    for place, (model, traits) in enumerate(MODELS.items()):
        for tag in (None, PLUGIN):
            for number in range(1, RUNS_OF_EACH + 1):
                name = f"{model}-{tag or 'base'}-{number}.json"
                started = datetime(2026, 6, 3 + number, 9 + place, 0, tzinfo=UTC)
                runs[name] = _run(pack, name, model, traits, tag, started)
    return runs


def _run(
    pack: Pack, name: str, model: str, traits: dict[str, float], tag: str | None, started: datetime
) -> dict[str, Any]:
    drawn = random.Random(name)  # noqa: S311 - samples have to be the same each time
    slower = 1.2 if tag else 1.0
    calls = [
        {
            "latency_s": round(traits["latency"] * slower * drawn.uniform(0.6, 1.9), 3),
            "output_tokens": drawn.randint(200, 600),
        }
        for _ in range(CALLS)
    ]
    run: dict[str, Any] = {
        "format": "benchmart-run/1",
        "nickname": "sample",
        "model": model,
        "started_at": started.isoformat().replace("+00:00", "Z"),
        "finished_at": (started + timedelta(minutes=12)).isoformat().replace("+00:00", "Z"),
        "harness": {"name": "samples/make_runs.py", "version": "1"},
        "pack": {"pack": pack.pack, "sha256": pack_sha256(pack)},
        "agent": {
            "tui": "sample-agent",
            "behavior_mode": "auto",
            "plugin_stack": [tag] if tag else [],
            "model_endpoint_sha": f"name:{model}",
            "sampling_profile": "temperature-0",
            "format_version": 2,
        },
        "load": {"profile": "chat-1", "calls": calls},
        "tasks": [_result(task, traits, tag, drawn) for task in pack.tasks],
    }
    if tag:
        run["config_tag"] = tag
    return run


def _result(
    task: PackTask, traits: dict[str, float], tag: str | None, drawn: random.Random
) -> dict[str, Any]:
    chance = traits[task.difficulty] + (PLUGIN_HELPS.get(task.category, 0) if tag else 0)
    is_right = drawn.random() < chance
    tokens = drawn.randint(80, 400)
    return {
        "task": task.task,
        "category": task.category,
        "difficulty": task.difficulty,
        "grading": "deterministic",
        "passed": is_right,
        "integrity": 1,
        "prompt": task.prompt,
        "output": RIGHT[task.task] if is_right else WRONG,
        "duration_s": round(traits["latency"] * drawn.uniform(0.8, 1.6), 3),
        "cost_usd": round(traits["price"] * tokens / 200, 6),
        "input_tokens": 900 if tag else 300,
        "output_tokens": tokens,
        "task_added_date": task.added_on.isoformat(),
    }


def main() -> None:
    """Write every run into the folder runs."""
    folder = HERE / "runs"
    folder.mkdir(exist_ok=True)
    for name, run in sample_runs().items():
        text = json.dumps(run, indent=1, ensure_ascii=False)
        (folder / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
