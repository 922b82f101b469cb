"""What moved, where the points come from, snapshots and provenance: on a board that can be read."""

import json
import re

import pytest

from benchmart.changes import Mover, Part
from site_builder.filters import _size, _step
from site_builder.render import render
from site_builder.wording import causes_told, headline, signed, story
from tests.site_builder.small_board import (
    ENDLESS,
    HOSTILE,
    OVERRIDE,
    RECEIPT,
    RECEIPT_SHA,
    SEEDS,
    SHA,
    UNBROKEN,
    build_small_board,
)
from tests.site_builder.test_small_board import GENERATOR, text_of

ALONE = (
    "update marts.board set compared_label = null",
    *[
        f"delete from marts.{mart}"
        for mart in ("fct_role_changes", "fct_score_changes", "fct_departures", "dim_snapshots")
    ],
)


@pytest.fixture(scope="module")
def site(marts_database, module_folder):
    out = module_folder("proof") / "out"
    render(marts_database, out, generator=GENERATOR)
    return out / "site"


@pytest.fixture(scope="module")
def alone(module_folder):
    """The site of a board that has nothing to be compared with, and no snapshot."""
    folder = module_folder("alone")
    render(build_small_board(folder / "a.duckdb", *ALONE), folder / "out", generator=GENERATOR)
    return folder / "out" / "site"


@pytest.fixture
def folder(tmp_path):
    """Folders of snapshots: one that is known, and several that try to be."""
    snapshots = tmp_path / "snapshots"
    for name in ("2026-05-01", "2026-04-01", "2026-04-02"):
        (snapshots / name).mkdir(parents=True)
        (snapshots / name / "receipt.json").write_bytes(RECEIPT)
    known = snapshots / "2026-05-01"
    (known / "board.parquet").write_bytes(b"p" * 1500)
    (known / "board.csv").write_text("<script>alert(1)</script>\n")
    (known / "SHA256SUMS").write_text("sums\n")
    for name in ("page.html", "run.js", "x.svg", "<b>.json", "-rf.csv", ".hidden.json"):
        (known / name).write_text("<script src='https://example.org/x.js'></script>")
    (known / "more.json").mkdir()
    (tmp_path / "secret").write_text("secret")
    (known / "link.json").symlink_to(tmp_path / "secret")
    (tmp_path / "escape").mkdir()
    (tmp_path / "escape" / "receipt.json").write_bytes(RECEIPT)
    return snapshots


def rows_of(path, table_class):
    """The texts of each row of the first table of a class."""
    table = re.search(
        rf'<table class="{table_class}".*?</table>', path.read_text("utf-8"), re.S
    ).group()
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(CELL, row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table, re.S)
    ]


CELL = r"<t[hd].*?</t[hd]>"


def score_cells(path, model):
    row = path.read_text("utf-8").split(f'id="{model}"')[1].split("</tr>")[0]
    return re.findall(r'<td class="score (\w)[^"]*".*?>(.*?)<span class="meter', row, re.S)


def test_a_score_shows_its_change_in_whole_points_with_sign_and_shape(site):
    assert score_cells(site / "index.html", "acme--a-1") == [
        ("i", "40 "),
        ("p", "42 "),
        ("b", '42 <small class="delta loss">−8</small>'),
        ("r", "43 "),
    ]
    assert score_cells(site / "index.html", "acme--a-2")[2] == (
        "b",
        '72 <small class="delta gain">+4</small>',
    )
    # A model that is new has no change, and says why.
    assert score_cells(site / "index.html", "zeta--z-1")[2] == ("b", "50")
    assert "· new</small>" in (site / "index.html").read_text("utf-8")
    css = (site / "site.css").read_text("utf-8")
    assert '.delta.gain::before { content: "▲ "' in css
    assert '.delta.loss::before { content: "▼ "' in css


def test_the_state_line_names_the_compared_board(site):
    page = (site / "index.html").read_text("utf-8")
    said = "changes since &lt;i&gt;then&lt;/i&gt; \u202ereverof"
    assert f'<a href="snapshots.html#moved">{said}</a>' in page


