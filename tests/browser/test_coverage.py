"""The matrix of models and metrics, counted again in SQL."""

from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CHROMIUM, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
SCORED = (
    "marts.fct_metric_scores inner join marts.dim_metrics as metrics using (metric_key)"
    " where metrics.status = 'scored'"
)
MARK = (
    "case evidence_class when 'direct' then 'measured' when 'override' then 'vendor-reported'"
    " when 'missing' then 'missing' else 'estimated' end"
)
OPACITIES = """(cells) => cells.map((cell) =>
  [cell.className || "missing", +getComputedStyle(cell, "::before").opacity])"""


def accessible_cells(page):
    """The rows of the matrix as a screen reader has them: what each of their cells is called."""
    session = page.context.new_cdp_session(page)
    session.send("Accessibility.enable")
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def said(node):
        name = node.get("name", {}).get("value", "")
        return name or " ".join(said(by_id[i]) for i in node["childIds"] if i in by_id).strip()

    rows = [node for node in nodes if node.get("role", {}).get("value") == "row"]
    return [[said(by_id[i]) for i in row["childIds"]] for row in rows]


def test_every_cell_is_the_mark_of_its_model_and_metric(visit, published):
    page = visit("coverage.html")
    heads = page.locator(".matrix .heads th").all_inner_texts()[2:]
    expected = {
        (model, metric): mark
        for model, metric, mark in published.query(
            "select models.display_name, metrics.label, "
            + MARK
            + " from marts.fct_metric_scores as cells"
            " inner join marts.dim_models as models using (model_id)"
            " inner join marts.dim_metrics as metrics on cells.metric_key = metrics.metric_key"
            " where metrics.status = 'scored'"
        )
    }
    # The tree brings the rows in an order of its own.
    rows = [row for row in accessible_cells(page) if row[0] in {model for model, _ in expected}]
    order = published.query(
        "select display_name from marts.scoreboard order by b_raw desc, model_id"
    )
    names = [name.strip() for name in page.locator(".matrix tbody th").all_inner_texts()]
    assert names == [name for (name,) in order] and len(rows) == len(names)
    shown = {
        (row[0], metric): mark for row in rows for metric, mark in zip(heads, row[2:], strict=True)
    }
    assert shown == expected and len(set(heads)) == len(heads)


def test_counts_of_rows_columns_and_all_are_those_of_the_marts(visit, published):
    page = visit("coverage.html")
    by_model = dict(
        published.query(
            "select display_name, count(*) filter (evidence_class = 'direct')"
            " from marts.dim_models inner join marts.fct_metric_scores using (model_id)"
            " where metric_key in (select metric_key from marts.dim_metrics where status = 'scored')"
            " group by 1"
        )
    )
    by_metric = dict(
        published.query(
            "select metrics.label, count(*) filter (evidence_class = 'direct') from "
            + SCORED
            + " group by 1"
        )
    )
    rows = [text.split("\t")[:2] for text in page.locator(".matrix tbody tr").all_inner_texts()]
    assert {name.strip(): int(count) for name, count in rows} == by_model
    heads = page.locator(".matrix .heads th").all_inner_texts()[2:]
    sums = page.locator(".matrix .sums td").all_inner_texts()
    assert dict(zip(heads, map(int, sums), strict=True)) == by_metric
    totals = Counter(dict(published.query(f"select {MARK}, count(*) from {SCORED} group by 1")))
    chips = page.locator(".covering .chip").all_inner_texts()[1:]
    assert {
        words: int(number.replace(",", ""))
        for words, number in (c.strip().rsplit(" ", 1) for c in chips)
    } == totals


def test_metrics_stand_by_group(visit, published):
    page = visit("coverage.html")
    spans = page.locator(".matrix .over th").evaluate_all(
        "(all) => all.map((th) => [th.textContent, th.colSpan])"
    )
    heads = page.locator(".matrix .heads th").all_inner_texts()[2:]
    assert sum(span for _, span in spans) == len(heads)
    members = {}
    for group, key, inner in published.query(
        "select groups.label, outer_one.input_key, inner_one.input_key"
        " from marts.dim_weights as outer_one"
        " inner join marts.dim_groups as groups on outer_one.parent_key = groups.group_key"
        " left join marts.dim_weights as inner_one on inner_one.level = 'composite'"
        "     and inner_one.parent_key = outer_one.input_key"
        " where outer_one.level = 'group'"
    ):
        members.setdefault(group, set()).add(inner or key)
    labels = dict(published.query("select label, metric_key from marts.dim_metrics"))
    at = 0
    seen = set()
    for group, span in spans:
        found = {labels[head] for head in heads[at : at + span]}
        assert found == members[group] - seen
        seen |= found
        at += span


