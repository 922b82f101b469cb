"""The ability score of the published board against numpy, from raw cells to rank intervals."""

import json
import math
import shutil

import duckdb
import numpy as np
import pytest

from tests.end_to_end.plain_ability import Fit, fit, plain_spearman, rank_interval, uniform
from tests.end_to_end.plain_scores import normalize, seed, weight_sets

SALT = "benchmart"
NO_CAPABILITY = ("OPS_long", "OPS_precision", "OPS_review")


def capability_families():
    """{metric: family} of all that a capability group weighs."""
    composites = weight_sets("composite_weights.csv", "composite_key", "metric_key")
    families = {row["source_key"]: row["family"] for row in seed("catalogue/sources.csv")}
    sources = {row["metric_key"]: row["source_key"] for row in seed("catalogue/metrics.csv")}
    found = {}
    for group, weights in weight_sets("group_weights.csv", "group_key", "input_key").items():
        if group not in NO_CAPABILITY:
            for key in weights:
                for metric in composites.get(key, {key: 1}):
                    source = sources[metric]
                    found[metric] = metric if source == "overrides" else families[source]
    return found


def figures_of():
    """{metric: the metric whose very figures it repeats, or itself}."""
    return {
        row["metric_key"]: row["same_figures_as"] or row["metric_key"]
        for row in seed("catalogue/metrics.csv")
    }


def measured_places(published):
    """{(model, metric): (0-100 among the measured alone, direct or override)} from raw figures."""
    catalogue = {row["metric_key"]: row for row in seed("catalogue/metrics.csv")}
    columns = {}
    for model, metric, raw, kind in published.query(
        "select model_id, metric_key, raw_value, evidence_class from marts.fct_metric_scores"
        " where evidence_class in ('direct', 'override')"
    ):
        columns.setdefault(metric, {})[model] = (raw, kind)
    return {
        (model, metric): (place, cells[model][1])
        for metric, cells in columns.items()
        for model, place in normalize(catalogue[metric], cells).items()
        if place is not None
    }


class Board:
    """The measured capability cells of a board as a matrix, and its fits."""

    def __init__(self, cells, families, fewest=4):
        twins = figures_of()
        metrics = {metric for _, metric in cells if metric in families}
        metrics = sorted(metric for metric in metrics if twins[metric] == metric)
        metrics = [m for m in metrics if sum(key[1] == m for key in cells) >= fewest]
        self.metrics = metrics
        self.models = sorted({model for model, metric in cells if metric in metrics})
        names = sorted({families[metric] for metric in metrics})
        self.family = [families[metric] for metric in metrics]
        self.family_numbers = np.array([names.index(family) for family in self.family])
        self.values = np.array(
            [[cells.get((model, m), np.nan) for m in metrics] for model in self.models]
        )

    def hidden(self, scenario) -> np.ndarray:
        kind, _, name = scenario.partition(":")
        if kind == "without":
            mask = np.array([[f == name for f in self.family]] * len(self.models))
        elif kind == "fold":
            mask = np.array(
                [
                    [int(uniform(SALT, "fold", m, f) * 10) == int(name) for f in self.family]
                    for m in self.models
                ]
            )
        else:
            mask = np.zeros(self.values.shape, dtype=bool)
        return mask & ~np.isnan(self.values)

    def fit(self, scenario="all") -> Fit:
        return fit(
            np.where(self.hidden(scenario), np.nan, self.values),
            self.family_numbers,
        )


@pytest.fixture(scope="module")
def board(published):
    places = measured_places(published)
    return Board({key: place for key, (place, _) in places.items()}, capability_families())


def scenarios(board):
    return ["all", *(f"without:{f}" for f in set(board.family)), *(f"fold:{k}" for k in range(10))]


def test_abilities_and_predictions_agree_in_every_scenario(published, board):
    abilities, predictions = {}, {}
    for scenario, model, ability, variance in published.query(
        "select scenario, model_id, ability, variance from intermediate.int_abilities"
    ):
        abilities[scenario, model] = (ability, variance)
    for scenario, model, metric, value, deviation in published.query(
        "select scenario, model_id, metric_key, unbounded, deviation"
        " from intermediate.int_cells_predicted"
    ):
        predictions[scenario, model, metric] = (value, deviation)
    assert len(board.metrics) == 39 and len(board.models) == 49
    assert {scenario for scenario, _ in abilities} == set(scenarios(board))
    worst = 0.0
    for scenario in scenarios(board):
        plain = board.fit(scenario)
        for i, model in enumerate(board.models):
            ability, variance = abilities.pop((scenario, model))
            worst = max(worst, abs(ability - plain.theta[i]), abs(variance - plain.variance[i]))
            for j, metric in enumerate(board.metrics):
                if plain.seen[:, j].any():
                    value, deviation = predictions.pop((scenario, model, metric))
                    worst = max(worst, abs(value - plain.predicted[i, j]))
                    worst = max(worst, abs(deviation - plain.deviation[i, j]))
    assert not abilities and not predictions
    assert worst <= 1e-9


