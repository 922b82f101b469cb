"""Every score of the published board, computed again from its raw figures in plain Python."""

import csv
import math
from collections import defaultdict

import pytest

from tests.conftest import PROJECT
from tests.end_to_end.plain_fills import fills


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


@pytest.fixture(scope="module")
def recomputed(published):
    catalogue = {m["metric_key"]: m for m in seed("catalogue/metrics.csv")}
    cells = defaultdict(dict)
    measured = {}
    for model, metric, raw, kind in published.query(
        "select model_id, metric_key, raw_value, evidence_class from marts.fct_metric_scores"
        " where evidence_class in ('direct', 'override')"
    ):
        cells[metric][model] = (raw, kind)
        measured[model, metric] = kind
    pulls = {cell: {"direct": 0.0, "override": 0.1}[kind] for cell, kind in measured.items()}
    kept, _ = fills(
        measured,
        seed("identity/models.csv"),
        catalogue.values(),
        seed("synthesis/synthesis_pairs.csv"),
        "0.65",
    )
    for (model, metric), (kind, donor, _, pull) in kept.items():
        cells[metric][model] = (cells[metric][donor][0], kind)
        pulls[model, metric] = pull
    metrics = defaultdict(dict)
    for key, column in cells.items():
        for model, value in normalize(catalogue[key], column).items():
            if value is not None:
                pull = pulls[model, key]
                metrics[model][key] = value * (1 - pull) + 50 * pull
    composites = weight_sets("composite_weights.csv", "composite_key", "metric_key")
    groups = weight_sets("group_weights.csv", "group_key", "input_key")
    roles = weight_sets("role_weights.csv", "role_key", "group_key")

    def score(of_model):
        inputs = dict(of_model)
        for key, weights in composites.items():
            inputs[key] = blend(weights, of_model)[0]
        by_group = {key: blend(weights, inputs)[0] for key, weights in groups.items()}
        by_role = {key: blend(weights, by_group)[0] for key, weights in roles.items()}
        return {"metrics": inputs, "groups": by_group, "roles": by_role}

    board = {}
    for row in seed("identity/models.csv"):
        of_model = metrics[row["model_id"]]
        board[row["model_id"]] = score(of_model)
        # What a metric adds is what would be lost if it said nothing: 50, and still there.
        board[row["model_id"]]["without"] = {
            key: score({**of_model, key: 50.0})["roles"] for key in of_model
        }
    return board


@pytest.mark.parametrize(
    ("part", "table", "key", "count"),
    [
        ("metrics", "fct_metric_scores", "metric_key", 1700),
        ("groups", "fct_group_scores", "group_key", 50 * 8),
        ("roles", "fct_role_scores", "role_key", 50 * 4),
    ],
)
def test_scores_agree(published, recomputed, part, table, key, count):
    rows = published.query(
        f"select model_id, {key}, score from marts.{table} where score is not null"
    )
    assert len(rows) >= count
    assert sum(len(board[part]) for board in recomputed.values()) == len(rows)
    worst = max(abs(recomputed[model][part][name] - score) for model, name, score in rows)
    assert worst <= 1e-9


def test_measured_share_is_the_share_of_weight_with_a_figure(published, recomputed):
    composites = weight_sets("composite_weights.csv", "composite_key", "metric_key")
    groups = weight_sets("group_weights.csv", "group_key", "input_key")
    roles = weight_sets("role_weights.csv", "role_key", "group_key")
    rows = published.query(
        "select model_id, role_key, measured_weight_share, is_ranked from marts.fct_role_scores"
    )
    measured = defaultdict(set)
    for model, metric in published.query(
        "select model_id, metric_key from marts.fct_metric_scores"
        " where evidence_class in ('direct', 'override')"
    ):
        measured[model].add(metric)
    for model, role, share, is_ranked in rows:
        expected = 0.0
        for group, role_weight in roles[role].items():
            for name, weight in groups[group].items():
                for metric, inner in composites.get(name, {name: 1.0}).items():
                    if metric in measured[model]:
                        expected += role_weight * weight * inner
        assert share == pytest.approx(expected, abs=1e-9)
        assert is_ranked == (share >= 0.4)


def test_a_metric_adds_what_is_lost_when_it_says_nothing(published, recomputed):
    rows = published.query(
        "select model_id, role_key, metric_key, score, points from marts.fct_contributions"
    )
    assert len(rows) > 50 * 4 * 20
    worst, moved = 0.0, 0
    for model, role, metric, score, points in rows:
        board = recomputed[model]
        assert (score is None) == (metric not in board["without"]), (model, metric)
        if score is None:
            assert points == 0
            continue
        lost = board["roles"][role] - board["without"][metric][role]
        worst, moved = max(worst, abs(points - lost)), moved + (abs(lost) > 0.01)
    assert worst <= 1e-9 and moved > 2000
