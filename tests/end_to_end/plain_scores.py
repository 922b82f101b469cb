"""The scoring formulas in plain Python, to hold the warehouse against."""

import csv
import math
from collections import defaultdict

from tests.conftest import PROJECT


def seed(name):
    with (PROJECT / "seeds" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def quantile(values, q):
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def clamp(value, low, high):
    return max(low, min(high, value))


def normalize(metric, cells):
    """{model: (raw, class)} to {model: 0-100 or None}, as the method is written down."""
    members = {m: raw for m, (raw, kind) in cells.items() if kind == "direct"}
    if len(members) < 2:
        members = {m: raw for m, (raw, _) in cells.items()}
    scale = math.log if metric["is_log_scale"] == "true" else float
    positive = metric["is_log_scale"] == "true"
    population = [scale(raw) for raw in members.values() if raw > 0 or not positive]
    placed = {}
    for model, (raw, _) in cells.items():
        if metric["transform"] == "as_score":
            placed[model] = clamp(raw * 100 if -1e-12 <= raw <= 1 + 1e-12 else raw, 0, 100)
            continue
        if (positive and raw <= 0) or not population:
            placed[model] = None
            continue
        if metric["transform"] == "percentile":
            low, high = quantile(population, 0.05), quantile(population, 0.95)
        elif len(population) < 20:
            low, high = min(population), max(population)
        else:
            low, high = quantile(population, 0.02), quantile(population, 0.98)
        if abs(high - low) < 1e-12:
            placed[model] = 50.0
            continue
        good = clamp((scale(raw) - low) / (high - low), 0, 1)
        good = good if metric["higher_is_better"] == "true" else 1 - good
        if metric["transform"] == "percentile":
            placed[model] = 100 * good
        else:
            placed[model] = 70 + 30 * (good - 0.2) / 0.8 if good >= 0.2 else 70 * good / 0.2
    return placed


def blend(weights, values):
    """Coverage-aware mean of the inputs that have a value: score, coverage."""
    present = {key: weight for key, weight in weights.items() if values.get(key) is not None}
    if not present:
        return 50.0, 0.0
    seen = math.fsum(present.values())
    coverage = seen / math.fsum(weights.values())
    mean = math.fsum(weight * values[key] for key, weight in present.items()) / seen
    step = clamp((coverage - 0.6) / (0.8 - 0.6), 0, 1)
    trust = step * step * (3 - 2 * step)
    return clamp(50 + (mean - 50) * (trust + (1 - trust) * coverage), 0, 100), coverage


def weight_sets(name, parent, child):
    sets = defaultdict(dict)
    for row in seed(f"coefficients/{name}"):
        sets[row[parent]][row[child]] = float(row["weight"])
    return sets


def blend_role(composites, groups, roles, of_model):
    """{metric: score} of a model to (inputs with composites, {group: score}, {role: score}).

    A composite without any input is 50 and counts as present; a set without inputs is left out of the set above it.
    """
    inputs = dict(of_model)
    for key, weights in composites.items():
        if weights:
            inputs[key] = blend(weights, of_model)[0]
    by_group = {key: blend(weights, inputs)[0] for key, weights in groups.items() if weights}
    by_role = {
        key: blend({g: w for g, w in weights.items() if g in by_group}, by_group)[0]
        for key, weights in roles.items()
    }
    return inputs, by_group, by_role
