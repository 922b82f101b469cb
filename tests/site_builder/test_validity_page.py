"""What the pages say of their own worth: on a board that can be read, with gaps and missed bars."""

import json
import re

import pytest

from site_builder.filters import _hundredths, _listed, _margin, _ranks
from site_builder.render import render
from tests.site_builder.small_board import HOSTILE, OVERRIDE, build_small_board
from tests.site_builder.test_small_board import GENERATOR, text_of

NOTHING = tuple(
    f"delete from marts.{mart}"
    for mart in ("fct_abilities", "fct_ability_pairs", "fct_metric_health", "fct_validity")
)
# The same board as it would be if all went well.
WELL = (
    "update marts.fct_validity set is_met = true where is_met is not null",
    "update marts.fct_validity set value = 0.9 where check_key = 'cell_intervals'",
    "update marts.fct_validity set value = 0.61 where check_key = 'first_stays_first_families'",
    "update marts.fct_validity set value = 0.5 where check_key = 'masking_gap_filled'",
    "update marts.fct_metric_health set is_flagged = false",
    "update marts.fct_abilities set best_share = 0.9, is_tied_with_best = ability_rank = 1",
    "update marts.fct_role_scores set best_share = 0.9, is_tied_with_best = role_rank = 1",
)


@pytest.fixture(scope="module")
def site(marts_database, module_folder):
    out = module_folder("validity") / "out"
    render(marts_database, out, generator=GENERATOR)
    return out / "site"


def changed(folder, *statements):
    """The site of the small board, changed by the statements."""
    render(build_small_board(folder / "a.duckdb", *statements), folder / "out", generator=GENERATOR)
    return folder / "out" / "site"


@pytest.fixture(scope="module")
def well(module_folder):
    return changed(module_folder("well"), *WELL)


@pytest.fixture(scope="module")
def nothing(module_folder):
    """The site of a board that is too small for any of the checks."""
    return changed(module_folder("nothing"), *NOTHING)


def section(site, key):
    """The text of one section of the page, spaces joined and before points dropped."""
    page = (site / "validity.html").read_text("utf-8")
    body = re.search(rf'<section class="check" aria-labelledby="{key}">.*?</section>', page, re.S)
    text = " ".join(re.sub(r"<[^>]+>", " ", body.group()).split())
    return re.sub(r" (?=[.,:])", "", text)


def test_a_range_of_ranks_is_one_number_where_it_is_one():
    assert _ranks({"rank_low": 1, "rank_high": 4}) == "1–4"
    assert _ranks({"rank_low": 3, "rank_high": 3}) == "3"
    assert _ranks({"rank_low": None, "rank_high": None}) == ""


def test_a_gain_below_its_bar_does_not_read_as_if_it_had_reached_it():
    gains = {0.0299: "+0.02", 0.03: "+0.03", -0.001: "−0.01", 0.0: "0.00", 0.5: "+0.50"}
    assert {gain: _margin(gain) for gain in gains} == gains
    assert [_hundredths(value) for value in (0.5, -0.25, -0.001)] == ["0.50", "−0.25", "0.00"]


def test_words_are_listed_as_in_a_sentence():
    assert [_listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"])] == [
        "a",
        "a and b",
        "a, b and c",
    ]


def rows_for_script(page):
    return json.loads(re.search(r'id="board-rows">(.*?)</script>', page, re.S)[1])["rows"]


def test_the_board_shows_ranges_and_marks_what_may_be_first(site):
    page = (site / "index.html").read_text("utf-8")
    first, second, third = re.findall(r'<tr class="row.*?</tr>', page, re.S)
    assert 'class="row tied" id="acme--a-2"' in first and "<span>1</span>" in first
    assert 'class="row tied" id="acme--a-1"' in second and "<span>1–2</span>" in second
    assert "≈ 1st" in second and "cannot be told from the first" in second
    assert "--value:42.5%;--low:31.0%;--high:71.8%" in second
    # A range of nothing would read as if the score were sure.
    assert 'class="row"' in third and "≈" not in third and "--low" not in third
    rows = rows_for_script(page)
    # Rank, range and tie in Building, the third role; what is shown of a range when a row opens.
    assert [row[8][2][:3] for row in rows] == [[1, "1", 1], [2, "1–2", 1], [None, "", 0]]
    assert rows[1][12][2] == "Building 31–72, rank 1–2"
    assert rows[2][12][2] == "Building no figure behind it"


