"""What the board says about itself, worked out again in plain Python from its raw figures and seeds."""

import math
from collections import defaultdict
from datetime import date

import numpy as np
import pytest

from tests.end_to_end.plain_ability import plain_kendall, plain_spearman, uniform
from tests.end_to_end.plain_fills import chains
from tests.end_to_end.plain_scores import blend_role, seed, weight_sets
from tests.end_to_end.test_ability import (
    SALT,
    Board,
    capability_families,
    figures_of,
    measured_places,
)

ROLES = ("I_raw", "P_raw", "B_raw", "R")
PULLS = {"fill_same_series": 0.0, "fill_conservative": 0.15, "fill_cross_vendor": 0.15}


@pytest.fixture(scope="module")
def cells(published):
    return {
        (model, metric): (normalized, score, kind)
        for model, metric, normalized, score, kind in published.query(
            "select model_id, metric_key, normalized, score, evidence_class"
            " from marts.fct_metric_scores where evidence_class <> 'composite'"
        )
    }


@pytest.fixture(scope="module")
def places(published):
    return measured_places(published)


@pytest.fixture(scope="module")
def board(places):
    return Board({key: place for key, (place, _) in places.items()}, capability_families())


@pytest.fixture(scope="module")
def fits(board):
    names = ["all", *(f"without:{f}" for f in set(board.family)), *(f"fold:{k}" for k in range(10))]
    return {name: board.fit(name) for name in names}


@pytest.fixture(scope="module")
def varied(published):
    return {
        (scenario, model, role): score
        for scenario, model, role, score in published.query(
            "select scenario, model_id, role_key, score from intermediate.int_roles_varied"
        )
    }


@pytest.fixture(scope="module")
def validity(published):
    return {
        (check, subject): rest
        for check, subject, *rest in published.query(
            "select check_key, subject, value, value_low, value_high, sample_size, is_met"
            " from marts.fct_validity"
        )
    }


def times(scenario):
    """{family: times it counts} of a scenario; None where nothing is drawn."""
    families = sorted(set(capability_families().values()))
    kind, _, name = scenario.partition(":")
    if kind == "families":
        drawn = [
            families[int(uniform(SALT, scenario, place) * len(families))]
            for place in range(1, len(families) + 1)
        ]
        return {family: drawn.count(family) for family in families}
    if kind == "without":
        return {family: int(family != name) for family in families}
    if kind == "half":
        draw, _, half = name.partition(":")
        ordered = sorted(families, key=lambda family: uniform(SALT, f"half:{draw}", family))
        return {f: int((place % 2 == 0) == (half == "a")) for place, f in enumerate(ordered, 1)}
    return None


def weights_of(scenario):
    """The three weight sets of a scenario, without what weighs nothing in it."""
    families, counts = capability_families(), times(scenario)

    def drawn(sets, is_opinion):
        changed = {}
        for parent, weights in sets.items():
            changed[parent] = {}
            for key, weight in weights.items():
                if counts is not None and key in families:
                    weight *= counts[families[key]]
                if scenario.startswith("weights:") and is_opinion:
                    weight *= 1 + 0.2 * (2 * uniform(SALT, scenario, parent, key) - 1)
                if weight:
                    changed[parent][key] = weight
        return changed

    composites = drawn(weight_sets("composite_weights.csv", "composite_key", "metric_key"), False)
    groups = drawn(weight_sets("group_weights.csv", "group_key", "input_key"), True)
    roles = drawn(weight_sets("role_weights.csv", "role_key", "group_key"), True)
    empty = {key for key, weights in composites.items() if not weights}
    groups = {
        group: {key: weight for key, weight in weights.items() if key not in empty}
        for group, weights in groups.items()
    }
    return composites, groups, roles


