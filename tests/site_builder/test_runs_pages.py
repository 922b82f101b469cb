"""Pages of own runs say what the marts say, cut and never rounded up, and escape every name."""

import math
import re
from decimal import Decimal

import duckdb
import pytest

from site_builder.addresses import run_path
from site_builder.charts import stacked, whiskers
from site_builder.downloads import MOST_ROWS, forms_of
from site_builder.errors import InvalidSite
from site_builder.filters import environment
from site_builder.marts import read_marts
from site_builder.pages.runs import paths_of
from site_builder.render import render
from tests.site_builder.small_board import ENDLESS, HOSTILE, build_small_board
from tests.site_builder.test_time_and_proof import text_of

OWN_PAGES = (
    "runs.html", "cells.html", "lab.html", "verdicts.html", "contradictions.html", "exploits.html",
    "adjudications.html",
)  # fmt: skip
LEDGERS = (
    "run_scoreboard", "fct_runs", "fct_run_categories", "fct_run_medians", "fct_run_deltas",
    "fct_run_records", "fct_run_events", "fct_run_verdicts", "fct_run_contradictions",
    "fct_run_adjudications", "dim_run_exploits", "fct_cells", "fct_cell_fields",
    "fct_cell_coverage",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(published):
    return published.root / "out/site"


@pytest.fixture(scope="module")
def small(module_folder):
    folder = module_folder("small")
    render(build_small_board(folder / "small.duckdb"), folder / "out", generator="benchmart test")
    return folder / "out/site"


def cut(value):
    """To one decimal, toward zero: worked out here without the filter."""
    return f"{math.trunc(Decimal(str(value)) * 10) / 10:.1f}"


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (Decimal("89.999999"), "89.9"),
        (Decimal("90.000000"), "90.0"),
        (Decimal("74.95"), "74.9"),
        (Decimal("0.099999"), "0.0"),
        (Decimal("100"), "100.0"),
        (89.95, "89.9"),
        (59.9, "59.9"),
    ],
)
def test_a_score_is_cut_and_never_rounded_up(score, said):
    assert environment().filters["cut"](score) == said


def test_zeros_of_a_column_are_not_shown():
    plain = environment().filters["plain"]
    assert [plain(Decimal(value)) for value in ("1.500000", "20.000000", "0.000000", "100")] == [
        "1.5", "20", "0", "100",
    ]  # fmt: skip


def test_the_ranking_is_that_of_the_scores(published, site):
    page = (site / "runs.html").read_text("utf-8")
    rows = re.findall(
        r'<td class="rank">(\d+)</td>\s*<th scope="row" class="configured"><bdi>([^<]+)</bdi>'
        r' <span class="tag[^"]*"><bdi>([^<]+)</bdi></span>.*?<b>([\d.]+)</b><span class="tier"'
        r"[^>]*>(\w+)</span>",
        page,
        re.DOTALL,
    )
    runs = published.query(
        "select model, config, score from marts.fct_runs where is_ranked order by score"
    )
    by_configuration = {}
    for model, config, score in runs:
        by_configuration.setdefault((model, config), []).append(score)
    # The samples have three runs each: the median is the second of them.
    medians = {key: scores[1] for key, scores in by_configuration.items()}
    assert all(len(scores) == 3 for scores in by_configuration.values()) and len(medians) == 4
    tiers = published.query("select lower_bound, tier from marts.dim_run_tiers order by 1 desc")
    expected = [
        (str(rank), *key, cut(score), next(tier for low, tier in tiers if score >= low))
        for rank, (key, score) in enumerate(sorted(medians.items(), key=lambda x: -x[1]), start=1)
    ]
    assert rows == expected


def test_categories_stand_with_the_median_of_their_runs(published, site):
    page = (site / "runs.html").read_text("utf-8")
    first = page.split('class="by-category"')[1].split("</td>")[0]
    shown = re.findall(r"<span>([^<]+)</span>.*?<b>([\d.]+)</b>", first)
    rows = published.query(
        "select title, list(categories.score order by categories.score)[2]"
        " from marts.fct_run_categories as categories inner join marts.fct_runs using (submission_no)"
        " inner join (select model, config from marts.run_scoreboard where run_rank = 1)"
        " using (model, config) group by title, position order by position"
    )
    assert shown == [(title, cut(score)) for title, score in rows] and len(shown) == 6