def test_an_opened_row_tells_the_change_by_role_and_cause(site):
    # Estimates and the method moved too little for a word: they have no row.
    rows = {row[0]: row[1:] for row in rows_of(site / "index.html", "moved")}
    second = {
        "": ["Idea", "Building"],
        "Change": ["0.0", "+3.5"],
        "Estimates": ["0.0", "+3.5"],
        "Score": ["70", "68 → 72"],
        "Rank": ["–", "– → 1"],
    }
    assert rows == second
    page = (site / "index.html").read_text("utf-8")
    first = page[page.index('id="acme--a-1"') :]
    first = first[: first.index("</table>")]
    assert re.findall(r'<th scope="row">(.*?)</th>', first) == [
        "Change",
        "Published figures",
        "Another row",
        "Prices",
        "Score",
        "Rank",
    ]
    assert "New: the compared board had no score of it." in text_of(site / "index.html")


def test_without_a_compared_board_nothing_of_it_appears(alone):
    pages = [alone / "index.html", *sorted((alone / "m").rglob("*.html"))]
    assert len(pages) == 4
    for page in pages:
        text = page.read_text("utf-8")
        for trace in ("delta", 'class="moved"', "changes since", "What moved", "· new", "compared"):
            assert trace not in text, (page.name, trace)


def test_a_board_that_is_new_throughout_or_stood_still_says_so(tmp_path):
    still = "update marts.fct_role_changes set change = 0, data_points = 0, selection_points = 0,"
    database = build_small_board(
        tmp_path / "a.duckdb",
        f"{still} price_points = 0, fill_points = 0, method_points = 0",
        "delete from marts.fct_score_changes",
        "delete from marts.fct_departures",
    )
    render(database, tmp_path / "out", generator=GENERATOR)
    assert "Nothing moved since the compared board." in text_of(tmp_path / "out/site/index.html")
    assert "Nothing moved." in text_of(tmp_path / "out/site/m/acme/a-1.html")
    snapshots = text_of(tmp_path / "out/site/snapshots.html")
    assert "No role score moved." in snapshots
    assert "Nothing left: every model, source and figure of then is still here." in snapshots


def test_a_model_page_tells_each_part_under_its_cause(site):
    page = site / "m/acme/a-1.html"
    text = text_of(page).split("What moved since")[1]
    assert "Building 50.0 → 42.5 (−7.5, rank 1 → 2)" in text
    table = page.read_text("utf-8").split('aria-label="What moved Building"')[1]
    cells = [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(CELL, row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table.split("</table>")[0], re.S)
    ]
    assert cells[1:] == [
        ["Published figures", "−9.2"],
        ["Solving", "88 → 0", "−9.2"],
        ["Another row", "+1.5"],
        ["Speed", "1 → 2, now of &#39;&lt;img src=x onerror=alert(1)&gt;&#39;", "+1.5"],
        ["Prices", "+0.2"],
        ["Price", "1,000,000 → 1,234.56", "+0.2"],
    ]
    assert "2 smaller parts, each below 0.05 points." in text
    assert f"3, now of &#39;{ENDLESS}&#39;" in text
    for role in ("Planning", "Reviewing"):
        assert f"{role}: no change worth a word." in text
    assert "there was no score of it then" in text_of(site / "m/zeta/z-1.html")


def test_points_lead_from_50_to_the_score_the_most_first(site):
    page = site / "m/acme/a-1.html"
    table = page.read_text("utf-8").split('aria-label="Building by metric"')[1]
    cells = [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(CELL, row, re.S)]
        for row in re.findall(r"<tr.*?</tr>", table.split("</table>")[0], re.S)
    ]
    assert cells == [
        ["By metric", "Score", "From 50 to the score", "Points"],
        ["Start", "", "", "50.0"],
        ["Speed", "100.0", "", "+6.0"],
        ["Solving", "5.0", "", "−13.5"],
        ["Score", "", "", "42.5"],
    ]
    # The width is that from 42.5 to 56, with 50 at 55.56 %.
    bars = re.findall(r'<rect class="is-(\w+)" x="([^"]+)%" width="([^"]+)%"', table)[:2]
    assert bars == [("measured", "55.56", "44.44"), ("reported", "0.0", "100.0")]
    text = text_of(page)
    assert "Building 50 and 2 metrics make 42.5" in text
    assert "Without a value, 0 points: Price." in text
    second = text_of(site / "m/acme/a-2.html")
    assert "Reviewing 50 and 1 metric make 73.0" in second and "Speed 75.5 0.0" in second


