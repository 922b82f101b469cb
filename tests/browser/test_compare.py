"""The comparison: its sentences are those of the mart, its view lives in its address."""

import pytest
from playwright.sync_api import expect

from site_builder.wording import MARKS, chance, figure
from tests.browser.conftest import assert_readable, serving

TWO = "compare.html?m=openai/gpt-5.5&m=anthropic/claude-opus-4.7"
FOUR = (
    "compare.html?m=google/gemini-2.5-flash,openai/gpt-5.5&m=z-ai/glm-5.2"
    "&m=anthropic/claude-fable-5"
)


def names_of(published):
    return dict(published.query("select model_id, display_name from marts.dim_models"))


def key(page):
    return page.locator("[data-key] li").all_inner_texts()


@pytest.mark.parametrize("path", [TWO, FOUR])
def test_each_pair_is_told_with_the_probability_of_the_mart(visit, published, path):
    page = visit(path)
    names = names_of(published)
    pairs = {
        (one, other): (win, able)
        for one, other, win, able in published.query(
            "select model_id, other_model_id, winning_probability, abler_probability"
            " from marts.fct_ability_pairs"
        )
    }
    items = page.locator("[data-sentences] li").all()
    count = len(key(page))
    assert len(items) == count * (count - 1) / 2
    told = [item for item in items if item.get_attribute("data-first")]
    assert told
    for item in told:
        first, second = item.get_attribute("data-first"), item.get_attribute("data-second")
        win, able = pairs[first, second]
        assert win >= 0.5
        assert item.inner_text() == (
            f"On a benchmark that neither has been seen on, {names[first]} beats {names[second]}"
            f" with a probability of {chance(win)}. That it is the abler of the two is"
            f" {chance(able)} sure."
        )


def test_every_pair_of_the_board_is_on_the_page(visit, published):
    page = visit("compare.html")
    data = page.evaluate("JSON.parse(document.getElementById('compared').textContent)")
    at = {model["place"]: model["id"] for model in data["models"] if model["place"] >= 0}
    pairs = {
        (one, other): (chance(win), chance(able))
        for one, other, win, able in published.query(
            "select model_id, other_model_id, winning_probability, abler_probability"
            " from marts.fct_ability_pairs"
        )
    }
    seen = 0
    for one in range(len(at)):
        for other in range(one + 1, len(at)):
            cut = slice(2 * (other - one - 1), 2 * (other - one))
            found = tuple(f"{int(data[rows][one][cut])}%" for rows in ("winning", "abler"))
            assert found == pairs[at[one], at[other]]
            seen += 1
    assert 2 * seen == len(pairs) > 2000


def test_an_address_brings_the_view_back(visit):
    page = visit(FOUR + "&m=openai/gpt-5.4&only=1")
    before = page.locator("[data-compared]").inner_text()
    assert key(page) == ["Gemini 2.5 Flash", "GPT-5.5", "GLM-5.2", "Claude Fable 5"]
    page.get_by_label("Only where all are measured").uncheck(force=True)
    page.get_by_label("Only where all are measured").check(force=True)
    assert page.url.endswith(
        "compare.html?m=google/gemini-2.5-flash&m=openai/gpt-5.5&m=z-ai/glm-5.2"
        "&m=anthropic/claude-fable-5&only=1"
    )
    page.reload()
    assert page.locator("[data-compared]").inner_text() == before


def test_models_are_picked_by_keyboard(visit):
    page = visit("compare.html")
    page.get_by_label("First model").focus()
    page.keyboard.type("gpt-5.5")
    page.keyboard.press("Tab")
    expect(page.locator("[data-said]")).to_have_text("Choose a second model to compare with.")
    page.keyboard.type("opus 4.8")
    page.keyboard.press("Enter")
    assert key(page) == ["GPT-5.5", "Claude Opus 4.8"]
    assert page.url.endswith("?m=openai/gpt-5.5&m=anthropic/claude-opus-4.8")
    page.get_by_label("Third, if any").fill("no such model")
    page.keyboard.press("Tab")
    expect(page.locator("[data-said]")).to_have_text("Not on this board: no such model.")
    assert len(key(page)) == 2
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-compared]")).to_be_hidden()
    expect(page.get_by_label("First model")).to_be_focused()
    assert page.url.endswith("compare.html")


def test_scores_and_ranks_are_those_of_the_board(visit, published):
    page = visit(TWO)
    expected = published.query(
        "select score, score_low, score_high, rank_low, rank_high, role_rank"
        " from marts.fct_role_scores inner join marts.dim_roles using (role_key)"
        " where model_id in ('openai/gpt-5.5', 'anthropic/claude-opus-4.7')"
        " order by position, model_id desc"
    )
    rows = page.locator("[data-roles] tbody tr:not(.of-role)")
    assert rows.count() == len(expected) == 8
    for row, (score, low, high, rank_low, rank_high, rank) in zip(
        rows.all(), expected, strict=True
    ):
        _, _, said, may_be, ranks, _ = row.locator("th, td").all_inner_texts()
        assert said == f"{score:.1f}"
        assert [float(end) for end in may_be.split("–")] == pytest.approx([low, high], abs=0.6)
        one = rank_low == rank_high
        assert ranks == (
            "—" if rank is None else str(rank_low) if one else f"{rank_low}–{rank_high}"
        )


