"""The weights page: its sums are those of the warehouse, its view lives in its address."""

import random
import tomllib

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import assert_readable, serving
from tests.conftest import NOW
from tests.end_to_end.plain_scores import blend_role, weight_sets

ROLES = {"i": "I_raw", "p": "P_raw", "b": "B_raw", "r": "R"}
RECKON = "document.querySelector('[data-live]').reckon()"
SCORES = (
    "select model_id, role_key, score, measured_weight_share, role_rank from marts.fct_role_scores"
)


def weights_of(checkout):
    """Weights by level, set and input, as the board has them."""
    sets = {"role": {}, "group": {}, "composite": {}}
    for level, parent, key, weight in checkout.query(
        "select level, parent_key, input_key, weight from marts.dim_weights order by all"
    ):
        sets[level].setdefault(parent, {})[key] = weight
    return sets


def drawn_address(checkout, seed, *, moved=0.5):
    """Some weights of some sets, as an address says them."""
    draw = random.Random(seed)
    sets = weights_of(checkout)
    parts = []
    for level in ("role", "group"):
        for parent, weights in sets[level].items():
            values = [
                f"{key}:{draw.choice((0, 100, draw.randint(1, 99), round(draw.uniform(0, 100), 2)))}"
                for key in weights
                if draw.random() < moved
            ]
            if values:
                parts.append(f"{level}.{parent}={','.join(values)}")
    return "weights.html?" + "&".join(parts)


def reckoned(page):
    """What the page makes of every model and role: (score, measured share, rank)."""
    return {
        (row["id"], role_key): (row["score"], row["measured"], row["rank"])
        for role_key, rows in page.evaluate(RECKON).items()
        for row in rows
    }