def test_cards_name_who_cannot_be_told_from_the_first(site, well):
    text = text_of(site / "index.html")
    assert text.count("1 more cannot be told from the first") == 4
    assert text.count("First on only 41% of the boards with benchmarks drawn anew") == 4
    assert "the first place is open" in text and "rank 1–2 · 44% measured" in text
    clear = text_of(well / "index.html")
    assert clear.count("All others can be told from the first") == 4
    assert clear.count("First on 90% of the boards with benchmarks drawn anew.") == 4
    assert "≈ 1st</span>" not in (well / "index.html").read_text("utf-8")


def test_no_first_of_less_than_half_the_boards_is_called_a_winner(site):
    for name in ("index", "validity", "m/acme/a-2"):
        assert not re.search(r"\b(leads?|leader|winner|champion)\b", text_of(site / f"{name}.html"))


def test_a_role_card_says_range_and_what_it_rests_on(site):
    text = text_of(site / "m/acme/a-1.html")
    assert "Rank 2 of 2, may be 1–2 ≈ 1st: cannot be told from the first" in text.replace(" ,", ",")
    assert "42.5 may be 31–72" in text
    # Measured alone: what a vendor reports stands apart.
    assert "measured 24% vendor-reported 20% estimated 15% missing 40%" in text
    assert "With the gaps filled by what its ability lets expect: 47" in text
    assert "1 more cannot be told from it" in text_of(site / "m/acme/a-2.html")


def test_a_model_page_shows_its_ability_among_the_nearest(site):
    page = (site / "m/acme/a-1.html").read_text("utf-8")
    text = text_of(site / "m/acme/a-1.html")
    assert "44.8 may be 31–58" in text and "Stands on 1 figure " in text
    assert "The best in 59% of the draws" in text
    rows = re.findall(r"<tr.*?</tr>", page[page.index('id="ability"') :].split("</table>")[0], re.S)
    assert ">30%</td>" in rows[1] and OVERRIDE in rows[1]
    assert 'class="own"' in rows[2] and "&lt;script&gt;" in rows[2] and len(rows) == 3


def test_a_model_without_ability_says_so(site):
    text = text_of(site / "m/zeta/z-1.html")
    assert "No ability: none of its figures is measured" in text
    assert "no figure behind it" in text and "With the gaps filled" not in text
    assert "Without an ability, for want of a measured figure: WWW" in section(site, "ability")


def test_ability_is_a_range_and_an_open_first_place_is_said(site, well):
    said = section(site, "ability")
    assert "has the highest ability, and 1 more cannot be told from it" in said
    assert "best in only 41% of the draws, so the first place is open" in said
    assert "1–2 ≈ 1st cannot be told from the first" in said
    assert "and all others can be told from it. It is the best in 90% of" in section(
        well, "ability"
    )


def test_a_missed_bar_is_said_in_words(site, well):
    said = section(site, "intervals")
    assert "86.5% of 1,234 figures that were hidden fell into their 90% interval" in said
    assert "The bar is 87% to 93%. It is missed: too few." in said
    assert "88.5% of 96 statements" in said and "The bar is at least 88%. It is met." in said
    assert "The bar is 87% to 93%. It is met." in section(well, "intervals")


def test_a_bar_is_missed_from_above_as_well(tmp_path):
    site = changed(
        tmp_path,
        "update marts.fct_validity set value = 0.99 where check_key = 'cell_intervals'",
    )
    assert "It is missed: too many." in section(site, "intervals")


def test_bands_of_probability_stand_in_their_order(site):
    said = section(site, "intervals")
    assert re.search(r"50% to 90% 40% 5 90% and more 88% 96$", said)
    assert "<b>said" not in (site / "validity.html").read_text("utf-8")