def test_the_published_ability_is_the_plain_one_with_its_interval(published, board):
    plain = board.fit()
    draws = np.array(
        [
            [
                math.sqrt(-2 * math.log(1 - uniform(SALT, f"ability:{d}", model, 1)))
                * math.cos(2 * math.pi * uniform(SALT, f"ability:{d}", model, 2))
                for model in board.models
            ]
            for d in range(1, 1001)
        ]
    )
    # The draws are of a standard normal distribution.
    assert abs(draws.mean()) < 0.01 and abs(draws.std() - 1) < 0.01
    deviation = np.sqrt(plain.variance) * 1.1
    low, high, first = rank_interval(plain.theta, deviation, draws)
    best = plain.theta.argmax()
    rows = published.query(
        "select model_id, measured_cells, ability, ability_low, ability_high, ability_rank,"
        " rank_low, rank_high, best_share, is_tied_with_best from marts.fct_abilities"
    )
    assert len(rows) == 50
    without = [row for row in rows if row[2] is None]
    assert [(row[0], row[1]) for row in without] == [("z-ai/glm-5.2", 0)]
    assert all(value is None for row in without for value in row[2:])
    for model, cells, ability, start, end, rank, *rest in rows:
        if ability is None:
            continue
        i = board.models.index(model)
        assert cells == plain.seen[i].sum()
        assert ability == pytest.approx(50 + 10 * plain.theta[i], abs=1e-9)
        assert start == pytest.approx(ability - 16.45 * deviation[i], abs=1e-9)
        assert end == pytest.approx(ability + 16.45 * deviation[i], abs=1e-9)
        assert rank == 1 + (plain.theta > plain.theta[i]).sum()
        lead = plain.theta[best] - plain.theta[i]
        doubt = 1.645 * math.hypot(deviation[best], deviation[i])
        assert rest == [low[i], high[i], first[i], bool(lead < doubt)], model
    assert sum(row[8] for row in rows if row[8] is not None) == pytest.approx(1, abs=1e-9)
    assert 1 < sum(bool(row[9]) for row in rows) < 20


def test_pairs_are_normal_probabilities(published, board):
    plain = board.fit()
    slope, noise = plain.slope.mean(), plain.noise.mean()
    place = {model: i for i, model in enumerate(board.models)}
    rows = published.query(
        "select model_id, other_model_id, abler_probability, winning_probability"
        " from marts.fct_ability_pairs"
    )
    assert len(rows) == 49 * 48
    worst = 0.0
    for model, other, abler, winning in rows:
        a, b = place[model], place[other]
        lead = plain.theta[a] - plain.theta[b]
        doubt = plain.variance[a] + plain.variance[b]
        for said, deviations in (
            (abler, lead / (1.1 * math.sqrt(doubt))),
            (winning, slope * lead / math.sqrt(slope**2 * doubt + 2 * noise)),
        ):
            worst = max(worst, abs(said - (1 + math.erf(deviations / math.sqrt(2))) / 2))
    assert worst < 1e-7


def test_no_estimate_enters_ability(published, checkout):
    """Without a single sibling's figure roles move, and neither ability nor what it fills by a bit."""
    ((cells, seen),) = published.query(
        "select sum(measured_cells),"
        " (select count(*) from intermediate.int_ability_cells where scenario = 'all')"
        " from marts.fct_abilities"
    )
    assert cells == seen == 919
    pairs = checkout.root / "seeds/synthesis/synthesis_pairs.csv"
    pairs.write_text(pairs.read_text("utf-8").splitlines(keepends=True)[0], encoding="utf-8")
    outcome = checkout.benchmart("all", "--offline", "--now", "2026-06-13T12:00:00Z")
    assert outcome.returncode == 0, outcome.stderr
    estimates = "select count(*) from marts.fct_metric_scores where donor_model_id is not null"
    assert published.query(estimates)[0][0] > 500 and checkout.query(estimates) == [(0,)]
    for untouched in (
        "from marts.fct_abilities",
        "from marts.fct_ability_pairs",
        "from marts.fct_metric_health",
        "select model_id, role_key, gap_filled_score from marts.fct_role_scores",
        "from intermediate.int_cells_predicted",
    ):
        query = f"{untouched} order by all"
        assert checkout.query(query) == published.query(query), untouched
    moved = "select model_id, role_key, score from marts.fct_role_scores order by all"
    assert checkout.query(moved) != published.query(moved)