def downloaded(page, path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as TOML").click()
    assert download.value.suggested_filename == "coefficients.toml"
    download.value.save_as(path)
    return path


def compared(found, checkout):
    """The largest deviation from the warehouse; ranks have to be the very same."""
    expected = {(model, role): rest for model, role, *rest in checkout.query(SCORES)}
    assert found.keys() == expected.keys() and len(found) == 200
    assert {key: row[2] for key, row in found.items()} == {
        key: row[2] for key, row in expected.items()
    }
    return max(
        abs(found[key][column] - expected[key][column]) for key in found for column in (0, 1)
    )


def test_the_weights_of_the_board_make_the_board(visit, published):
    page = visit("weights.html")
    assert compared(reckoned(page), published) == 0
    expect(page.locator("[data-verdict]")).to_contain_text("No rank changes.")
    assert page.locator(".live .delta:not(:empty)").count() == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_downloaded_file_makes_the_very_same_board(visit, checkout, tmp_path, seed):
    page = visit(drawn_address(checkout, seed))
    found = reckoned(page)
    path = downloaded(page, tmp_path / "coefficients.toml")
    outcome = checkout.benchmart("score", "--offline", "--now", NOW, "--coefficients", str(path))
    assert outcome.returncode == 0, outcome.stderr
    assert compared(found, checkout) < 1e-9


@pytest.mark.parametrize("seed", range(10, 22))
def test_drawn_weights_score_as_the_formulas_say(visit, published, tmp_path, seed):
    page = visit(drawn_address(published, seed, moved=0.7))
    file = tomllib.loads(
        downloaded(page, tmp_path / "coefficients.toml").read_text(encoding="utf-8")
    )
    sets = weights_of(published)
    for level in ("role", "group"):
        table = file[f"{level}_weights"]
        assert {parent: set(weights) for parent, weights in table.items()} == {
            parent: set(weights) for parent, weights in sets[level].items()
        }
        assert all(abs(sum(weights.values()) - 1) < 1e-12 for weights in table.values())
    of_models = {}
    for model_id, metric_key, score in published.query(
        "select model_id, metric_key, score from marts.fct_metric_scores"
        " where evidence_class <> 'composite'"
    ):
        of_models.setdefault(model_id, {})[metric_key] = score
    composites = weight_sets("composite_weights.csv", "composite_key", "metric_key")
    # What weighs nothing is as good as not there.
    groups, roles = (
        {
            parent: {key: weight for key, weight in weights.items() if weight}
            for parent, weights in file[f"{level}_weights"].items()
        }
        for level in ("group", "role")
    )
    found = reckoned(page)
    for model_id, of_model in of_models.items():
        _, _, by_role = blend_role(composites, groups, roles, of_model)
        for role_key, score in by_role.items():
            assert found[model_id, role_key][0] == pytest.approx(score, abs=1e-9)


def test_the_table_shows_what_was_reckoned(visit, published):
    page = visit(drawn_address(published, 5) + "&role=r")
    found = reckoned(page)
    ranked = sorted(
        (rank, model_id, score)
        for (model_id, role_key), (score, _, rank) in found.items()
        if role_key == "R" and rank is not None
    )
    rows = page.locator(".live tbody tr")
    assert rows.evaluate_all(
        "rows => rows.map((r) => [Number(r.dataset.rank), r.dataset.model, Number(r.dataset.score)])"
    ) == [list(row) for row in ranked]
    assert rows.locator("td:first-child").all_inner_texts() == [str(rank) for rank, *_ in ranked]


def test_a_move_by_keyboard_lives_in_the_address(visit):
    page = visit("weights.html")
    page.get_by_role("slider", name="Building", exact=True).focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(page.url.split("?")[0] + "?role.B_raw=BUILD%3A82")
    page.get_by_role("spinbutton", name="Weight of Planning and tools").fill("41")
    shares = page.locator("[data-level=role] output")
    expect(shares).to_have_text(["62.6%", "6.1%", "31.3%"])
    page.get_by_role("radio", name="Planning", exact=True).check(force=True)
    expect(page.locator("[data-sets] h2")).to_have_text("Groups of Planning")
    before = page.evaluate(RECKON)
    page.reload()
    assert page.evaluate(RECKON) == before
    expect(page.get_by_role("radio", name="Planning", exact=True)).to_be_checked()
    page.get_by_role("button", name="Reset").click()
    assert page.url.endswith("weights.html?role=p")


def test_presets_mean_what_they_say(visit, published, tmp_path):
    page = visit("weights.html")
    seeded = weights_of(published)
    ops = {
        key
        for (key,) in published.query(
            "select group_key from marts.dim_groups where not is_capability"
        )
    }
    for label, expected in (
        ("All equal", lambda key, weight: 1),
        ("Price and speed doubled", lambda key, weight: 2 * weight if key in ops else weight),
        ("Without price and speed", lambda key, weight: 0 if key in ops else weight),
        ("As on the board", lambda key, weight: weight),
    ):
        page.get_by_label("Start from").select_option(label=label)
        file = tomllib.loads(
            downloaded(page, tmp_path / f"{label}.toml").read_text(encoding="utf-8")
        )
        for parent, weights in seeded["role"].items():
            meant = {key: expected(key, weight) for key, weight in weights.items()}
            whole = sum(meant.values())
            assert file["role_weights"][parent] == pytest.approx(
                {key: weight / whole for key, weight in meant.items()}
            )
        if label == "All equal":
            assert len(set(file["group_weights"]["BUILD"].values())) == 1
        else:
            assert file["group_weights"] == seeded["group"]
        page.reload()
        expect(page.get_by_label("Start from").locator("option:checked")).to_have_text(label)
    assert page.url.endswith("weights.html")


def test_a_set_of_nothing_falls_back_and_says_so(visit, published):
    page = visit("weights.html?role.B_raw=BUILD:0,PLAN:0,OPS_precision:0")
    expect(page.get_by_text("All of this set are 0").first).to_be_visible()
    assert compared(reckoned(page), published) == 0


@pytest.mark.parametrize(
    "query",
    [
        "role=x&preset=nosuch",
        "preset=__proto__",
        "role.B_raw=BUILD:101,PLAN:-1,OPS_precision:x",
        "role.B_raw=BUILD:,NoSuch:5,:7,5",
        "role.NoSuch=BUILD:5&group.BUILD=__proto__:5&composite.SWEComposite=SWERebench:1",
        "%",
    ],
)
def test_a_nonsense_address_shows_the_weights_of_the_board(visit, published, query):
    page = visit(f"weights.html?{query}")
    assert compared(reckoned(page), published) == 0
    expect(page.locator("[data-sets] h2")).to_have_text("Groups of Building")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_reads_and_is_labelled(visit, width, scheme):
    page = visit("weights.html?preset=equal&role=i", width, color_scheme=scheme)
    assert_readable(page, width)


def test_without_script_the_ranks_of_the_board_stand_there(visit, published):
    page = visit("weights.html", java_script_enabled=False)
    expect(page.get_by_text("To move a weight needs script.")).to_be_visible()
    expect(page.locator("[data-weighing]")).to_be_hidden()
    expected = published.query(
        "select display_name from marts.fct_role_scores inner join marts.dim_models using (model_id)"
        " where role_key = 'B_raw' and is_ranked order by role_rank, model_id"
    )
    table = page.get_by_role("region", name="Ranks in Building")
    assert table.locator("tbody a").all_inner_texts() == [name for (name,) in expected]


def test_hostile_names_run_nothing(visit, hostile_site):
    with serving(hostile_site) as address:
        page = visit("weights.html?preset=equal", 390, address=address)
        dialogs = []
        page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
        page.get_by_role("radio", name="Idea", exact=True).check(force=True)
        assert page.locator(".live tbody tr").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert dialogs == []
