"""The page of a source and that of a benchmark say what the marts say, and keep estimates apart."""

import math
import re

import pytest

from tests.site_builder.test_time_and_proof import text_of

ROLES = {"I_raw": "Idea", "P_raw": "Planning", "B_raw": "Building", "R": "Reviewing"}


@pytest.fixture(scope="module")
def site(published):
    return published.root / "out/site"


@pytest.mark.parametrize("metric", ["GPQA", "LMArenaDocument", "SWEBenchPro", "BlendedCost"])
def test_a_benchmark_counts_figures_of_its_own_and_draws_no_other(published, site, metric):
    path = site / f"b/{metric}.html"
    page, text = path.read_text("utf-8"), text_of(path)
    [(own, estimated)] = published.query(
        "select count(*) filter (where evidence_class in ('direct', 'override')),"
        " count(*) filter (where starts_with(evidence_class, 'fill_'))"
        f" from marts.fct_metric_scores where metric_key = '{metric}'"
    )
    more = f", {estimated} estimated" if estimated else ""
    assert f"a figure of {own} of 50 models{more}" in text
    assert page.count('<g class="dot') == own and 'class="dot dot-estimated"' not in page
    assert page.count("stands in with its") == estimated


@pytest.mark.parametrize("metric", ["GPQA", "TerminalBench"])
def test_a_benchmark_lists_every_published_row(published, site, metric):
    page = (site / f"b/{metric}.html").read_text("utf-8")
    expected = published.query(
        "select count(*) filter (where model_id is not null), count(*) filter (where is_selected),"
        " count(*) filter (where model_id is null)"
        f" from marts.fct_published_figures where metric_key = '{metric}'"
    )
    rows = page.split("Every published row of these models")[1]
    known, *others = rows.split('aria-label="Rows without a model of the board"')
    found = (
        len(re.findall(r"<tr[ >]", known)) - 1,
        known.count("<small>stands for it</small>"),
        len(re.findall(r"<tr[ >]", others[0])) - 1 if others else 0,
    )
    assert [found] == expected and found[0] > 20


@pytest.mark.parametrize("source", ["artificial_analysis", "lmarena", "gso"])
def test_a_source_weighs_what_its_metrics_weigh(published, site, source):
    text = text_of(site / f"s/{source}.html")
    # Worked out from the contributions of any one model, whose weights are those of all.
    weights = dict(
        published.query(
            "select role_key, sum(effective_weight) from marts.fct_contributions"
            " inner join marts.dim_metrics using (metric_key)"
            f" where model_id = 'openai/gpt-5.5' and source_key = '{source}' group by role_key"
        )
    )
    for role_key, label in ROLES.items():
        found = re.search(rf"Weight in {label} ([\d.]+)%", text)
        if role_key in weights:
            assert math.isclose(float(found[1]), 100 * weights[role_key], abs_tol=0.0501)
        else:
            assert found is None
    [(rows, matched, unmatched)] = published.query(
        "select n_rows_ingested, n_rows_matched, n_rows_unmatched from marts.dim_sources"
        f" where source_key = '{source}'"
    )
    assert f"Rows {rows:,} Name a model {matched:,} Name none {unmatched:,}" in text


def test_a_cell_says_what_it_weighs_in_each_role(published, site):
    page = (site / "m/openai/gpt-5.5.html").read_text("utf-8")
    for metric, label in (("SWERebench", "SWE-rebench"), ("GSO", "GSO")):
        row = next(
            part for part in page.split('id="scored"')[1].split("<tr>") if f">{label}</a>" in part
        )
        weights = published.query(
            "select label, weight from marts.dim_role_shares inner join marts.dim_roles"
            f" using (role_key) where share_of = 'metric' and share_key = '{metric}'"
            " order by position"
        )
        said = ", ".join(f"{100 * weight:.1f}% of {role}" for role, weight in weights)
        assert f"<small>{said}</small>" in row and weights