def test_snapshots_stand_newest_first_with_their_receipts(site):
    rows = rows_of(site / "snapshots.html", "kept")
    assert [row[0] for row in rows] == [
        "Day",
        "2026-05-01 2026-05-01T12:00:00Z",
        "2026-04-01 2026-04-01T12:00:00Z",
        "../escape 2026-03-01T12:00:00Z",
    ]
    assert rows[1][1:] == ["bbbbbbbbbbbb", "1.0.0", f"sha256 {RECEIPT_SHA[:12]}", "unsigned"]
    assert rows[2][4] == "&lt;b&gt;key&lt;/b&gt;" and rows[3][4] == ENDLESS
    # The folders are not beside the pages: nothing is linked, and no column is empty.
    assert rows[0] == ["Day", "Board", "Method", "Receipt", "Signed by"]
    assert 'href="snapshots/' not in (site / "snapshots.html").read_text("utf-8")


def test_the_largest_movers_and_what_left_stand_with_their_reasons(site):
    text = text_of(site / "snapshots.html").split("What moved since")[1]
    movers = text.split("No longer on the board")[0]
    assert f"{OVERRIDE} , Building : 68.5 → 72.0 (+3.5, rank - → 1)" in movers
    assert "Estimates +3.5: Speed estimated, 80 (+3.5)" in movers
    assert movers.index("50.0 → 42.5") < movers.index("68.5 → 72.0") < movers.index("40.2 → 40.5")
    assert "43.2 → 43.2" not in movers
    assert f"New on the board {UNBROKEN}" in movers and "Published figures −9.2: Solving" in movers
    rows = rows_of(site / "snapshots.html", "left")
    assert [row[:3] for row in rows[1:]] == [
        ["source", "&lt;u&gt;lost&lt;/u&gt;", "2026-05-01"],
        ["model", "gone/&lt;b&gt;g&lt;/b&gt;", "2026-05-01"],
        [
            "figure",
            "Old test of &lt;script&gt;alert(&#34;a&#34;)&lt;/script&gt; , One",
            "2026-05-01",
        ],
    ]
    assert rows[1][3] == "nobody has said why yet"
    assert rows[2][3].startswith("&lt;img src=x onerror=alert(1)&gt; EEE")
    assert rows[2][3].endswith("said by &lt;b&gt;us&lt;/b&gt; on 2026-05-02")


def test_empty_pages_say_how_to_fill_them(alone):
    text = text_of(alone / "snapshots.html")
    assert "No snapshot yet. benchmart snapshot keeps" in text
    assert "There is nothing to compare this board with yet." in text
    assert "benchmart snapshot , benchmart verify-receipt snapshots/&lt;date&gt;" in text_of(
        alone / "provenance.html"
    )