@pytest.mark.parametrize(
    "scenario",
    [
        "weights:1",
        "weights:400",
        "families:1",
        "families:377",
        "without:lmarena",
        "without:artificial_analysis",
        "without:Toolathlon",
        "half:1:a",
        "half:10:b",
        "fold:0",
        "fold:7",
    ],
)
def test_varied_roles_are_the_boards_own_formulas(published, board, cells, varied, scenario):
    hidden = {}
    if scenario.startswith("fold:"):
        measured = {
            key: kind for key, (_, _, kind) in cells.items() if kind in ("direct", "override")
        }
        metrics = {row["metric_key"]: row for row in seed("catalogue/metrics.csv")}
        vendors = {row["model_id"]: row["vendor"] for row in seed("identity/models.csv")}
        pairs = seed("synthesis/synthesis_pairs.csv")
        for i, j in np.argwhere(board.hidden(scenario)):
            model = board.models[i]
            for metric in (m for m, of in figures_of().items() if of == board.metrics[j]):
                hidden[model, metric] = stand_in(
                    model, metric, metrics, vendors, measured, pairs, cells
                )
        assert len(hidden) > 50 and len([1 for value in hidden.values() if value is None]) > 5
        assert len([1 for value in hidden.values() if value is not None]) > 20
    sets = weights_of(scenario)
    checked = 0
    for model in {row["model_id"] for row in seed("identity/models.csv")}:
        inputs = {
            metric: hidden.get((model, metric), score)
            for (of, metric), (_, score, _) in cells.items()
            if of == model
        }
        inputs = {metric: score for metric, score in inputs.items() if score is not None}
        by_role = blend_role(*sets, inputs)[2]
        for role in ROLES:
            assert varied[scenario, model, role] == pytest.approx(by_role[role], abs=1e-9), model
            checked += 1
    assert checked == 200


def stand_in(model, metric, metrics, vendors, measured, pairs, cells):
    """The sibling's figure that would fill a cell whose own is hidden, pulled; None without one."""
    if metrics[metric]["is_synthesizable"] != "true":
        return None
    others = {key: kind for key, kind in measured.items() if key != (model, metric)}
    way = chains(model, metric, metrics[metric]["source_key"], others, pairs)
    if way is None:
        return None
    pulls = [0.1 if measured[way[1][-1], metric] == "override" else 0.0]
    for pair in way[0]:
        if vendors[pair["target_model_id"]] != vendors[pair["donor_model_id"]]:
            pulls.append(PULLS["fill_cross_vendor"])
        elif pair["category"] == "same_series_forward":
            pulls.append(PULLS["fill_same_series"])
        else:
            pulls.append(PULLS["fill_conservative"])
    pull = max(pulls)
    return cells[way[1][-1], metric][0] * (1 - pull) + 50 * pull


def test_rank_ranges_hold_nine_tenths_of_the_boards(published, varied):
    ranked = {
        (model, role): score
        for model, role, score in published.query(
            "select model_id, role_key, score from marts.fct_role_scores where is_ranked"
        )
    }
    ranges = {
        (kind, model, role): rest
        for kind, model, role, *rest in published.query(
            "select kind, model_id, role_key, score_low, score_high, rank_low, rank_high,"
            " best_share, first_or_better_share from marts.fct_rank_ranges"
        )
    }
    assert len(ranges) == 3 * 4 * 50
    for role in ROLES:
        models = [model for model, of in ranked if of == role]
        first = max(models, key=lambda model: ranked[model, role])
        for kind, count in (("weights", 400), ("families", 400), ("without", 15)):
            boards = [name for name in {key[0] for key in varied} if name.split(":")[0] == kind]
            assert len(boards) == count
            scores = np.array([[varied[name, model, role] for model in models] for name in boards])
            ranks = 1 + (scores[:, :, None] < scores[:, None, :]).sum(axis=2)
            cut = count // 20
            for place, model in enumerate(models):
                of_model, in_order = np.sort(scores[:, place]), np.sort(ranks[:, place])
                reached = scores[:, place] >= scores[:, models.index(first)]
                assert ranges[kind, model, role] == pytest.approx(
                    [
                        of_model[cut],
                        of_model[-1 - cut],
                        in_order[cut],
                        in_order[-1 - cut],
                        (ranks[:, place] == 1).mean(),
                        reached.mean(),
                    ],
                    abs=1e-9,
                )
    assert all(
        row[2:] == [None] * 4
        for (_, model, role), row in ranges.items()
        if (model, role) not in ranked
    )


