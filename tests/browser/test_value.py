"""The page of prices and speeds, against frontiers and places worked out here."""

import math

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CHROMIUM, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
ROLES = {"i": "I_raw", "p": "P_raw", "b": "B_raw", "r": "R"}
COLUMNS = {"price": "blended_cost", "speed": "output_speed"}
VIEWS = [(role, axis) for role in ROLES for axis in COLUMNS]
LABELS = """(svg) => [...svg.querySelectorAll('.labels text')].map((text) => {
  const { x, y, width, height } = text.getBBox();
  return [x, y, x + width, y + height];
})"""


def models_of(published, role, axis):
    """Name, amount, score and whether it is ranked, of each model with a measured amount."""
    return published.query(
        f"select display_name, {COLUMNS[axis]}, score, is_ranked, rank_low, rank_high,"
        " measured_weight_share"
        " from marts.fct_role_scores inner join marts.scoreboard using (model_id)"
        f" where role_key = '{ROLES[role]}' and {COLUMNS[axis]} is not null"
    )


def frontier_of(models, axis):
    """Those that no other ranked model beats in one of price and score, and matches in the other."""
    sign = 1 if axis == "price" else -1
    ranked = [
        (sign * amount, -score, row) for row in models if row[3] for amount, score in [row[1:3]]
    ]
    return [
        row
        for amount, score, row in sorted(ranked, key=lambda item: item[:2])
        if not any(
            other[0] <= amount and other[1] <= score and other[:2] != (amount, score)
            for other in ranked
        )
    ]


def drawing(page):
    """The one drawing in view."""
    svg = page.locator(".drawing > svg:visible")
    expect(svg).to_have_count(1)
    return svg


def scale_of(svg):
    """How the ticks in view map a value across and upward: read from two labels of each."""
    ticks = svg.locator(".grid text").evaluate_all(
        "(texts) => texts.map((t) => [t.textContent, +t.getAttribute('x'), +t.getAttribute('y'),"
        " t.getAttribute('text-anchor')])"
    )
    upward = [(float(t), y) for t, _, y, anchor in ticks if anchor == "end" and t.isdigit()]
    across = [
        (float(t.lstrip("$")), x)
        for t, x, _, anchor in ticks
        if anchor == "middle" and t.lstrip("$")[:1].isdigit()
    ]
    (low, bottom), (high, top) = upward[0], upward[-1]
    (cheap, left), (dear, right) = across[0], across[-1]

    def place(amount, score):
        part = math.log(amount / cheap) / math.log(dear / cheap)
        return left + part * (right - left), bottom + (score - low) / (high - low) * (top - bottom)

    return place


@pytest.mark.parametrize(("role", "axis"), VIEWS)
def test_the_frontier_is_what_no_ranked_model_beats(visit, published, role, axis):
    page = visit(f"value.html?role={role}&axis={axis}")
    expected = frontier_of(models_of(published, role, axis), axis)
    rows = [row.split("\t") for row in page.locator(".places:visible tbody tr").all_inner_texts()]
    assert [row[1] for row in rows] == [row[0] for row in expected] and len(rows) > 2
    assert [row[0] for row in rows] == [str(place + 1) for place in range(len(rows))]
    for (_, _, amount, score, ranks, share), model in zip(rows, expected, strict=True):
        assert abs(float(amount.replace(",", "")) - model[1]) <= (
            0.5 if axis == "speed" else 0.0051
        )
        assert score == f"{model[2]:.0f}"
        assert ranks == (f"{model[4]}–{model[5]}" if model[4] != model[5] else f"{model[4]}")
        assert share == f"{math.floor(model[6] * 100 + 1e-9)}%"
    titles = page.locator(".drawing > svg:visible .first title").all_text_contents()
    assert [title.split(" · ")[0] for title in titles] == [row[0] for row in expected]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("role", "axis"), [("b", "price"), ("r", "speed"), ("i", "price")])
def test_every_dot_stands_where_its_figures_say(visit, published, role, axis, width):
    page = visit(f"value.html?role={role}&axis={axis}", width)
    svg = drawing(page)
    place = scale_of(svg)
    models = {row[0]: row for row in models_of(published, role, axis)}
    dots = svg.locator("a").evaluate_all(
        "(links) => links.map((a) => [a.querySelector('title').textContent.split(' · ')[0],"
        " +a.querySelector('use').getAttribute('x'), +a.querySelector('use').getAttribute('y'),"
        " a.parentNode.getAttribute('class')])"
    )
    assert sorted(name for name, *_ in dots) == sorted(models)
    for name, x, y, group in dots:
        _, amount, score, is_ranked, *_ = models[name]
        right, up = place(amount, score)
        assert abs(x - right) <= 0.5 and abs(y - up) <= 0.5, name
        assert (group == "rings") == (not is_ranked)


def test_the_frontier_climbs_in_steps_through_its_dots(visit, published):
    for role, axis in VIEWS:
        svg = drawing(visit(f"value.html?role={role}&axis={axis}"))
        place = scale_of(svg)
        drawn = svg.locator(".frontier").get_attribute("d")
        end = svg.locator(".frontier").evaluate(
            "(line) => { const end = line.getPointAtLength(line.getTotalLength()); return [end.x, end.y]; }"
        )
        expected = [place(*row[1:3]) for row in frontier_of(models_of(published, role, axis), axis)]
        numbers = [
            float(text)
            for text in drawn.replace("M", "").replace("H", " ").replace("V", " ").split()
        ]
        corners = list(zip(numbers[0::2], numbers[1::2], strict=False))
        assert all(
            abs(x - right) <= 0.5 and abs(y - up) <= 0.5
            for (x, y), (right, up) in zip(corners, expected, strict=True)
        )
        # What is not bettered goes on to the dear, or to the slow, end.
        assert abs(end[1] - expected[-1][1]) <= 0.5
        assert end[0] > expected[-1][0] if axis == "price" else end[0] < expected[-1][0]