def test_known_snapshots_are_linked_beside_the_pages_and_nothing_else(
    marts_database, folder, tmp_path
):
    result = render(marts_database, tmp_path / "out", generator=GENERATOR, snapshots=folder)
    kept = tmp_path / "out/site/snapshots"
    names = ["SHA256SUMS", "board.csv", "board.parquet", "receipt.json"]
    assert sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*")) == [
        "2026-05-01",
        *[f"2026-05-01/{name}" for name in names],
    ]
    assert (kept / "2026-05-01/board.csv").samefile(folder / "2026-05-01/board.csv")
    rows = rows_of(tmp_path / "out/site/snapshots.html", "kept")
    assert rows[1][5] == (
        "4 files receipt.json 17 B SHA256SUMS 5 B board.csv 26 B board.parquet 1.5 kB"
    )
    # Its receipt is not the one that the warehouse knows.
    assert rows[2][5] == "—" and rows[3][5] == "—"
    page = (tmp_path / "out/site/snapshots.html").read_text("utf-8")
    assert re.findall(r'href="(snapshots/[^"]+)"', page) == [
        f"snapshots/2026-05-01/{name}"
        for name in ("receipt.json", "receipt.json", "SHA256SUMS", "board.csv", "board.parquet")
    ]
    # They bring their own hashes: the manifest and the count of files leave them out.
    manifest = json.loads((tmp_path / "out/board.json").read_text("utf-8"))
    assert not [name for name in (*manifest["files"], *result.files) if "snapshots/" in name]
    assert "site/snapshots.html" in manifest["files"]


def test_snapshots_are_copied_where_nothing_can_be_linked(
    marts_database, folder, tmp_path, monkeypatch
):
    def refuse(*arguments, **options):
        raise OSError("another disk")

    monkeypatch.setattr("os.link", refuse)
    render(marts_database, tmp_path / "out", generator=GENERATOR, snapshots=folder)
    copy = tmp_path / "out/site/snapshots/2026-05-01/board.csv"
    assert copy.read_bytes() == (folder / "2026-05-01/board.csv").read_bytes()
    assert not copy.samefile(folder / "2026-05-01/board.csv")


def test_a_linked_folder_or_none_at_all_breaks_nothing(marts_database, folder, tmp_path):
    known = folder / "2026-05-01"
    known.rename(tmp_path / "elsewhere")
    known.symlink_to(tmp_path / "elsewhere")
    for name, given in (("one", folder), ("two", tmp_path / "nowhere")):
        render(marts_database, tmp_path / name, generator=GENERATOR, snapshots=given)
        assert not (tmp_path / name / "site/snapshots").exists()
        assert rows_of(tmp_path / name / "site/snapshots.html", "kept")[0][-1] == "Signed by"


def test_claims_stand_in_three_parts_with_their_counts(site):
    page = (site / "provenance.html").read_text("utf-8")
    parts = re.findall(r'<section class="claim-(.*?)".*?</section>', page, re.S)
    assert parts == ["attested", "asserted", "not-covered"]
    text = text_of(site / "provenance.html")
    attested, rest = text.split("Asserted", 1)
    asserted, not_covered = rest.split("Not covered", 1)
    assert "&lt;b&gt;Fetched&lt;/b&gt; 1 payload Hashed." in attested
    assert "Rows &lt;img src=x onerror=alert(1)&gt;" in attested
    assert f"{ENDLESS} 1,234 figures Said." in asserted
    assert "Gaps no figures Nobody." in not_covered
    assert HOSTILE not in page


def test_inputs_and_hashes_can_be_read_in_full(site):
    rows = rows_of(site / "provenance.html", "inputs")
    assert rows[1:] == [
        ["One https://one.example/x", "recorded", "2026-05-07T08:30:00Z", f"{SHA[:12]} {SHA}"],
        ["Cited", "kept by hand", "—", "part of the seeds"],
        ["Two https://[broken", "failed", "—", "—"],
    ]
    text = text_of(site / "provenance.html")
    assert f"Seeds, sha256 {SEEDS}" in text and f"Method, sha256 {SHA}" in text
    assert "benchmart verify-receipt snapshots/2026-05-01 " in text
    assert 'href="https://[broken' not in (site / "provenance.html").read_text("utf-8")


def test_every_page_leads_to_both(site):
    for page in sorted(site.rglob("*.html")):
        root = "../" * len(page.relative_to(site).parent.parts)
        for name in ("snapshots.html", "provenance.html"):
            assert f'<a href="{root}{name}"' in page.read_text("utf-8"), page


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (0.49, ""),
        (-0.49, ""),
        (0.0, ""),
        (0.51, "+1"),
        (-0.51, "−1"),
        (10.2, "+10"),
        (-20.0, "−20"),
    ],
)
def test_a_change_that_rounds_to_nothing_is_not_shown(change, shown):
    assert _step(change) == shown