@pytest.mark.parametrize("script", [True, False])
def test_a_mark_is_highlighted_with_and_without_script(visit, script):
    page = visit("coverage.html", java_script_enabled=script)
    cells = page.locator(".matrix tbody tr").first.locator("td:not(.num)")
    if not script:
        # The styles of a page without script cannot be asked for; what is chosen can.
        page.get_by_text("missing 491").click()
        expect(page.locator("[name=mark][value=missing]")).to_be_checked()
        expect(page.locator(".covering .search")).to_be_hidden()
        return
    assert {opacity for _, opacity in cells.evaluate_all(OPACITIES)} == {1}
    for value, letter in (
        ("measured", "m"),
        ("reported", "r"),
        ("estimated", "e"),
        ("missing", "missing"),
    ):
        page.locator(f"[name=mark][value={value}]").check(force=True)
        for row in page.locator(".matrix tbody tr").all()[:6]:
            for kind, opacity in row.locator("td:not(.num)").evaluate_all(OPACITIES):
                assert (opacity == 1) == (kind == letter)
    assert page.url.endswith("?mark=missing")


def test_a_search_narrows_the_rows_and_the_address_brings_it_back(visit):
    page = visit("coverage.html")
    page.get_by_placeholder("Search models").fill("gemini pro")
    shown = page.locator(".matrix tbody tr:visible th")
    names = shown.all_inner_texts()
    assert names and all("Gemini" in name and "Pro" in name for name in names)
    page.locator("[name=mark][value=estimated]").check(force=True)
    page.reload()
    assert shown.all_inner_texts() == names
    expect(page.locator("[name=mark][value=estimated]")).to_be_checked()
    expect(page.locator("[data-shown]")).to_have_text(f"{len(names)} of 50 models")
    page.get_by_placeholder("Search models").fill("no such model")
    expect(page.get_by_text("No model fits.")).to_be_visible()


@pytest.mark.parametrize("query", ["mark=none", "mark=%22%5D", "q=%20", "%"])
def test_a_nonsense_address_shows_the_whole_matrix(visit, query):
    page = visit(f"coverage.html?{query}")
    assert page.locator(".matrix tbody tr:visible").count() == 50
    expect(page.locator("[name=mark][value='']")).to_be_checked()


@pytest.mark.parametrize("width", [390, 1280])
def test_names_and_heads_stay_in_sight_while_the_matrix_moves(visit, width):
    page = visit("coverage.html", width)
    box = page.get_by_role("region", name="Models by benchmarks")
    name = page.locator(".matrix tbody tr").nth(30).locator("th")
    head = page.locator(".matrix .heads th").nth(20)
    box.evaluate("(box) => { box.scrollTop = 600; box.scrollLeft = 500; }")
    frame = box.bounding_box()
    assert abs(name.bounding_box()["x"] - frame["x"]) <= 2
    assert (
        head.bounding_box()["y"] >= frame["y"]
        and name.bounding_box()["y"] > head.bounding_box()["y"]
    )
    assert name.bounding_box()["width"] <= 0.5 * width


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_names_run_nothing_and_keep_the_width(visit, hostile_site, width):
    with serving(hostile_site) as address:
        page = visit("coverage.html", width, address=address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("main script, main img, main style").count() == 0
        heights = [row.bounding_box()["height"] for row in page.locator(".matrix tbody tr").all()]
        assert len(heights) == 3 and max(heights) < 60


def test_a_head_links_only_to_a_page_that_is_there(visit, published):
    page = visit("coverage.html")
    for link in page.locator(".matrix .heads a").all():
        assert (published.root / "out" / "site" / link.get_attribute("href")).is_file()


def test_the_page_stays_within_its_budget(published):
    assert (published.root / "out" / "site" / "coverage.html").stat().st_size <= 120_000