def gap_filled(board, fits, places, scenario):
    """{(model, role): score} of the roles whose gaps are filled by what a fit expects."""
    composites = weight_sets("composite_weights.csv", "composite_key", "metric_key")
    groups = weight_sets("group_weights.csv", "group_key", "input_key")
    families, twins, plain = capability_families(), figures_of(), fits[scenario]
    hidden, left_out = board.hidden(scenario), scenario.removeprefix("without:")
    scores = {}
    for i, model in enumerate(board.models):
        for role, weights in weight_sets("role_weights.csv", "role_key", "group_key").items():
            total = whole = 0.0
            for group, outer in weights.items():
                for key, middle in groups[group].items():
                    for metric, inner in composites.get(key, {key: 1.0}).items():
                        if families.get(metric) == left_out:
                            continue
                        place, kind = places.get((model, metric), (None, None))
                        value = place
                        if kind == "override":
                            value = place * 0.9 + 50 * 0.1
                        if twins[metric] in board.metrics:
                            j = board.metrics.index(twins[metric])
                            if hidden[i, j]:
                                value = None
                            if value is None and plain.seen[:, j].any():
                                value = min(100.0, max(0.0, plain.predicted[i, j]))
                        if value is not None:
                            total += outer * middle * inner * value
                            whole += outer * middle * inner
            scores[model, role] = total / whole
    return scores


def test_gap_filled_roles_stand_on_measured_figures_and_predictions(published, board, fits, places):
    rows = published.query(
        "select scenario, model_id, role_key, score from intermediate.int_gap_filled_roles"
    )
    found = defaultdict(dict)
    for scenario, model, role, score in rows:
        found[scenario][model, role] = score
    assert set(found) == set(fits)
    for scenario in ("all", "without:scale", "fold:4"):
        expected = gap_filled(board, fits, places, scenario)
        assert found[scenario] == pytest.approx(expected, abs=1e-9)
    published_scores = published.query(
        "select model_id, role_key, gap_filled_score from marts.fct_role_scores"
    )
    for model, role, score in published_scores:
        assert score == found["all"].get((model, role))


@pytest.fixture(scope="module")
def held_out(board, fits, places, varied):
    """{(score, metric): (models, Spearman, Kendall)} of every benchmark by scores that have not seen it."""
    released = {
        row["model_id"]: date.fromisoformat(row["released_on"]).toordinal()
        for row in seed("identity/models.csv")
        if row["released_on"]
    }
    table = {}
    for family in set(board.family):
        scenario = f"without:{family}"
        filled = gap_filled(board, fits, places, scenario)
        for j, metric in enumerate(board.metrics):
            if board.family[j] != family:
                continue
            models = [
                model
                for i, model in enumerate(board.models)
                if not np.isnan(board.values[i, j]) and model in released
            ]
            truth = [board.values[board.models.index(model), j] for model in models]
            scores = {
                role: [varied[scenario, model, role] for model in models] for role in ROLES
            } | {f"gap_filled_{role}": [filled[model, role] for model in models] for role in ROLES}
            scores["mean_role"] = [
                math.fsum(varied[scenario, model, role] for role in ROLES) / 4 for model in models
            ]
            scores["gap_filled_mean_role"] = [
                math.fsum(filled[model, role] for role in ROLES) / 4 for model in models
            ]
            scores["ability"] = [fits[scenario].theta[board.models.index(m)] for m in models]
            scores["release_day"] = [released[model] for model in models]
            for name, values in scores.items():
                rounded = [round(value, 9) for value in values]
                table[name, metric] = (
                    len(models),
                    plain_spearman(truth, rounded),
                    plain_kendall(truth, rounded),
                )
    return table


def test_held_out_correlations_agree(published, held_out):
    rows = published.query(
        "select predictor, metric_key, model_count, spearman, kendall from marts.fct_held_out"
    )
    assert len(rows) == 12 * 39 == len(held_out)
    for name, metric, *found in rows:
        assert found == pytest.approx(held_out[name, metric], abs=1e-9), (name, metric)


