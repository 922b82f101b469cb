"""The warehouse as a dbt user has it: a seed edit, a plain dbt build, SQL over the file."""

import pytest

from site_builder.errors import InvalidSite
from site_builder.lineage import ADDRESSES, without_tracker


@pytest.fixture(scope="module")
def built_in_place(published, module_folder):
    """The published checkout after SWEComposite weighs 0.41 in BUILD and GSO pays for it."""
    import shutil

    root = module_folder("edited") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = type(published)(root)
    seed = "seeds/coefficients/group_weights.csv"
    checkout.edit(seed, "BUILD,SWEComposite,0.31,", "BUILD,SWEComposite,0.41,")
    checkout.edit(seed, "BUILD,SWEAtlasComposite,0.155,", "BUILD,SWEAtlasComposite,0.055,")
    outcome = checkout.dbt("build")
    assert outcome.returncode == 0, outcome.stdout
    return checkout


def group_inputs(checkout):
    """{model: {input: score}} of everything that BUILD weighs."""
    rows = checkout.query(
        "select model_id, metric_key, score from marts.fct_metric_scores"
        " inner join marts.dim_weights on metric_key = input_key"
        " where parent_key = 'BUILD' and score is not null"
    )
    inputs = {}
    for model, key, score in rows:
        inputs.setdefault(model, {})[key] = score
    return inputs


def test_the_board_changes_as_the_formula_says(published, built_in_place):
    weights = dict(
        built_in_place.query(
            "select input_key, weight from marts.dim_weights where parent_key = 'BUILD'"
        )
    )
    assert weights["SWEComposite"] == 0.41 and sum(weights.values()) == pytest.approx(1)
    after = dict(
        built_in_place.query(
            "select model_id, score from marts.fct_group_scores where group_key = 'BUILD'"
        )
    )
    before = dict(
        published.query(
            "select model_id, score from marts.fct_group_scores where group_key = 'BUILD'"
        )
    )
    moved = 0
    for model, inputs in group_inputs(built_in_place).items():
        coverage = sum(weights[key] for key in inputs)
        mean = sum(weights[key] * score for key, score in inputs.items()) / coverage
        step = min(max((coverage - 0.6) / 0.2, 0), 1)
        trust = step * step * (3 - 2 * step)
        expected = 50 + (mean - 50) * (trust + (1 - trust) * coverage)
        assert after[model] == pytest.approx(expected, abs=1e-9)
        moved += abs(after[model] - before[model]) > 0.01
    assert moved > 25


def test_a_build_in_place_says_that_it_is_one(built_in_place):
    [(fingerprint, model_count)] = built_in_place.query(
        "select fingerprint, model_count from marts.board"
    )
    assert fingerprint.startswith("built in place ") and model_count == 50


def test_the_next_run_makes_the_outputs_agree_again(built_in_place):
    outcome = built_in_place.benchmart("all", "--offline")
    assert outcome.returncode == 0, outcome.stderr
    [(board,)] = built_in_place.query("select board_id from marts.board")
    assert board in (built_in_place.root / "out" / "scoreboard.toml").read_text("utf-8")


def test_the_lineage_site_is_generated(built_in_place):
    outcome = built_in_place.dbt("docs", "generate", "--static")
    assert outcome.returncode == 0, outcome.stdout
    page = built_in_place.root / "target" / "static_index.html"
    assert page.stat().st_size > 1_000_000
    text = page.read_text("utf-8")
    assert "fct_role_scores" in text
    assert not [address for address in ADDRESSES if address in without_tracker(text)]


def test_a_docs_page_with_another_tracker_is_refused():
    with pytest.raises(InvalidSite, match=r"lacks .*update site_builder/lineage\.py"):
        without_tracker("<html></html>")


def test_a_coefficients_file_leaves_no_trace_in_plain_builds(checkout):
    """What a request asked for is gone from the published file."""
    (checkout.root / "mine.toml").write_text("[role_weights.R]\nBUILD = 1.0\n", encoding="utf-8")
    assert checkout.benchmart("all", "--offline", "--coefficients", "mine.toml").returncode == 0
    outcome = checkout.dbt(
        "build", "--select", "int_weights+", "--exclude-resource-type", "unit_test"
    )
    assert outcome.returncode == 0, outcome.stdout
    assert checkout.query(
        "select input_key, weight from marts.dim_weights where parent_key = 'R' order by 1"
    ) == [("BUILD", 0.36), ("LM_ARENA_REVIEW_PROXY", 0.18), ("OPS_review", 0.08), ("PLAN", 0.38)]


def test_a_part_that_was_built_in_place_is_noticed(checkout):
    rows = "select count(*) from marts.fct_metric_scores"
    whole = checkout.query(rows)
    model = "models/marts/scoreboard/fct_metric_scores.sql"
    text = (checkout.root / model).read_text("utf-8")
    changed = text.rstrip() + "\nwhere model_id < 'b'\n"
    (checkout.root / model).write_text(changed, encoding="utf-8")
    assert checkout.dbt("run", "--quiet", "--select", "fct_metric_scores").returncode == 0
    assert checkout.query(rows) < whole
    (checkout.root / model).write_text(text, encoding="utf-8")
    outcome = checkout.benchmart("all", "--offline")
    assert outcome.returncode == 0, outcome.stderr
    assert "Nothing changed" not in outcome.stdout
    assert checkout.query(rows) == whole