def test_the_chart_shows_each_figure_with_its_evidence(visit, published):
    page = visit(TWO)
    letters = {"measured": "m", "reported": "r", "estimated": "e"}
    for place, model_id in enumerate(("openai/gpt-5.5", "anthropic/claude-opus-4.7")):
        for metric, raw, score, kind in published.query(
            "select metric_key, raw_value, score, evidence_class from marts.fct_metric_scores"
            f" inner join marts.dim_metrics using (metric_key) where model_id = '{model_id}'"
            " and status = 'scored' and score is not null"
        ):
            row = page.locator(f"[data-metric={metric}]")
            cell = row.locator(f".published > :nth-child({place + 1})")
            assert cell.locator(":scope > span").first.inner_text() == figure(raw)
            mark = row.locator(f".track .shape-{place}")
            assert f"is-{letters[MARKS[kind][0]]}" in mark.get_attribute("class")
            at = float(mark.evaluate("(mark) => mark.style.getPropertyValue('--at')"))
            assert at == pytest.approx(score, abs=0.051)
            track, box = row.locator(".track").bounding_box(), mark.bounding_box()
            middle = box["x"] + box["width"] / 2 - track["x"]
            assert middle == pytest.approx(at * track["width"] / 100, abs=1)


def test_only_what_is_measured_for_all_can_be_shown(visit):
    page = visit(TWO)
    every = page.locator("[data-metric]").count()
    page.get_by_label("Only where all are measured").check(force=True)
    left = page.locator("[data-metric]")
    assert 5 < left.count() < every
    assert left.locator(".track .shape").count() == left.locator(".track .is-m").count()
    assert "only=1" in page.url


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("m=no/such", "Not on this board: no/such."),
        ("m=<b>x</b>&m=openai/gpt-5.5", "Not on this board: <b>x</b>."),
        ("m=openai/gpt-5.5&m=openai/gpt-5.5", "Choose a second model to compare with."),
        ("m=,,,&only=yes", ""),
        ("%", ""),
    ],
)
def test_a_nonsense_address_shows_the_contests(visit, query, said):
    page = visit(f"compare.html?{query}")
    expect(page.locator("[data-unchosen]")).to_be_visible()
    expect(page.locator("[data-compared]")).to_be_hidden()
    expect(page.locator("[data-said]")).to_have_text(said)


def test_without_script_the_closest_contests_stand_there(visit, published):
    page = visit("compare.html", java_script_enabled=False)
    expect(page.get_by_text("To choose models of your own needs script.")).to_be_visible()
    expect(page.locator("[data-compare]")).to_be_hidden()
    names = names_of(published)
    for role_key, label in (("P_raw", "Planning"), ("B_raw", "Building")):
        ((first,),) = published.query(
            f"select model_id from marts.fct_role_scores where role_key = '{role_key}' and role_rank = 1"
        )
        expected = published.query(
            "select pairs.other_model_id, winning_probability from marts.fct_ability_pairs as pairs"
            " inner join marts.fct_role_scores as scores on pairs.other_model_id = scores.model_id"
            f" where pairs.model_id = '{first}' and role_key = '{role_key}' and is_tied_with_best"
            " and is_ranked order by role_rank, scores.model_id limit 8"
        )
        rows = page.get_by_role("region", name=f"Contests in {label}").locator("tbody tr")
        assert [
            (row.locator("a").inner_text(), row.locator("td").last.inner_text())
            for row in rows.all()
        ] == [(names[other], chance(win)) for other, win in expected]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["compare.html", FOUR])
def test_the_page_fits_reads_and_is_labelled(visit, path, width, scheme):
    page = visit(path, width, color_scheme=scheme)
    assert_readable(page, width)


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_names_run_nothing_and_keep_the_width(visit, hostile_site, width):
    with serving(hostile_site) as address:
        page = visit("compare.html?m=acme/a-1&m=acme/a-2&m=zeta/z-1", width, address=address)
        dialogs = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
        assert page.locator("[data-sentences] li").count() == 3
        page.locator("details.behind summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("main img, main style, [data-compared] script").count() == 0
        assert dialogs == []


def test_the_page_opens_from_a_folder_as_well(browser, hostile_site):
    page = browser.new_page()
    page.goto((hostile_site / "compare.html").as_uri() + "?m=acme/a-1&m=acme/a-2")
    expect(page.locator("[data-sentences] li")).to_contain_text("beats")
    page.close()


def test_the_link_to_a_view_is_copied(browser, address):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{address}{TWO}")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    context.close()