def test_signed_points_have_no_sign_where_they_round_to_nothing():
    assert [signed(points) for points in (0.04, -0.04, 0.06, -1.25, 100.0)] == [
        "0.0",
        "0.0",
        "+0.1",
        "-1.2",
        "+100.0",
    ]
    assert signed(-1.25, on_page=True) == "−1.2"


def test_a_size_is_told_in_its_unit():
    sizes = {0: "0 B", 999: "999 B", 1000: "1.0 kB", 1_500_000: "1.5 MB"}
    assert {size: _size(size) for size in sizes} == sizes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("figure_came", None, 66.7, "x"), "came, 66.7"),
        (("figure_came", 54.4, 66.7, "x"), "measured, 54.4 -> 66.7"),
        (("figure_left", 54.4, None, None), "left, was 54.4"),
        (("figure_changed", 1e6, 1234.56, "x"), "1,000,000 -> 1,234.56"),
        (("field_moved", None, None, None), "stayed, its field moved"),
        (("row_changed", 1.0, 2.0, "it's"), '1 -> 2, now of "it\'s"'),
        (("row_changed", 2.0, 2.0, None), "2, now of another row"),
        (("estimate_came", None, 0.00002, "x"), "estimated, 0.00002"),
        (("estimate_left", 3.0, None, None), "estimate dropped, was 3"),
        (("estimate_changed", 3.0, 4.0, "x"), "estimate 3 -> 4"),
        (("estimate_changed", 3.0, 3.0, "x"), "estimate 3, chosen anew"),
        (("weight_shifted", None, None, None), "weighs differently beside what came or left"),
        (("method_changed", None, None, None), "counts differently"),
    ],
)
def test_a_story_is_told_in_words(arguments, said):
    assert story(*arguments) == said
    assert story(*arguments, on_page=True) == said.replace("->", "→")


def test_the_command_and_the_pages_tell_the_same():
    part = Part(
        model_id="acme/a-1",
        role_key="B_raw",
        metric_key="Solve",
        metric="Solving",
        cause="data",
        points=-9.25,
        what_happened="figure_changed",
        raw_before=88.0,
        raw_after=0.0,
        label_before="A",
        label_after="A",
    )
    assert str(part) == "Solving 88 -> 0 (-9.2)"
    causes = dict.fromkeys(("data", "selection", "method", "price", "fill"), 0.0)
    mover = Mover(
        model_id="acme/a-1",
        display_name="A 1",
        role_key="B_raw",
        role="Building",
        score_before=50.0,
        score_after=42.5,
        change=-7.5,
        rank_before=None,
        rank_after=2,
        **{f"{cause}_points": points for cause, points in causes.items()},
    )
    assert str(mover) == "A 1, Building: 50.0 -> 42.5 (-7.5, rank - -> 2)"
    assert headline(None, 42.5, None, None, 2) == "is new"
    assert headline(50.0, None, None, 1, None) == "left"
    assert causes_told({**causes, "fill": 0.049, "price": 0.05, "data": -1.0}) == ["data", "price"]


def test_a_published_board_links_only_what_is_there(published):
    site = published.root / "out" / "site"
    assert "no snapshots Each receipt" in text_of(site / "provenance.html")
    assert "No snapshot yet." in text_of(site / "snapshots.html")
    [(sha256,)] = published.query("select method_sha256 from marts.board")
    assert len(sha256) == 64 and f"Method, sha256 {sha256}" in text_of(site / "provenance.html")
    [(made, score)] = published.query(
        "select 50 + sum(points), any_value(scores.score) from marts.fct_contributions"
        " inner join marts.fct_role_scores as scores using (model_id, role_key)"
        " where model_id = 'openai/gpt-5.5' and role_key = 'B_raw'"
    )
    assert made == pytest.approx(score)
    assert f"metrics make {score:.1f}" in text_of(site / "m/openai/gpt-5.5.html")
