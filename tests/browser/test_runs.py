"""Pages of own runs in a browser: they fit and read with hostile names, in both themes, and copy."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CHROMIUM, assert_readable, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
PAGES = (
    "runs.html",
    f"runs/{'1' * 12}.html",
    f"runs/{'4' * 12}.html",
    "cells.html",
    "lab.html",
    "verdicts.html",
    "contradictions.html",
    "exploits.html",
    "adjudications.html",
)


@pytest.fixture(scope="module")
def hostile(hostile_site):
    with serving(hostile_site) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_hostile_names_break_no_page(visit, hostile, path, width, scheme):
    page = visit(path, width, address=hostile, color_scheme=scheme)
    assert page.locator("h1").count() == 1
    assert_readable(page, width)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_boards_of_samples_fit(visit, width):
    page = visit("runs.html", width)
    for summary in page.locator(".samples summary").all():
        if summary.is_visible():
            summary.click()
    assert_readable(page, width)


def test_a_ranking_sorts_by_the_median_and_back(visit):
    page = visit("runs.html")
    rows = page.locator(".ranking tbody tr")
    first = rows.first.locator(".median b").inner_text()
    page.get_by_role("button", name="Median").click()
    expect(page.locator(".ranking th[aria-sort='descending']")).to_have_text("Median")
    assert rows.first.locator(".median b").inner_text() == first
    page.get_by_role("button", name="Median").click()
    medians = [float(text) for text in page.locator(".ranking .median b").all_inner_texts()]
    assert medians == sorted(medians) and len(medians) == 4


def test_a_whisker_stands_where_its_numbers_say(visit, published):
    page = visit("runs.html")
    drawn = page.locator(".ranking svg.whisker").evaluate_all(
        """(all) => all.map((svg) => {
          const path = svg.querySelector("path").getBBox();
          return [+svg.querySelector(".zero").getAttribute("x1"),
            +svg.querySelector("circle").getAttribute("cx"), path.x, path.x + path.width];
        })"""
    )
    rows = published.query(
        "select delta, delta_low, delta_high from marts.fct_run_deltas"
        " inner join marts.run_scoreboard using (is_sample, nickname, model_key, config, pack_sha256)"
        " where category = 'total' order by run_rank"
    )
    most = max(abs(value) for row in rows for value in row)
    expected = [[66.0, *(66 + value / most * 60 for value in row)] for row in rows]
    assert drawn == [pytest.approx(row, abs=0.02) for row in expected] and len(drawn) == 2


def test_a_run_opens_its_grades_and_leads_back(visit):
    page = visit("runs.html")
    page.get_by_text("Newest runs: 12").click()
    page.locator(".newest tbody a").first.click()
    expect(page).to_have_url(re.compile(r"/runs/sample-[0-9a-f]{12}\.html$"))
    grade = page.locator(".by-whom details").first
    expect(grade.locator("li").first).to_be_hidden()
    grade.locator("summary").click()
    expect(grade.locator("li").first).to_be_visible()
    hashes = page.locator(".tasks .nerd").first
    expect(hashes).to_be_hidden()
    page.get_by_role("button", name="Details").click()
    expect(hashes).to_be_visible()
    page.get_by_role("link", name="Own runs", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/runs\.html$"))


def test_the_command_of_a_cell_is_copied(published, visit):
    page = visit("cells.html", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".cells-of summary").first.click()
    page.locator(".nine summary").first.click()
    button = page.locator(".command button").first
    button.click()
    expect(button).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    known = {
        command for (command,) in published.query("select reproduce_command from marts.fct_cells")
    }
    assert copied in known and copied.startswith("run-cell --tui 'sample-agent'")


def test_without_script_everything_is_there(visit):
    page = visit("cells.html", 390, java_script_enabled=False)
    expect(page.locator(".command button").first).to_be_hidden()
    page.locator(".cells-of summary").first.click()
    page.locator(".nine summary").first.click()
    expect(page.locator(".command code").first).to_be_visible()
    expect(page.locator(".popover dt").first).to_contain_text("Agent")
    assert page.locator(".popover").first.locator("dt").count() == 9


def test_the_other_ledgers_are_one_click_away(visit):
    page = visit("runs.html", 390)
    for label in ("Cells", "Lab", "Verdicts", "Contradictions", "Exploits", "Adjudications"):
        page.locator(".ways").get_by_role("link", name=label).click()
        expect(page.locator(".ways [aria-current=page]")).to_have_text(label)
        expect(page.locator(".top nav [aria-current]")).to_have_text("Own runs")