def test_samples_stand_apart_and_are_marked(site, small):
    page = (site / "runs.html").read_text("utf-8")
    before, samples = page.split('<section class="samples"')
    assert "benchmart intake PATH..." in before and "sample-model" not in before
    assert "They measure nothing" in samples
    # With runs of one's own, these come first, and the samples still stand apart.
    mixed = (small / "runs.html").read_text("utf-8")
    before, samples = mixed.split('<section class="samples"')
    assert "A one" in before and "made-up" not in before
    assert "made-up" in samples and "A one" not in samples
    assert "benchmart intake" not in mixed
    for name in ("cells.html", "runs.html"):
        assert "They measure nothing" in (site / name).read_text("utf-8")


def test_a_hair_below_a_tier_reads_as_below_it(small):
    text = text_of(small / "runs.html")
    assert "89.9 MAINLINE" in text and "90.0" not in text
    assert "59.9" in text and "60.0" not in text.replace("60.0 to", "")


def test_provisional_scores_have_no_rank(small):
    page = (small / "runs.html").read_text("utf-8")
    ranking, apart = page.split("Not ranked</h4>")[:2]
    assert "(59.9)" in apart and "(59.9)" not in ranking
    # The client's 99.99 beside a ranked configuration stands in brackets, below the table.
    assert "99.9" not in ranking.split('<table class="ranking"')[1].split("<details")[0]
    assert "(99.9)" in page


def test_too_few_runs_are_said_in_words_and_an_interval_is_drawn(small):
    page = (small / "runs.html").read_text("utf-8")
    assert "not enough runs (1 of 3; of base 2 of 3)" in page
    text = text_of(small / "runs.html")
    assert "−4.2 −8.0 to −0.5 surely less" in text
    assert "+2.0 no interval: 1 task on both sides" in text


def test_public_roles_stand_beside_and_not_in_the_score(small):
    page = (small / "runs.html").read_text("utf-8")
    assert 'href="m/acme/a-1.html"' in page and "public roles" in page
    assert "never averaged" in page and "not authenticated" in page


def test_whiskers_share_an_axis_around_nothing():
    one, other = whiskers([(5.0, -10.0, 20.0), (-20.0, None, None)], 112, margin=6)
    assert (one.zero, one.dot, one.ends) == (56.0, 68.5, (31.0, 106.0))
    assert (other.zero, other.dot, other.ends) == (56.0, 6.0, None)
    assert [whisker.dot for whisker in whiskers([(0.0, None, None)], 100)] == [50.0]


def test_bars_of_a_scorecard_are_laid_end_to_end_on_a_hundred():
    assert [(fall.x, fall.width) for fall in stacked([25.0, 0.0, 12.5], 100)] == [
        (0.0, 25.0), (25.0, 0.0), (25.0, 12.5),
    ]  # fmt: skip


def test_each_run_has_its_scorecard(published, site):
    runs = published.query("select submission_no, run_sha256, score from marts.fct_runs")
    assert len(list((site / "runs").iterdir())) == len(runs) == 12
    for number, sha256, score in runs:
        page = (site / f"runs/sample-{sha256[:12]}.html").read_text("utf-8")
        card = page.split('class="parts scorecard"')[1].split("</table>")[0]
        rows = re.findall(
            r'<th scope="row">([^<]+)</th>\s*<td class="num">([\d.]+)</td>.*?<rect[^>]* x="([\d.]+)%"'
            r' width="([\d.]+)%".*?<td class="num">([\d.]+)</td>',
            card,
            re.DOTALL,
        )
        expected = published.query(
            "select title, points, score from marts.fct_run_categories"
            f" where submission_no = {number} order by position"
        )
        assert [(title, points, of_100) for title, points, _, _, of_100 in rows] == [
            (title, cut(points), cut(part)) for title, points, part in expected
        ]
        ends = [float(x) + float(width) for _, _, x, width, _ in rows]
        assert math.isclose(ends[-1], float(score), abs_tol=0.1)
        assert f"<b>{cut(score)}</b>" in page
        [(tasks,)] = published.query(
            f"select count(*) from marts.fct_run_records where submission_no = {number}"
        )
        assert page.count('<th scope="row" class="task">') == tasks == 20
        assert page.count("<b>Graded again here</b>") == 20 and sha256 in page


