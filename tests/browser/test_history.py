"""The page of kept boards: one board, two, and several that are written into a copy by SQL."""

import contextlib
import itertools
import random
import shutil
from datetime import timedelta

import duckdb
import pytest
from playwright.sync_api import expect

from site_builder.render import render
from tests.browser.conftest import CHROMIUM, assert_readable, serving

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
ROLES = {"i": "I_raw", "p": "P_raw", "b": "B_raw", "r": "R"}
CAUSES = ("data", "selection", "method", "price", "fill")
LEFT = "gone/left-1"
DAYS = (0, 4, 20, 31, 60)
POINTS = """(path) => (path.getAttribute('d').match(/-?[\\d.]+ -?[\\d.]+/g) || [])
  .map((pair) => pair.split(' ').map(Number))"""


def boards_into(path, count):
    """Kept boards before that of the copy: scores that move, one model that left and one that came."""
    chance = random.Random(count)
    with duckdb.connect(str(path)) as connection:
        [(board_id, now, version)] = connection.execute(
            "select board_id, generated_at, method_version from marts.board"
        ).fetchall()
        scores = connection.execute(
            "select model_id, role_key, score, role_rank from marts.fct_role_scores order by all"
        ).fetchall()
        came = scores[0][0]
        rows = []
        before = {}
        for number in range(count):
            is_current = number == count - 1
            made = now - timedelta(days=DAYS[count - 1 - number])
            own = {
                (model, role): (
                    (score, rank)
                    if is_current
                    else (min(99.0, max(1.0, score + chance.gauss(0, 4))), chance.randrange(1, 40))
                )
                for model, role, score, rank in scores
                if is_current or model != came
            }
            if not is_current:
                own |= {(LEFT, role): (88.0 - number, 1) for role in ROLES.values()}
            for (model, role), (score, rank) in own.items():
                change = score - before[model, role][0] if (model, role) in before else None
                parts = [None] * 5
                if change is not None and number > 1:
                    parts = [change / 2, change / 4, 0.0, change / 8, change / 8]
                key = board_id if is_current else f"kept{number}"
                board = (key, f"{made:%Y-%m-%d}", key, made, version if number else "0.9.0")
                rows.append((*board, is_current, model, role, score, rank, change, *parts))
            before = own
        connection.execute("delete from marts.fct_score_history")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(f"insert into marts.fct_score_history values ({marks})", rows)


@pytest.fixture(scope="module")
def histories(published, module_folder):
    """Sites of one, two and five boards: their addresses, and a way to ask their warehouses."""
    with contextlib.ExitStack() as stack:
        found = {}
        for count in (1, 2, 5):
            folder = module_folder(f"boards{count}")
            database = folder / "benchmart.duckdb"
            shutil.copyfile(published.database, database)
            boards_into(database, count)
            render(database, folder / "out", generator="benchmart test")

            def query(sql, database=database):
                with duckdb.connect(str(database), read_only=True) as connection:
                    return connection.execute(sql).fetchall()

            found[count] = (stack.enter_context(serving(folder / "out" / "site")), query)
        yield found


def drawing(page, role):
    svg = page.locator(f".histories section.{role} svg:visible")
    expect(svg).to_have_count(1)
    return svg