@pytest.mark.parametrize("width", [390, 1280])
def test_names_in_a_drawing_lie_over_no_other(visit, width):
    page = visit("value.html", width)
    for role, axis in VIEWS:
        page.locator(f".choices [value={role}]").check(force=True)
        page.locator(f".choices [value={axis}]").check(force=True)
        svg = drawing(page)
        boxes = svg.evaluate(LABELS)
        assert len(boxes) == svg.locator(".first a").count() > 2
        edge = svg.evaluate("(svg) => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]")
        for number, (left, top, right, bottom) in enumerate(boxes):
            assert left >= 0 and top >= 0 and right <= edge[0] and bottom <= edge[1]
            assert not any(
                left < other[2]
                and other[0] < right
                and top < other[3] - 2
                and other[1] < bottom - 2
                for other in boxes[:number]
            ), (role, axis)
        assert (
            svg.evaluate("(svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
            > 0.9
        )


@pytest.mark.parametrize("role", ROLES)
def test_a_sentence_says_the_best_within_each_limit(visit, published, role):
    page = visit(f"value.html?role={role}")
    frontier = frontier_of(models_of(published, role, "price"), "price")
    expected = []
    for limit in (1, 3, 5, 10, math.inf):
        within = [row for row in frontier if row[1] <= limit]
        best = max(within, key=lambda row: row[2])
        if not expected or expected[-1][1] != best:
            expected.append((limit, best))
    said = "; ".join(
        f"{'at any price' if limit == math.inf else f'up to ${limit}'}: {name} ({score:.0f})"
        for limit, (name, _, score, *_) in expected
    ).replace("up to $1", "Up to $1 per million tokens", 1)
    if expected[-1][0] < math.inf:
        said += ". More money buys no higher score"
    assert page.locator(".answer:visible").inner_text() == f"{said}."


@pytest.mark.parametrize("axis", COLUMNS)
def test_models_without_a_measured_amount_are_named(visit, published, axis):
    page = visit(f"value.html?axis={axis}")
    expected = published.query(
        f"select display_name from marts.scoreboard where {COLUMNS[axis]} is null order by b_raw desc, model_id"
    )
    names = page.locator(".unknown:visible .names a").all_inner_texts()
    assert names == [name for (name,) in expected] and names
    expect(page.locator(".unknown:visible h2")).to_have_text(f"No measured {axis}")


@pytest.mark.parametrize("script", [True, False])
def test_tabs_and_toggle_show_one_panel_with_and_without_script(visit, script):
    page = visit("value.html", java_script_enabled=script)
    expect(page.locator(".panel:visible h2")).to_have_text("Building: score by price")
    page.get_by_role("radio", name="Reviewing").check(force=True)
    page.get_by_role("radio", name="Speed").check(force=True)
    expect(page.locator(".panel:visible h2")).to_have_text("Reviewing: score by speed")
    if not script:
        return
    assert page.url.endswith("?role=r&axis=speed")
    page.reload()
    expect(page.locator(".panel:visible h2")).to_have_text("Reviewing: score by speed")
    page.get_by_role("radio", name="Building").check(force=True)
    page.get_by_role("radio", name="Price").check(force=True)
    assert page.url.endswith("value.html")


@pytest.mark.parametrize("query", ["role=x&axis=y", "role=&axis=", "role=price&axis=b", "%"])
def test_a_nonsense_address_shows_the_first_view(visit, query):
    page = visit(f"value.html?{query}")
    expect(page.locator(".panel:visible h2")).to_have_text("Building: score by price")


def test_keys_choose_a_view_and_reach_a_dot(visit):
    page = visit("value.html")
    page.get_by_role("radio", name="Building").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".panel:visible h2")).to_have_text("Reviewing: score by price")
    link = drawing(page).locator(".first a").first
    link.focus()
    title = link.locator("title").text_content()
    expect(page.locator(".tip:visible")).to_have_text(title)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(title.split(" · ")[0])


@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_dot_says_stays_within_the_drawing(visit, width):
    svg = drawing(visit("value.html", width))
    for link in svg.locator("a").all():
        link.focus()
        box = svg.locator(".tip").evaluate(
            "(tip) => [tip.getBBox().x, tip.getBBox().x + tip.getBBox().width, tip.ownerSVGElement.viewBox.baseVal.width]"
        )
        assert box[0] >= 0 and box[1] <= box[2]


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_names_run_nothing_and_keep_the_width(visit, hostile_site, width):
    with serving(hostile_site) as address:
        page = visit("value.html", width, address=address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        for axis in COLUMNS:
            page.locator(f".choices [value={axis}]").check(force=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.locator("main script, main img, main style").count() == 0
        page.locator(".choices [value=price]").check(force=True)
        # The one without a price above 0 has no place on a log scale, and is named.
        assert drawing(page).locator("a").count() == 2


def test_the_page_stays_within_its_budget(published):
    size = (published.root / "out" / "site" / "value.html").stat().st_size
    assert size <= 250_000