def test_a_partial_run_has_no_total(small):
    text = text_of(small / f"runs/{'4' * 12}.html")
    assert "No total partial: Reason , Write" in text or "No total partial: Reason, Write" in text
    assert "no tasks of it" in text


def test_a_grade_that_failed_is_no_zero(small):
    page = (small / f"runs/{'1' * 12}.html").read_text("utf-8")
    row = page.split("<bdi>lost</bdi>")[1].split("</tr>")[0]
    assert "the judge failed" in row and "0 of" not in row
    assert "7.5 of 10" in page and "integrity 0" in page
    assert "error" in page.split("<bdi>crashed</bdi>")[1].split("</tr>")[0]


def test_checks_stand_in_their_order_and_end_with_a_refusal(small):
    page = (small / "verdicts.html").read_text("utf-8")
    names = ["Schema", "Duplicate", "Pack", "Signature", "Rate limit", "Grades"]
    attempts = page.split('<ol class="checks">')[1:]
    assert [re.findall(r"<b>([^<]+)</b>", one.split("</ol>")[0]) for one in attempts] == [names] * 3
    limited, unreadable, accepted = (
        re.findall(r'<li class="(\w+)">', one.split("</ol>")[0]) for one in attempts
    )
    assert limited == ["passed", "passed", "noted", "noted", "refused", "unmade"]
    assert unreadable == ["refused"] + ["unmade"] * 5
    assert accepted == ["passed", "passed", "passed", "noted", "passed", "passed"]
    assert "again in 1,200 s" in page


def test_a_gap_of_a_cell_says_which_one_it_is(small):
    page = (small / "cells.html").read_text("utf-8")
    for words in ("not recorded", "does not apply", "not in that version of the format"):
        assert f'aria-label="{words}"' in page
    fields = re.findall(r"<code>(tui|model|task|plugin_stack|tui_image_sha|task_added_date)<", page)
    assert fields[:6] == [
        "tui",
        "model",
        "task",
        "plugin_stack",
        "tui_image_sha",
        "task_added_date",
    ]
    assert "benchmart reproduce " + "c" * 12 in page and "1 task" not in page
    assert "99%" in page and "100%" not in page.split('class="heat"')[1].split("</table>")[0]
    assert "2 of 4 possible cells were run (50%)" in page


def test_cells_are_those_of_the_marts(published, site):
    page = (site / "cells.html").read_text("utf-8")
    [(cells, run, possible)] = published.query(
        "select (select count(*) from marts.fct_cells where is_latest), cells_run, cells_possible"
        " from marts.fct_cell_coverage where scope = 'grid'"
    )
    assert page.count('class="nine"') == cells == run
    assert f"{run} of {possible} possible cells were run" in page
    heat = re.findall(r'<td style="--heat:(\d+)%"', page)
    shares = published.query("select pass_share from marts.fct_cells where is_latest")
    assert sorted(map(int, heat)) == sorted(math.floor(100 * share + 1e-9) for (share,) in shares)


def test_ledgers_tell_what_is_in_them(small):
    lab = text_of(small / "lab.html")
    assert "70.0 FEEDER" in lab and "no key of a lab signed them" in lab
    exploits = text_of(small / "exploits.html")
    assert "open" in exploits and "2026-05-02" in exploits
    decisions = text_of(small / "adjudications.html")
    assert "taken off the board" in decisions and "a run that is not here" in decisions
    assert "1 more left" in decisions or "2 more left" in decisions
    found = text_of(small / "contradictions.html")
    assert "Passed without integrity" in found and "the whole run" in found