def test_held_out_means_come_with_family_intervals(held_out, validity):
    families = capability_families()
    draws = [times(f"families:{draw}") for draw in range(1, 401)]
    metrics = sorted({metric for _, metric in held_out})
    for name in {name for name, _ in held_out}:
        for check, place in (("held_out_spearman", 1), ("held_out_kendall", 2)):
            values = [held_out[name, metric][place] for metric in metrics]
            expected = summary(values, metrics, families, draws)
            assert validity[check, name][:4] == pytest.approx([*expected, 39], abs=1e-9)
        if name == "release_day":
            continue
        gains = [held_out[name, m][1] - held_out["release_day", m][1] for m in metrics]
        expected = summary(gains, metrics, families, draws)
        found = validity["gain_over_release_day", name]
        assert found[:4] == pytest.approx([*expected, 39], abs=1e-9)
        assert found[4] == (expected[0] >= 0.03)


def summary(values, metrics, families, draws):
    """Mean over benchmarks, and the ends of nine tenths of the draws of families."""
    means = sorted(
        math.fsum(draw[families[m]] * v for m, v in zip(metrics, values, strict=True))
        / sum(draw[families[m]] for m in metrics)
        for draw in draws
    )
    return math.fsum(values) / len(values), means[20], means[-21]


def test_health_flags_what_goes_against_the_others(published, board, fits, held_out):
    rows = published.query(
        "select metric_key, slope, noise, held_out_spearman, held_out_upper_bound, is_flagged"
        " from marts.fct_metric_health"
    )
    assert len(rows) == 39
    for metric, slope, noise, found, bound, flagged in rows:
        j = board.metrics.index(metric)
        assert (slope, noise) == pytest.approx(
            (fits["all"].slope[j], fits["all"].noise[j]), abs=1e-9
        )
        n, spearman, _ = held_out["ability", metric]
        width = 1.645 * math.sqrt((1 + spearman**2 / 2) / (n - 3))
        assert found == pytest.approx(spearman, abs=1e-9)
        within = max(-1 + 1 / n, min(1 - 1 / n, spearman))
        assert bound == pytest.approx(math.tanh(math.atanh(within) + width), abs=1e-9)
        assert flagged == (bound < 0.3)
    assert [row[0] for row in rows if row[5]] == ["SonarIssueDensity"]


def test_intervals_and_statements_hold_what_they_promise(board, fits, validity):
    inside, inside_of = [], []
    for k in range(10):
        plain, hidden = fits[f"fold:{k}"], board.hidden(f"fold:{k}")
        low = np.clip(plain.predicted - 1.645 * plain.deviation, 0, 100)
        high = np.clip(plain.predicted + 1.645 * plain.deviation, 0, 100)
        held = (board.values >= low) & (board.values <= high)
        inside += list(held[hidden])
        inside_of += [
            (board.models[i], board.values[i, j], bool(held[i, j])) for i, j in np.argwhere(hidden)
        ]
    share = float(np.mean(inside))
    value, low_end, high_end, count, _ = validity["cell_intervals", "all"]
    assert value == pytest.approx(share, abs=1e-12) and count == len(inside) == 919
    # Figures of one model miss together: the doubt is that of models.
    surplus = [
        sum(held) - share * len(held)
        for model in board.models
        for held in [[hit for of, _, hit in inside_of if of == model]]
    ]
    doubt = 1.645 * math.sqrt(math.fsum(value**2 for value in surplus)) / len(inside)
    assert (low_end, high_end) == pytest.approx((share - doubt, share + doubt), abs=1e-9)
    for place in ("between the ends", "at an end"):
        held = [hit for _, value, hit in inside_of if (0 < value < 100) == (place[0] == "b")]
        assert validity["cell_intervals", place][0] == pytest.approx(np.mean(held), abs=1e-12)
        assert validity["cell_intervals", place][3] == len(held) > 100
    assert 0.87 <= share <= 0.93 and validity["cell_intervals", "all"][4] is True
    told = defaultdict(list)
    for family in set(board.family):
        plain = fits[f"without:{family}"]
        known = plain.seen.any(axis=0)
        slope, noise = plain.slope[known].mean(), plain.noise[known].mean()
        for j in np.flatnonzero(~known):
            models = np.flatnonzero(~np.isnan(board.values[:, j]))
            for a in models:
                for b in models:
                    lead = plain.theta[a] - plain.theta[b]
                    if lead > 0 and board.values[a, j] != board.values[b, j]:
                        doubt = slope**2 * (plain.variance[a] + plain.variance[b]) + 2 * noise
                        sure = (1 + math.erf(slope * lead / math.sqrt(2 * doubt))) / 2
                        told[int(sure * 10)].append(board.values[a, j] > board.values[b, j])
    assert sorted(told) == [5, 6, 7, 8, 9]
    for band, came_true in told.items():
        value, _, _, count, _ = validity["statements", f"said {band}0 %"]
        assert (value, count) == (pytest.approx(np.mean(came_true), abs=1e-12), len(came_true))
    value, _, _, count, is_met = validity["sure_statements", "all"]
    assert (value, count) == (pytest.approx(np.mean(told[9]), abs=1e-12), len(told[9]))
    assert value >= 0.88 and is_met is True


