"""The pages in a real browser: both widths, both themes, with and without script."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import faintest, serving

HOSTILE_PAGES = (
    "index.html",
    "m/acme/a-1.html",
    "m/acme/a-2.html",
    "m/zeta/z-1.html",
    "validity.html",
    "snapshots.html",
    "provenance.html",
)


def names(page):
    return page.locator("tr.row:visible .name a").all_inner_texts()


def numbers(page, column):
    texts = page.locator(f"tr.row:visible td:nth-child({column})").all_inner_texts()
    return [float(text.split()[0].replace(",", "")) for text in texts if "—" not in text]


def test_columns_sort_both_ways_with_gaps_last(visit):
    page = visit()
    # A first click shows what is best: the highest score and speed, the lowest price.
    for label, column, first, other in (
        ("Idea", 3, "descending", "ascending"),
        ("$ / M tokens", 9, "ascending", "descending"),
        ("Tokens / s", 10, "descending", "ascending"),
    ):
        button = page.get_by_role("button", name=label, exact=True)
        button.click()
        head = numbers(page, column)
        expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", first)
        ranked = page.locator("tbody[data-ranked] tr.row").count()
        count = len(
            [
                t
                for t in page.locator(
                    f"tbody[data-ranked] td:nth-child({column})"
                ).all_inner_texts()
                if "—" not in t
            ]
        )
        falls = first == "descending"
        assert head[:count] == sorted(head[:count], reverse=falls) and ranked >= count > 5
        button.click()
        expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", other)
        tail = numbers(page, column)
        assert tail[:count] == sorted(tail[:count], reverse=not falls)
        texts = page.locator(f"tbody[data-ranked] tr.row td:nth-child({column})").all_inner_texts()
        assert all("—" in text for text in texts[count:])


def test_search_and_chips_narrow_the_board(visit):
    page = visit()
    page.get_by_placeholder("Search models").fill("claude opus")
    assert names(page) and all("Claude Opus" in name for name in names(page))
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-shown]")).to_have_text("50 of 50 models")
    page.get_by_text("Open weights", exact=True).click()
    assert (
        page.locator("tr.row:visible").count()
        == page.locator("tr.row:visible small:has-text('open weights')").count()
        > 5
    )
    page.locator("select[name=cap]").select_option("1")
    assert all(price <= 1 for price in numbers(page, 9)) and numbers(page, 9)
    page.get_by_placeholder("Search models").fill("no such model")
    expect(page.get_by_text("No model fits these filters.")).to_be_visible()


def test_a_role_ranks_and_sets_apart_what_lacks_evidence(visit, published):
    page = visit()
    page.get_by_role("radio", name="Planning").check(force=True)
    expected = published.query(
        "select display_name from marts.fct_role_scores inner join marts.dim_models using (model_id)"
        " where role_key = 'P_raw' and is_ranked order by role_rank, model_id"
    )
    assert names(page)[: len(expected)] == [name for (name,) in expected]
    divider = page.get_by_text("Not enough evidence for a rank", exact=True)
    expect(divider).to_be_visible()


def test_a_role_brings_its_own_ranges_and_ties(visit, published):
    page = visit()
    for role_key, label in (("B_raw", "Building"), ("R", "Reviewing"), ("I_raw", "Idea")):
        page.get_by_role("radio", name=label).check(force=True)
        expected = published.query(
            "select display_name, rank_low, rank_high, is_tied_with_best,"
            " count(*) filter (is_tied_with_best) over () as tied_models"
            " from marts.fct_role_scores inner join marts.dim_models using (model_id)"
            f" where role_key = '{role_key}' and is_ranked order by role_rank, model_id"
        )
        ranked = page.locator("tbody[data-ranked] tr.row")
        assert ranked.locator(".name a").all_inner_texts() == [row[0] for row in expected]
        assert ranked.locator("[data-rank] > span").all_inner_texts() == [
            str(low) if low == high else f"{low}–{high}" for _, low, high, *_ in expected
        ]
        # A first that all others can be told from needs no mark.
        assert page.locator("tr.row:has(.tie:visible) .name a").all_inner_texts() == [
            name for name, _, _, is_tied, tied_models in expected if is_tied and tied_models > 1
        ]
        lines = page.locator("tr.row td.score .meter").evaluate_all(
            "(meters) => meters.filter((one) => getComputedStyle(one, '::after').content !== 'none')"
            ".map((one) => one.closest('td').classList.contains('chosen'))"
        )
        assert len(lines) == 49 and all(lines)


def test_ability_is_a_tab_of_its_own(visit, published):
    page = visit()
    page.get_by_role("radio", name="Ability").check(force=True)
    expected = published.query(
        "select display_name, rank_low, rank_high, measured_cells, is_tied_with_best"
        " from marts.fct_abilities inner join marts.dim_models using (model_id)"
        " where ability is not null order by ability desc, model_id"
    )
    ranked = page.locator("tbody[data-ranked] tr.row")
    assert ranked.locator(".name a").all_inner_texts() == [row[0] for row in expected]
    assert ranked.locator("[data-rank] > span").all_inner_texts() == [
        str(low) if low == high else f"{low}–{high}" for _, low, high, *_ in expected
    ]
    assert ranked.locator("[data-measured]").all_inner_texts() == [
        f"{count} figure{'' if count == 1 else 's'}" for *_, count, _ in expected
    ]
    assert page.locator("tr.row:has(.tie:visible) .name a").all_inner_texts() == [
        name for name, *_, is_tied in expected if is_tied
    ]
    page.reload()
    expect(page.get_by_role("radio", name="Ability")).to_be_checked()


def test_an_opened_row_shows_groups_metrics_sources_and_gaps(visit, published):
    page = visit()
    row = page.locator("#openai--gpt-5\\.5")
    row.locator(".opener").click()
    opened = page.locator("#openai--gpt-5\\.5 + tr .opened")
    groups = published.query(
        "select label, round(score)::integer, floor(100 * coverage + 1e-9)::integer, is_shrunk"
        " from marts.fct_group_scores inner join marts.dim_groups using (group_key)"
        " where model_id = 'openai/gpt-5.5' order by dim_groups.position"
    )
    shown = opened.locator(".groups > div")
    assert shown.locator("dt").all_inner_texts() == [label for label, *_ in groups]
    for one, (_, score, seen, is_shrunk) in zip(shown.all(), groups, strict=True):
        said = f"{score} {seen}% seen" + (", drawn toward 50" if is_shrunk else "")
        assert " ".join(one.locator("dd").inner_text().split()).startswith(said)
    # Every metric that counts in Building, with its mark and score.
    building = shown.nth([label for label, *_ in groups].index("Building"))
    known = published.query(
        "with counted as ("
        "  select coalesce(composites.input_key, groups.input_key) as metric_key"
        "  from marts.dim_weights as groups left join marts.dim_weights as composites"
        "    on composites.level = 'composite' and groups.input_key = composites.parent_key"
        "  where groups.level = 'group' and groups.parent_key = 'BUILD')"
        " select distinct label, round(score)::integer,"
        "  case evidence_class when 'direct' then 'measured' when 'override' then 'reported'"
        "   else 'estimated' end"
        " from counted inner join marts.dim_metrics using (metric_key)"
        " inner join (select model_id, metric_key, score, evidence_class"
        "  from marts.fct_metric_scores) using (metric_key)"
        " where model_id = 'openai/gpt-5.5' and evidence_class <> 'missing'"
    )
    items = [
        (
            item.locator("span").nth(1).inner_text(),
            int(item.locator("b").inner_text()),
            item.locator(".mark").get_attribute("aria-label"),
        )
        for item in building.locator("li").all()
    ]
    assert sorted(items) == sorted(known) and len(items) > 15
    names = published.query(
        "select name from marts.dim_sources where list_contains((select sources from"
        " marts.dim_models where model_id = 'openai/gpt-5.5'), source_key)"
    )
    by = opened.locator("p", has_text="Figures by:").inner_text()
    assert sorted(by.removeprefix("Figures by: ").split(", ")) == sorted(name for (name,) in names)
    [(missing,)] = published.query(
        "select missing_metrics from marts.scoreboard where model_id = 'openai/gpt-5.5'"
    )
    expect(opened).to_contain_text(f"{missing} of 44 metrics missing:")


def test_models_are_gathered_for_a_comparison(visit):
    page = visit()
    for place in (0, 1):
        page.locator("tr.row .opener").nth(place).click()
        page.get_by_role("button", name="Compare", exact=True).nth(place).click()
    basket = page.get_by_role("region", name="Comparison")
    expect(basket).to_contain_text("GPT-5.5, Claude Opus 4.8")
    basket.get_by_role("link", name="Compare").click()
    expect(page).to_have_url(re.compile(r"compare\.html\?m=openai"))
    expect(page.locator("main")).to_contain_text("Claude Opus 4.8")


def test_thirty_seconds_for_a_reviewer_under_five_dollars(visit, published):
    page = visit()
    page.get_by_role("radio", name="Reviewing").check(force=True)
    page.locator("select[name=cap]").select_option("5")
    [(best,)] = published.query(
        "select display_name from marts.fct_role_scores inner join marts.scoreboard"
        " using (model_id) where role_key = 'R' and is_ranked and blended_cost <= 5"
        " order by role_rank, model_id limit 1"
    )
    assert names(page)[0] == best


def test_a_large_board_shows_its_first_hundred_and_the_rest_on_demand(browser, large_site):
    page = browser.new_page()
    page.goto((large_site / "index.html").as_uri())
    expect(page.locator("[data-shown]")).to_have_text("300 of 300 models")
    assert page.locator("tr.row").count() == 100
    page.get_by_placeholder("Search models").fill("opus 4.8 3")
    assert names(page) == ["Claude Opus 4.8 3"]
    page.get_by_placeholder("Search models").fill("")
    page.get_by_role("button", name="Show 200 more").click()
    assert page.locator("tr.row").count() == 300
    page.close()


def test_a_link_to_a_row_leads_to_it_wherever_it_is(visit, browser, large_site):
    page = visit("index.html?q=zzz#openai--gpt-5.5")
    expect(page.locator("#openai--gpt-5\\.5")).to_be_in_viewport()
    visit("index.html#%")
    page = browser.new_page()
    page.goto((large_site / "index.html").as_uri() + "#z-ai--glm-5.2-5")
    expect(page.locator("[id='z-ai--glm-5.2-5']")).to_be_in_viewport()
    page.close()


def test_details_for_nerds_are_remembered(visit):
    page = visit("b/GPQA.html")
    key = page.locator(".nerd", has_text="GPQA").first
    expect(key).to_be_hidden()
    page.get_by_role("button", name="Details").click()
    expect(key).to_be_visible()
    page.reload()
    expect(key).to_be_visible()
    expect(page.get_by_role("button", name="Details")).to_have_attribute("aria-pressed", "true")
    # Without script nothing is kept back.
    plain = visit("b/GPQA.html", java_script_enabled=False)
    expect(plain.locator(".nerd", has_text="GPQA").first).to_be_visible()


def test_a_keyboard_alone_reaches_the_evidence_of_a_rank(visit):
    page = visit()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className"))
        if reached[-1] == "opener":
            break
    page.keyboard.press("Enter")
    expect(page.locator("tr.more:visible")).to_have_count(1)
    link = page.get_by_role("link", name="Every figure with its source")
    for _ in range(20):
        page.keyboard.press("Tab")
        if link.evaluate("(link) => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"m/openai/gpt-5\.5\.html#scored"))


def test_an_axis_puts_values_where_its_labels_are(visit, published):
    page = visit("validity.html")
    table = page.locator("#ability ~ .scroll table")
    low, high = (
        float(table.evaluate(f"(table) => table.style.getPropertyValue('{end}')"))
        for end in ("--from", "--to")
    )
    axis = table.locator(".plot").first.bounding_box()
    lines = [line.bounding_box() for line in table.locator(".plot i").all()[:5]]
    for line, (start, end) in zip(
        lines,
        published.query(
            "select ability_low, ability_high from marts.fct_abilities order by ability desc limit 5"
        ),
        strict=True,
    ):
        scale = axis["width"] / (high - low)
        assert abs(line["x"] - axis["x"] - (start - low) * scale) < 1
        assert abs(line["width"] - (end - start) * scale) < 1
    label = table.locator(".axis i", has_text="50").bounding_box()
    middle = label["x"] + label["width"] / 2 - axis["x"]
    assert abs(middle - (50 - low) * axis["width"] / (high - low)) < 1


def test_an_address_brings_the_view_back(visit):
    page = visit()
    page.get_by_role("radio", name="Reviewing").check(force=True)
    page.get_by_placeholder("Search models").fill("gpt")
    page.get_by_role("button", name="Context").click()
    before = names(page)
    assert "role=r" in page.url and "q=gpt" in page.url and "sort=context" in page.url
    page.reload()
    assert names(page) == before
    expect(page.get_by_role("radio", name="Reviewing")).to_be_checked()


@pytest.mark.parametrize(
    "query",
    [
        "role=x&sort=nosuch&dir=up&cap=abc",
        "vendor=nosuch",
        "open=yes",
        "measured=true",
        "cap=7",
        "q=%20",
        "%",
    ],
)
def test_a_nonsense_address_shows_the_whole_board(visit, query):
    page = visit(f"index.html?{query}")
    assert page.locator("tr.row:visible").count() == 50
    expect(page.locator("[data-shown]")).to_have_text("50 of 50 models")


def test_the_script_words_a_share_and_a_gap_as_the_page_does(visit):
    plain = visit(java_script_enabled=False)
    scripted = visit()
    for selector in ("[data-measured]", "[data-rank]"):
        cells = f"tr.row {selector}"
        expected = plain.locator(cells).all_inner_texts()
        assert scripted.locator(cells).all_inner_texts() == expected and len(expected) == 50
    gap = scripted.locator("[data-unranked] [data-rank] [role=img]").first
    expect(gap).to_have_attribute("aria-label", "not enough evidence for a rank")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", HOSTILE_PAGES)
def test_hostile_names_run_nothing_and_keep_the_width(visit, hostile_site, path, width):
    with serving(hostile_site) as address:
        page = visit(path, width, address=address)
        dialogs = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
        for opener in page.locator("tr.row .opener").all():
            opener.click()
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert all(
            name.bounding_box()["width"] <= 400 for name in page.locator("tr.row .name").all()
        )
        unsafe = "main script:not([type='application/json']), main img:not(.badge), main style"
        assert page.locator(unsafe).count() == 0
        assert dialogs == []


def test_pages_open_from_a_folder_as_well(browser, hostile_site):
    page = browser.new_page()
    page.goto((hostile_site / "index.html").as_uri())
    page.get_by_placeholder("Search models").fill("a-2")
    expect(page.locator("[data-shown]")).to_have_text("1 of 3 models")
    page.locator("tr.row:visible .name a").click()
    page.get_by_role("link", name="Board", exact=True).first.click()
    expect(page.locator("h1")).to_have_text("Which model for which job?")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "m/openai/gpt-5.5.html",
        "sources.html",
        "validity.html",
        "snapshots.html",
        "provenance.html",
    ],
)
def test_texts_stand_out_from_their_ground(visit, path, scheme):
    page = visit(path, color_scheme=scheme)
    ratio, text = faintest(page)
    assert ratio >= 4.5, text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", HOSTILE_PAGES)
def test_changes_stand_out_from_their_ground(visit, hostile_site, path, scheme):
    with serving(hostile_site) as address:
        page = visit(path, address=address, color_scheme=scheme)
        for opener in page.locator("tr.row .opener").all():
            opener.click()
        ratio, text = faintest(page)
        assert ratio >= 4.5, text


def test_an_opened_row_with_changes_is_whole_on_a_phone(visit, hostile_site):
    with serving(hostile_site) as address:
        page = visit(width=390, address=address)
        for opener in page.locator("tr.row .opener").all():
            opener.click()
        tables = page.locator("tr.more:visible table.moved")
        assert tables.count() == 2
        inside = page.locator("tr.more:visible .opened", has=page.locator("table.moved"))
        for opened in inside.all():
            assert opened.evaluate("(opened) => opened.scrollWidth <= opened.clientWidth")


def test_a_change_does_not_push_its_score_out_of_line(visit, hostile_site):
    with serving(hostile_site) as address:
        page = visit(width=1280, address=address)
        for row in page.locator("tr.row").all():
            tops = [cell.bounding_box()["height"] for cell in row.locator("td.score").all()]
            meters = [m.bounding_box()["y"] for m in row.locator("td.score .meter").all()]
            assert len(set(tops)) == 1 and len(set(meters)) == 1
        delta = page.locator("td.score.b .delta").first
        assert delta.inner_text() == "+4"
        assert delta.evaluate("(e) => getComputedStyle(e, '::before').content").startswith('"▲')


def test_a_hash_opens_to_its_full_length(visit):
    page = visit("provenance.html", width=390)
    line = page.locator("details.hash").first
    full = line.locator("> code")
    expect(full).to_be_hidden()
    line.locator("summary").click()
    expect(full).to_be_visible()
    assert len(full.inner_text()) == 64


def test_a_row_opens_in_place(visit):
    page = visit()
    opener = page.locator("tr.row .opener").first
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(page.locator("tr.more:visible")).to_have_count(1)
    expect(page.locator("tr.more:visible")).to_contain_text("metrics missing")


def test_an_opened_row_is_whole_on_a_phone(visit):
    page = visit(width=390)
    page.locator("tr.row .opener").first.click()
    inside = page.locator("tr.more:visible .opened")
    for scrolled in (0, 300):
        page.locator(".scroll").evaluate("(box, left) => { box.scrollLeft = left }", scrolled)
        box = inside.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
        assert inside.evaluate("(opened) => opened.scrollWidth <= opened.clientWidth")


def test_the_theme_is_remembered(visit):
    page = visit(color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    page.get_by_role("link", name="Method").click()
    expect(page.locator("h1")).to_contain_text("Method")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_pages_work_without_script(visit):
    page = visit(java_script_enabled=False)
    assert page.locator("tr.row").count() == 50
    expect(page.locator("[data-board-tools]")).to_be_hidden()
    page.locator("tr.row .name a").first.click()
    expect(page.locator("h1")).to_have_text("GPT-5.5")
    assert page.locator("table.cells tbody tr").count() > 40