@pytest.mark.parametrize("name", [*OWN_PAGES, f"runs/{'1' * 12}.html", f"runs/{'4' * 12}.html"])
def test_names_are_escaped_and_cut(small, name):
    page = (small / name).read_text("utf-8")
    assert HOSTILE not in page and "<img" not in page
    # What left the public board is told in full, as on the page of snapshots.
    page = page.split('id="board"')[0]
    assert ENDLESS not in page.replace(f'title="{ENDLESS}"', "")
    for text in ("<b>tui</b>", "<b>grader</b>", "<b>us</b>", "<u>task</u>", "<i>call()</i>"):
        assert text not in page


def test_an_empty_ledger_has_every_page_and_says_so(tmp_path):
    database = build_small_board(
        tmp_path / "bare.duckdb", *(f"delete from marts.{mart}" for mart in LEDGERS)
    )
    render(database, tmp_path / "out", generator="benchmart test")
    site = tmp_path / "out/site"
    assert not (site / "runs").exists()
    for name in OWN_PAGES:
        text = text_of(site / name)
        assert re.search(r"\b(None|nan|undefined)\b", text) is None
    assert "benchmart intake PATH..." in text_of(site / "runs.html")
    assert "Samples" not in text_of(site / "runs.html")
    assert "No exploit is known" in text_of(site / "exploits.html")
    assert "Nobody has handed a run in yet" in text_of(site / "verdicts.html")


def test_two_runs_with_one_short_hash_have_a_page_each():
    shared = "a" * 12
    rows = [
        {"submission_no": 1, "is_sample": False, "run_sha256": shared + "b" * 52},
        {"submission_no": 2, "is_sample": False, "run_sha256": shared + "c" * 52},
        {"submission_no": -1, "is_sample": True, "run_sha256": shared + "b" * 52},
    ]
    assert paths_of(rows) == {
        1: f"runs/{shared}{'b' * 52}.html",
        2: f"runs/{shared}{'c' * 52}.html",
        -1: f"runs/sample-{shared}.html",
    }


@pytest.mark.parametrize("sha256", ["../" + "a" * 61, "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_what_is_no_hash_makes_no_page(sha256):
    with pytest.raises(InvalidSite, match="is no sha256"):
        run_path(sha256, is_sample=False)


def test_many_runs_are_cut_to_the_newest(tmp_path):
    database = build_small_board(tmp_path / "many.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into marts.fct_runs by name (select own.* replace (1000 + i as submission_no,"
            " sha256('run ' || i) as run_sha256, timestamp '2026-07-01' + to_minutes(i::int)"
            " as received_at) from marts.fct_runs as own, range(600) as made (i) where submission_no = 1)"
        )
    marts = read_marts(database)
    assert len(marts.runs) == 500 and marts.run_counts[0]["runs"] == 605
    assert {row["submission_no"] for row in marts.runs} == set(range(1100, 1600))
    render(database, tmp_path / "out", generator="benchmart test")
    text = text_of(tmp_path / "out/site/runs.html")
    assert "Of 605 runs the newest 500 have a page each" in text
    assert len(list((tmp_path / "out/site/runs").iterdir())) == 500


def test_a_long_ledger_is_there_as_parquet_only():
    assert forms_of("fct_run_records", MOST_ROWS) == ("csv", "json", "parquet")
    assert forms_of("fct_run_records", MOST_ROWS + 1) == ("parquet",)
    assert forms_of("fct_metric_scores", MOST_ROWS + 1) == ("csv", "json", "parquet")


def test_pages_link_the_formats_that_were_written(tmp_path):
    database = build_small_board(
        tmp_path / "long.duckdb",
        f"insert into marts.fct_run_events select events.* from marts.fct_run_events as events,"
        f" range({MOST_ROWS}) where events.kind = 'recheck'",
        "delete from marts.fct_runs",
    )
    render(database, tmp_path / "out", generator="benchmart test")
    data = tmp_path / "out/site/data"
    assert (data / "fct_run_events.parquet").exists()
    assert not (data / "fct_run_events.csv").exists()
    assert (data / "fct_run_records.csv").exists()
    assert "fct_run_events.csv" not in (data.parent / "data.html").read_text("utf-8")