def test_nine_tenths_of_the_rank_intervals_hold_the_true_rank(board):
    """150 invented sets of abilities, measured with this board's benchmarks and gaps, and fitted again."""
    plain = board.fit()
    rng = np.random.default_rng(20261121)
    shape = board.values.shape
    families = board.family_numbers
    inside, held = [], []
    for _ in range(150):
        theta = rng.normal(size=shape[0])
        shared_part = rng.normal(size=(shape[0], families.max() + 1))[:, families]
        own_part = rng.normal(size=shape)
        rho = plain.correlation
        noise = np.sqrt(plain.noise) * (
            math.sqrt(rho) * shared_part + math.sqrt(1 - rho) * own_part
        )
        invented = plain.intercept + np.outer(theta, plain.slope) + noise
        invented = np.where(np.isnan(board.values), np.nan, invented)
        # As the figures of a board are: beyond the ends of its scale there is nothing.
        low_end, high_end = np.nanquantile(invented, (0.05, 0.95), axis=0)
        found = fit(np.clip(invented, low_end, high_end), families)
        draws = rng.normal(size=(1000, shape[0]))
        low, high, _ = rank_interval(found.theta, 1.1 * np.sqrt(found.variance), draws)
        rank = 1 + (theta[:, None] < theta[None, :]).sum(axis=1)
        inside += list((rank >= low) & (rank <= high))
        # Ability has no absolute zero: the invented ones are laid onto the scale of those that were found.
        doubt = np.sqrt(found.variance)
        onto = np.polyval(np.polyfit(theta, found.theta, 1, w=1 / doubt), theta)
        held += list(abs(onto - found.theta) <= 1.645 * 1.1 * doubt)
    assert len(inside) == len(held) == 150 * 49
    # The method page says so.
    assert np.mean(held) == pytest.approx(0.84, abs=0.01)
    assert 0.87 <= np.mean(inside) <= 0.93


def test_ability_on_published_scores_of_another_implementation(published, shared, tmp_path):
    """All cells taken as measured: our own models run on 33 models that others have scored."""
    path = shared("data/golden/scoreboard.json")
    golden = json.loads(path.read_text(encoding="utf-8"))["models"]
    root = tmp_path / "benchmart"
    shutil.copytree(published.root, root)
    checkout = type(published)(root)
    cells = {
        (model, metric): value
        for model, scored in golden.items()
        for metric, value in scored["metrics"].items()
    }
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute("delete from intermediate.int_metrics_normalized")
        connection.executemany(
            "insert into intermediate.int_metrics_normalized"
            " (entry_no, edition, metric_key, normalized, score)"
            " select entry_no, edition, $2, $3, $3 from intermediate.int_entries"
            " where edition = 'measured' and model_id = $1",
            [(*key, value) for key, value in cells.items()],
        )
    names = ("int_ability_cells", "int_ability_fits", "int_abilities", "fct_abilities")
    outcome = checkout.dbt("run", "--select", *names)
    assert outcome.returncode == 0, outcome.stdout
    plain = Board(cells, capability_families())
    theta = plain.fit().theta
    rows = checkout.query(
        "select model_id, ability from marts.fct_abilities where ability is not null"
    )
    ours = dict(rows)
    assert set(ours) == set(golden) == set(plain.models) and len(ours) == 33
    for i, model in enumerate(plain.models):
        assert ours[model] == pytest.approx(50 + 10 * theta[i], abs=1e-9)
    models = sorted(golden)
    means = [math.fsum(golden[model]["scores"].values()) / 4 for model in models]
    agreement = plain_spearman([ours[model] for model in models], means)
    # Its roles hold prices, estimates and opinions about weights; ability holds none of them.
    assert agreement == pytest.approx(0.9017, abs=1e-4)
