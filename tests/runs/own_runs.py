"""A team's own runs, written as documents, and their scorecards worked out again with fractions."""

import hashlib
import json
import random
from fractions import Fraction
from pathlib import Path

CATEGORIES = ("code", "reason", "write", "tool_use", "rag")
WEIGHTS = {
    "code": Fraction(25, 100),
    "reason": Fraction(20, 100),
    "write": Fraction(15, 100),
    "tool_use": Fraction(15, 100),
    "rag": Fraction(12, 100),
    "speed": Fraction(13, 100),
}
MULTIPLIERS = {"easy": Fraction(1), "medium": Fraction(3, 2), "hard": Fraction(2)}
RUBRIC = "Is it clear?"


def task(name, category, difficulty, *, right, **more):
    """A deterministic result; the grader that came with it agrees with `right`."""
    return {
        "task": name,
        "category": category,
        "difficulty": difficulty,
        "grading": "deterministic",
        "passed": right,
        "grader": {"kind": "exact_match", "expected": ["yes"]},
        "prompt": f"Do {name}.",
        "output": "yes" if right else "no",
        **more,
    }


def judged(name, category, difficulty, *, claim=5, output="Words."):
    return {
        **({} if claim is None else {"score": claim}),
        "task": name,
        "category": category,
        "difficulty": difficulty,
        "grading": "judged",
        "grader": {"kind": "rubric", "rubric": RUBRIC},
        "prompt": f"Write {name}.",
        "output": output,
    }


def calls(latency_s=2.0, tokens=300, count=20, failed=0):
    good = [{"latency_s": latency_s, "output_tokens": tokens}] * count
    return {"profile": "chat-1", "calls": good + [{"failed": True}] * failed}


def run(tasks, *, number=1, nickname="team", model="openai/gpt-5", tag=None, load=None, **more):
    """A run document; `number` makes its moment, and so its hash, its own."""
    document = {
        "format": "benchmart-run/1",
        "nickname": nickname,
        "model": model,
        "started_at": f"2026-06-{1 + number // 1000:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
        "tasks": tasks,
        **more,
    }
    if tag is not None:
        document["config_tag"] = tag
    if load is not None:
        document["load"] = load
    return document


def every_category(right, *, tasks=3):
    """Some tasks of every category; `right(category, place)` says which are right."""
    difficulties = ("easy", "medium", "hard")
    return [
        task(f"{category}/{place}", category, difficulties[place % 3], right=right(category, place))
        for category in CATEGORIES
        for place in range(tasks)
    ]


def share(results):
    """Earned of possible points of one category, by the definition."""
    possible = sum(MULTIPLIERS[one["difficulty"]] for one in results)
    earned = sum(MULTIPLIERS[one["difficulty"]] * grade_of(one) for one in results)
    return Fraction(earned) / possible


def grade_of(result):
    if result.get("error"):
        return Fraction(0)
    if result["grading"] == "judged":
        return Fraction(str(result["final_score"])) / 10
    return Fraction(int(result["output"] == "yes"))


def speed_points(latencies, tokens):
    """Points of calls against the first anchors, each third cut off after six places."""
    ordered = sorted(Fraction(str(one)) for one in latencies)

    def quantile(q):
        place = q * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (place - low) * (ordered[high] - ordered[low])

    figures = {
        (Fraction(30), Fraction(2)): quantile(Fraction(1, 2)),
        (Fraction(90), Fraction(6)): quantile(Fraction(95, 100)),
        (Fraction(10), Fraction(150)): sum(tokens) / sum(ordered),
    }
    thirds = [
        cut(min(max(100 * (value - floor) / (anchor - floor), Fraction(0)), Fraction(100)))
        for (floor, anchor), value in figures.items()
    ]
    return cut(sum(thirds) / 3)


def cut(points):
    """Cut off after six places."""
    return Fraction(int(points * 1_000_000), 1_000_000)


def total(results, speed):
    points = {
        category: 100 * share([one for one in results if one["category"] == category])
        for category in CATEGORIES
    }
    return cut(
        sum(WEIGHTS[category] * value for category, value in {**points, "speed": speed}.items())
    )


def random_run(seed):
    """A complete run of odd sizes, so that no two categories share a denominator."""
    drawn = random.Random(seed)
    results = []
    for category in CATEGORIES:
        for place in range(drawn.randint(3, 17)):
            difficulty = drawn.choice(("easy", "medium", "hard"))
            results.append(
                task(f"{category}/{place}", category, difficulty, right=drawn.random() < 0.6)
            )
    for one in results:
        if drawn.random() < 0.05:
            one.update(error="it broke", passed=False)
    latencies = [round(drawn.uniform(1, 40), 3) for _ in range(drawn.randint(20, 30))]
    tokens = [drawn.randint(50, 900) for _ in latencies]
    load = {
        "profile": "chat-1",
        "calls": [
            {"latency_s": latency, "output_tokens": count}
            for latency, count in zip(latencies, tokens, strict=True)
        ],
    }
    return (
        run(results, number=seed, load=load, model="acme/random"),
        results,
        speed_points(latencies, tokens),
    )


def write(folder: Path, name: str, document) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