def test_masking_and_halves_agree(published, board, fits, places, varied, validity):
    ranked = {
        (model, role): score
        for model, role, score in published.query(
            "select model_id, role_key, score from marts.fct_role_scores where is_ranked"
        )
    }
    weighed = defaultdict(set)
    for role, metric in published.query(
        "select distinct role_key, metric_key from marts.fct_contributions"
    ):
        weighed[role].add(metric)
    twins = figures_of()
    whole = gap_filled(board, fits, places, "all")
    shrunk, filled = defaultdict(list), defaultdict(list)
    for k in range(10):
        scenario = f"fold:{k}"
        hidden, masked = board.hidden(scenario), gap_filled(board, fits, places, f"fold:{k}")
        for i, model in enumerate(board.models):
            names = {m for j, m in enumerate(board.metrics) if hidden[i, j]}
            names |= {m for m, of in twins.items() if of in names}
            for role in ROLES:
                if names & weighed[role] and (model, role) in ranked:
                    shrunk[role].append(abs(varied[scenario, model, role] - ranked[model, role]))
                    filled[role].append(abs(masked[model, role] - whole[model, role]))
    for role in ROLES:
        for check, errors in (("masking_shrunk", shrunk), ("masking_gap_filled", filled)):
            assert validity[check, role][0] == pytest.approx(np.mean(errors[role]), abs=1e-9)
            assert validity[check, role][3] == len(errors[role]) > 50
        models = [model for model, of in ranked if of == role]
        alike = [
            plain_spearman(
                *([round(varied[f"half:{d}:{h}", m, role], 9) for m in models] for h in "ab")
            )
            for d in range(1, 11)
        ]
        assert validity["split_half", role][:4] == pytest.approx(
            [np.mean(alike), min(alike), max(alike), 10], abs=1e-9
        )


def test_shares_of_a_role_add_up_and_match_their_cells(published, cells):
    composites = weight_sets("composite_weights.csv", "composite_key", "metric_key")
    groups = weight_sets("group_weights.csv", "group_key", "input_key")
    roles = weight_sets("role_weights.csv", "role_key", "group_key")
    rows = published.query(
        "select model_id, role_key, measured_weight_share, reported_weight_share,"
        " estimated_weight_share, missing_weight_share, independent_weight_share"
        " from marts.fct_role_scores"
    )
    assert len(rows) == 200
    for model, role, measured, reported, estimated, missing, independent in rows:
        assert independent + reported == pytest.approx(measured, abs=1e-9)
        assert measured + estimated + missing == pytest.approx(1, abs=1e-9)
        expected = defaultdict(float)
        for group, outer in roles[role].items():
            for key, middle in groups[group].items():
                for metric, inner in composites.get(key, {key: 1.0}).items():
                    kind = cells[model, metric][2]
                    expected[kind.partition("_")[0]] += outer * middle * inner
        assert (reported, estimated, missing) == pytest.approx(
            (expected["override"], expected["fill"], expected["missing"]), abs=1e-9
        )
        assert (missing > 0) == any(
            cells[model, metric][2] == "missing"
            for group in roles[role]
            for key in groups[group]
            for metric in composites.get(key, {key: 1.0})
        )