def test_a_score_that_foretells_no_better_is_named(site, well, tmp_path):
    said = section(site, "unseen")
    assert "Ability and Idea do not foretell better than that by the margin." in said
    assert "Release day 0.25 0.12 to 0.38" in said and "the yardstick" in said
    assert "+0.02 0.00 to 0.12 no" in said and "By the margin of 0.03" in said
    assert "on average, not surely" in said and "Planning" not in said
    assert "All others do, at least on average." in said
    page = (site / "validity.html").read_text("utf-8")
    assert HOSTILE not in page and "&lt;img src=x" in page
    # A score that goes against the figures stays on the axis.
    assert 'style="--from:-1;--to:1;--yardstick:0.250"' in page
    good = section(well, "unseen")
    assert "Every score foretells better than that by the margin, at least on average." in good
    none = changed(
        tmp_path,
        "update marts.fct_validity set is_met = false where check_key = 'gain_over_release_day'",
    )
    assert "No score foretells better than that by the margin." in section(none, "unseen")


def test_a_score_that_cannot_be_judged_is_not_praised(tmp_path):
    site = changed(
        tmp_path,
        "update marts.fct_validity set is_met = null where check_key = 'gain_over_release_day'",
    )
    said = section(site, "unseen")
    assert "Idea cannot be judged." in said and "by the margin, at least" not in said


def test_a_first_place_that_does_not_hold_is_said(site, well):
    said = section(site, "stability")
    assert (
        "In Building the first place is open: the first stays first on only 41% of the boards"
        " with the benchmarks drawn anew."
    ) in said
    assert "Which benchmarks count moves the ranks more than how they are weighted." in said
    assert "1.5 1 to 2" in said and "0.50 −0.25 to 0.75" in said
    assert "The least sure is Building: first on 61% of those with the" in section(
        well, "stability"
    )


def test_masking_says_in_which_roles_ability_is_steadier(site, well):
    assert "closer in Building, and not in Reviewing." in section(site, "masking")
    assert "Ability keeps the score closer in every role." in section(well, "masking")


def test_a_benchmark_in_poor_agreement_is_named_first(site, well):
    said = section(site, "health")
    assert (
        "1 of 3 benchmarks is surely in poor agreement with all others: Solving"
        " (correlation −0.50, surely not above 0.12)."
    ) in said.replace("( ", "(")
    assert said.index("Solving poor agreement") < said.index("Speed")
    assert "cited figures" in said and "<b>family" not in said.lower()
    assert "None of 3 benchmarks is surely in poor agreement" in section(well, "health")


def test_coverage_tells_the_four_shares_of_every_role(site):
    said = section(site, "coverage")
    assert "3 are measured, 1 vendor-reported, 1 estimated and 4 missing." in said
    assert "24% 20% 15% 40%" in said and said.count("0% 0% 0% 100%") == 4
    assert "No figure counts in any role of WWW" in said


def test_a_board_too_small_for_any_check_still_has_its_page(nothing):
    text = text_of(nothing / "validity.html")
    assert "None" not in text
    for words in (
        "No model has enough measured figures for an ability.",
        "No figure could be hidden and foretold on this board.",
        "No family of benchmarks could be left out on this board.",
        "No role has ranked models on this board.",
        "Nothing could be hidden on this board.",
        "No benchmark has enough measured models",
    ):
        assert words in text


def test_every_number_of_the_page_is_one_of_a_mart(published):
    page = text_of(published.root / "out/site/validity.html")
    for value, sample in published.query(
        "select value, sample_size from marts.fct_validity"
        " where check_key in ('cell_intervals', 'sure_statements')"
    ):
        assert f"{value * 100:.1f}% of {sample:,}" in page
    for label, spearman in published.query(
        "select label, held_out_spearman from marts.fct_metric_health"
        " inner join marts.dim_metrics using (metric_key) where is_flagged"
    ):
        assert f"{label} (correlation {_hundredths(spearman)}" in page
    missed = published.query(
        "select count(*) from marts.fct_validity"
        " where check_key = 'gain_over_release_day' and not is_met"
    )
    table = (published.root / "out/site/validity.html").read_text("utf-8")
    assert [(table.count('<b class="unmet">no</b>'),)] == missed


def test_the_board_and_its_assets_stay_light(published):
    site = published.root / "out/site"
    names = ("index.html", "site.css", "site.js", "icon.svg")
    assert sum((site / name).stat().st_size for name in names) <= 300_000
