"""Every score of the published board, computed again from its raw figures in plain Python."""

from collections import defaultdict

import pytest

from tests.end_to_end.plain_fills import fills
from tests.end_to_end.plain_scores import blend_role, normalize, seed, weight_sets


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
        inputs, by_group, by_role = blend_role(composites, groups, roles, of_model)
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