def boards_of(query):
    return query(
        "select board_key, any_value(label), any_value(generated_at), any_value(method_version)"
        " from marts.fct_score_history group by 1 order by 3"
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_one_board_says_how_a_past_begins_and_shows_the_first_five(visit, histories, width):
    address, query = histories[1]
    page = visit("history.html", width, address=address)
    expect(page.get_by_text("benchmart snapshot", exact=True)).to_be_visible()
    assert page.locator(".histories, [data-history-tools], main svg").count() == 0
    for role, key in ROLES.items():
        expected = query(
            "select display_name, score from marts.fct_role_scores inner join marts.dim_models"
            f" using (model_id) where role_key = '{key}' and role_rank <= 5 order by role_rank, model_id"
        )
        rows = page.locator(f".leaders .{role} li")
        assert rows.locator("a").all_inner_texts() == [name for name, _ in expected]
        assert rows.locator("b").all_inner_texts() == [f"{score:.0f}" for _, score in expected]


def test_no_row_of_history_is_no_fault(visit, published, tmp_path):
    database = tmp_path / "benchmart.duckdb"
    shutil.copyfile(published.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute("delete from marts.fct_score_history")
    render(database, tmp_path / "out", generator="benchmart test")
    with serving(tmp_path / "out" / "site") as address:
        expect(visit("history.html", address=address).locator(".start")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("count", [2, 5])
def test_lines_go_through_the_scores_at_their_days(visit, histories, count, width):
    address, query = histories[count]
    page = visit("history.html", width, address=address)
    boards = boards_of(query)
    first, last = boards[0][2], boards[-1][2]
    for role, key in ROLES.items():
        svg = drawing(page, role)
        ticks = svg.locator(".grid text[text-anchor=end][dy]").evaluate_all(
            "(texts) => texts.map((t) => [+t.textContent, +t.getAttribute('y')])"
        )
        (low, bottom), (high, top) = ticks[0], ticks[-1]
        days = svg.locator(".grid text:not([dy])").evaluate_all(
            "(texts) => texts.map((t) => [t.textContent, +t.getAttribute('x')])"
        )
        (day, left), (other, right) = days[0], days[-1]
        assert (day, other) == (boards[0][1], boards[-1][1])
        scores = {
            (model, board): score
            for model, board, score in query(
                "select model_id, board_key, score from marts.fct_score_history"
                f" where role_key = '{key}'"
            )
        }
        for model in {model for model, _ in scores}:
            expected = [
                (
                    left + (made - first) / (last - first) * (right - left),
                    bottom + (scores[model, board] - low) / (high - low) * (top - bottom),
                )
                for board, _, made, _ in boards
                if (model, board) in scores
            ]
            line = svg.locator(f".field path[data-m='{model}'], .lines path[data-m='{model}']")
            points = line.evaluate(POINTS)
            assert len(points) == len(expected)
            assert all(
                abs(x - right_one) <= 0.5 and abs(y - up) <= 0.5
                for (x, y), (right_one, up) in zip(points, expected, strict=True)
            )


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("count", [2, 5])
def test_whoever_was_among_the_first_five_has_colour_and_a_name(visit, histories, count, width):
    address, query = histories[count]
    page = visit("history.html", width, address=address)
    for role, key in ROLES.items():
        svg = drawing(page, role)
        ever = {
            model
            for (model,) in query(
                f"select model_id from marts.fct_score_history where role_key = '{key}' and role_rank <= 5"
            )
        }
        drawn = svg.locator(".lines path").evaluate_all("(all) => all.map((p) => p.dataset.m)")
        assert set(drawn) == ever and len(drawn) == len(ever) and LEFT in ever
        named = svg.locator(".ends text").evaluate_all("(all) => all.map((t) => t.dataset.m)")
        # Who left has no end at the right; of the others the best of today have room for a name.
        today = [
            model
            for (model,) in query(
                "select model_id from marts.fct_role_scores"
                f" where role_key = '{key}' order by score desc, model_id"
            )
            if model in ever
        ]
        assert LEFT not in today and set(named) == set(today[: len(named)])
        assert len(named) >= min(20, len(today))
        boxes = svg.locator(".ends text").evaluate_all(
            "(all) => all.map((t) => { const b = t.getBBox(); return [b.y, b.y + b.height, b.x + b.width]; })"
        )
        edge = svg.evaluate("(svg) => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]")
        assert all(box[2] <= edge[0] and box[1] <= edge[1] for box in boxes)
        ordered = sorted(boxes)
        assert all(b[0] - a[0] >= 13 for a, b in itertools.pairwise(ordered))
        table = page.locator(f".histories section.{role} table tbody tr")
        assert table.count() == len(ever)


def test_a_new_method_is_marked_at_its_board(visit, histories):
    address, query = histories[5]
    page = visit("history.html", address=address)
    boards = boards_of(query)
    for role in ROLES:
        svg = drawing(page, role)
        days = dict(
            svg.locator(".grid text:not([dy])").evaluate_all(
                "(texts) => texts.map((t) => [t.textContent, +t.getAttribute('x')])"
            )
        )
        left, right = days[boards[0][1]], days[boards[-1][1]]
        share = (boards[1][2] - boards[0][2]) / (boards[-1][2] - boards[0][2])
        line = svg.locator(".methods path").get_attribute("d")
        assert abs(float(line[1:].split()[0]) - (left + share * (right - left))) <= 0.5
        assert svg.locator(".methods text").all_text_contents() == [f"method {boards[1][3]}"]


def test_each_step_tells_its_largest_changes_and_their_causes(visit, histories):
    address, query = histories[5]
    page = visit("history.html", address=address)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    boards = boards_of(query)
    steps = page.locator(".stepped").all()
    assert len(steps) == 4
    for step, before, after in zip(steps, boards[-2::-1], boards[:0:-1], strict=True):
        assert step.locator("summary bdi").all_inner_texts() == [before[1], after[1]]
        expected = query(
            "select coalesce(display_name, own.model_id), roles.label, own.change,"
            f" {', '.join(f'own.{cause}_points' for cause in CAUSES)}"
            " from marts.fct_score_history as own"
            " inner join marts.dim_roles as roles using (role_key)"
            " left join marts.dim_models as models on own.model_id = models.model_id"
            f" where board_key = '{after[0]}' and change is not null"
            " order by abs(change) desc, own.model_id, role_key limit 8"
        )
        rows = [row.split("\t") for row in step.locator("tbody tr").all_inner_texts()]
        assert [row[:2] for row in rows] == [list(row[:2]) for row in expected]
        for row, (_, _, change, *causes) in zip(rows, expected, strict=True):
            assert row[3].replace("−", "-") == f"{change:+.1f}"
            if causes[0] is None:
                assert len(row) == 4
                continue
            # The columns stand in the order of the causes as the words of the site have them.
            shown = [float(text.replace("−", "-")) for text in row[4:]]
            assert sorted(shown) == sorted(float(f"{part:.1f}") for part in causes)
    assert "not kept" in steps[-1].inner_text()
    assert "method 0.9.0 → " in steps[-1].inner_text()


def test_a_model_is_followed_and_its_address_brings_it_back(visit, histories):
    address, query = histories[5]
    page = visit("history.html", address=address)
    assert page.locator(".picked").count() == 0
    [(model, name)] = query(
        "select model_id, display_name from marts.dim_models inner join marts.fct_role_scores"
        " using (model_id) where role_key = 'B_raw' order by score limit 1 offset 5"
    )
    page.locator("select[name=m]").select_option(model)
    for _ in range(2):
        for role in ROLES:
            lines = drawing(page, role).locator("path.picked")
            assert lines.evaluate_all("(all) => all.map((p) => p.dataset.m)") == [model]
            expect(drawing(page, role).locator("text.followed, text.picked")).to_have_count(1)
        expect(drawing(page, "b").locator("text.followed")).to_have_text(name)
        assert page.url.endswith("?m=" + model.replace("/", "%2F"))
        page.reload()
    page.locator("select[name=m]").select_option("")
    assert page.locator(".picked, .followed").count() == 0
    assert page.url.endswith("history.html")


@pytest.mark.parametrize("query", ["m=nobody/at-all", "m=%22%5D", f"m={LEFT}", "%"])
def test_a_nonsense_address_follows_nobody(visit, histories, query):
    page = visit(f"history.html?{query}", address=histories[5][0])
    assert page.locator(".picked, .followed").count() == 0
    # Nothing chosen at all would have the value "" too, and show an empty box.
    assert page.locator("select[name=m]").evaluate("(select) => select.selectedIndex") == 0


def test_without_script_the_drawings_are_whole(visit, histories):
    page = visit("history.html", address=histories[5][0], java_script_enabled=False)
    expect(page.locator("[data-history-tools]")).to_be_hidden()
    assert page.locator(".histories svg:visible").count() == 4
    assert page.locator(".stepped[open] tbody tr").count() == 8


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_page_is_sound_in_each_width_and_scheme(visit, histories, count, width, scheme):
    page = visit(
        "history.html?m=openai/gpt-5.5", width, address=histories[count][0], color_scheme=scheme
    )
    assert_readable(page, width)


@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_names_run_nothing_and_keep_the_width(visit, hostile_site, width):
    with serving(hostile_site) as address:
        page = visit("history.html?m=zeta/z-1", width, address=address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("main script, main img, main style").count() == 0
        assert page.locator("path.picked").count() == 8
