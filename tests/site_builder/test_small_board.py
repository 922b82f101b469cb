"""The outputs of a board that is small enough to be read: whole texts, gaps, broken addresses."""

import hashlib
import json
import re
import socket
import subprocess
import sys
import tomllib

import duckdb
import pytest

from site_builder.beside import Beside
from site_builder.errors import InvalidSite, OutputError
from site_builder.marts import read_marts
from site_builder.render import render, upstream_texts
from site_builder.wording import percent
from tests.conftest import PROJECT
from tests.site_builder.small_board import OVERRIDE, SHA, UNBROKEN, build_small_board

GENERATOR = "benchmart test"
COEFFICIENTS = """\
[composite_weights.Blend]
Solve = 0.6666666666666666
Speed = 0.3333333333333333

[group_weights.G]
Blend = 0.30000000000000004
Price = 0.7

[parameters]
coverage_tolerance = 1e-09
empty_composite = "neutral"
min_measured_share = 0.4
"pull.override" = 1e-09
run_min_runs_for_delta = 3.0
trust_threshold = 0.7
trust_transition_width = 0.2

[role_weights.B_raw]
G = 1.0

[role_weights.I_raw]
G = 1.0

[role_weights.P_raw]
G = 1.0

[role_weights.R]
G = 1.0
"""
MISSING = f"""\
["acme/a-1"]
display_name = "<script>alert(\\"a\\")</script>"
groups_shrunk = []
metrics = []

["acme/a-2"]
display_name = "{OVERRIDE}"
groups_shrunk = [
    "G",
]
metrics = [
    "Solve",
]

["zeta/z-1"]
display_name = "{UNBROKEN}"
groups_shrunk = [
    "G",
]
metrics = [
    "Price",
    "Solve",
    "Speed",
]
"""
TOP = """\
board_id = "0123456789ab"
generated_at = "2026-06-12T12:00:00Z"
generator = "benchmart test"
method_version = "1.0.0"
methodology = "Published figures, placed 0-100 among the measured models, pulled by evidence, \
blended by coverage into groups and roles."
schema_version = "1.5"

[[models]]
aliases = [
    "a",
    "b\\nc",
]
canonical_id = "acme/a-1"
display_name = "<script>alert(\\"a\\")</script>"
sources = [
    "one",
    "two",
]
synthesis_dominant = false
thinking_effort = "default"
vendor = "acme"

[models.ability]
best_share = 0.59
high = 58.5
low = 31.0
measured_cells = 1
rank = 2
rank_high = 2
rank_low = 1
value = 44.75

[models.figures.Price]
evidence_class = "direct"
label = "A"
pull = 0.0
source = "one"
value = 1234.56

[models.figures.Solve]
citation = "Card </style><img src=x onerror=alert(1)>"
evidence_class = "override"
pull = 0.0
source = "overrides"
value = 0.0

[models.figures.Speed]
agent = "<b>agent</b>"
effort = "high"
evidence_class = "direct"
label = "{{ 7 * 7 }}"
pull = 0.0
source = "one"
value = 2e-05

[models.filled]

[models.gap_filled]
b_raw = 47.0
i_raw = 47.0
p_raw = 47.0
r = 47.0

[models.groups]
G = 40.123457

[models.measured_weight_share]
b_raw = 0.445
i_raw = 0.445
p_raw = 0.445
r = 0.445

[models.metrics]
Blend = 66.666667
Price = 12.345679
Solve = 5.0
Speed = 100.0

[models.missing]
groups_shrunk = []
metrics = []

[models.rank_ranges]
b_raw = [
    1,
    2,
]
i_raw = [
    1,
    2,
]
p_raw = [
    1,
    2,
]
r = [
    1,
    2,
]

[models.ranks]
b_raw = 2
i_raw = 2
p_raw = 2
r = 2

[models.score_ranges]
b_raw = [
    31.0,
    71.75,
]
i_raw = [
    31.0,
    71.75,
]
p_raw = [
    31.0,
    71.75,
]
r = [
    31.0,
    71.75,
]

[models.scores]
b_adj = 42.5
b_raw = 42.5
i_adj = 40.5
i_raw = 40.5
p_adj = 41.5
p_raw = 41.5
r = 43.25

[[models]]
aliases = []
canonical_id = "acme/a-2"
"""
SOURCES = f"""\
[sources.one]
fetched_at = "2026-05-07T08:30:00Z"
n_rows_ingested = 9
n_rows_matched = 4
n_rows_unmatched = 5
payload_sha256 = "{SHA}"
status = "recorded"

[sources.overrides]
n_rows_ingested = 1
n_rows_matched = 1
n_rows_unmatched = 0
status = "verified"

[sources.two]
n_rows_ingested = 0
n_rows_matched = 0
n_rows_unmatched = 0
problem = "<b>gone</b>"
status = "failed"
"""


@pytest.fixture(scope="module")
def out(marts_database, module_folder):
    folder = module_folder("small") / "out"
    render(marts_database, folder, generator=GENERATOR)
    return folder


def text_of(path):
    """What a reader sees of a page, spaces joined."""
    body = re.sub(r"<[^>]+>", " ", path.read_text("utf-8").split("<main", 1)[1])
    return " ".join(body.split())


def test_coefficients_toml_is_this_text(out):
    assert (out / "coefficients.toml").read_text("utf-8") == COEFFICIENTS


def test_missing_toml_is_this_text(out):
    assert (out / "missing.toml").read_text("utf-8") == MISSING


def test_scoreboard_toml_is_this_text(out):
    text = (out / "scoreboard.toml").read_text("utf-8")
    assert text.startswith(TOP) and text.endswith(SOURCES)
    models = tomllib.loads(text)["models"]
    assert [model["canonical_id"] for model in models] == ["acme/a-1", "acme/a-2", "zeta/z-1"]
    assert models[1]["filled"] == {
        "Speed": {"chain_length": 2, "donor": "acme/a-1", "evidence_class": "fill_conservative"}
    }
    assert models[1]["figures"]["Speed"] == {
        "value": 80.0,
        "evidence_class": "fill_conservative",
        "pull": 0.0,
        "source": "one",
        "donor": "acme/a-1",
    }
    assert models[1]["synthesis_dominant"] is True
    assert models[2] == {
        "aliases": [],
        "canonical_id": "zeta/z-1",
        "display_name": UNBROKEN,
        "figures": {},
        "filled": {},
        "synthesis_dominant": False,
        "groups": {"G": 50.0},
        "measured_weight_share": {"b_raw": 0.0, "i_raw": 0.0, "p_raw": 0.0, "r": 0.0},
        "metrics": {"Blend": 50.0},
        "missing": {"groups_shrunk": ["G"], "metrics": ["Price", "Solve", "Speed"]},
        "gap_filled": {},
        "ranks": {},
        "rank_ranges": {},
        "score_ranges": {role: [50.0, 50.0] for role in ("b_raw", "i_raw", "p_raw", "r")},
        "scores": dict.fromkeys(("b_adj", "b_raw", "i_adj", "i_raw", "p_adj", "p_raw", "r"), 50.0),
        "sources": [],
        "thinking_effort": "default",
        "vendor": "zeta",
    }


NOBODY_RANKED = (
    "update marts.fct_role_scores set is_ranked = false, role_rank = null, rank_low = null,"
    " rank_high = null, best_share = null, is_tied_with_best = false, ranked_models = 0",
    "update marts.fct_value_frontiers set is_ranked = false, is_on_frontier = false,"
    " frontier_place = null",
    "update marts.fct_score_history set role_rank = null",
    "update marts.scoreboard set b_rank = null",
)
NOTHING_KNOWN = (
    "update marts.fct_metric_scores set evidence_class = 'missing', raw_value = null,"
    " normalized = null, score = null where evidence_class <> 'composite'",
    "update marts.fct_abilities set ability = null, ability_low = null, ability_high = null,"
    " ability_rank = null, rank_low = null, rank_high = null, measured_cells = 0",
    "update marts.fct_contributions set score = null, points = 0",
    "update marts.scoreboard set blended_cost = null, output_speed = null, context_window = null",
    *(
        f"delete from marts.{mart}"
        for mart in (
            "fct_ability_pairs",
            "fct_metric_health",
            "fct_validity",
            "fct_value_frontiers",
            "fct_published_figures",
            "fct_score_history",
            "fct_role_changes",
            "fct_score_changes",
            "fct_departures",
            "dim_snapshots",
            "audit_unmatched_labels",
        )
    ),
)


@pytest.mark.parametrize("statements", [NOBODY_RANKED, NOTHING_KNOWN], ids=["unranked", "unknown"])
def test_a_board_that_knows_little_has_all_its_pages(tmp_path, statements):
    database = build_small_board(tmp_path / "bare.duckdb", *statements)
    result = render(database, tmp_path / "out", generator=GENERATOR)
    # A site with nothing published has no page less: a page says that there is nothing.
    assert len(result.pages) == 37
    for page in (tmp_path / "out").rglob("*.html"):
        assert re.search(r"\b(None|nan|undefined)\b", text_of(page)) is None, page


def test_the_result_and_the_manifest_name_every_file(marts_database, tmp_path):
    result = render(marts_database, tmp_path / "out", generator=GENERATOR)
    written = {
        path.relative_to(tmp_path / "out").as_posix(): path
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    # The docs site of dbt may take its place later.
    del written["site/lineage.html"]
    assert result.board_id == "0123456789ab"
    assert set(result.files) == set(written) and len(result.files) == len(written)
    assert set(result.pages) == {name for name in written if name.endswith(".html")}
    manifest = json.loads(written.pop("board.json").read_text("utf-8"))
    made_of = manifest.pop("made_of")
    assert re.fullmatch(r"[0-9a-f]{64}", made_of)
    assert manifest == {
        "board_id": "0123456789ab",
        "generated_at": "2026-06-12T12:00:00Z",
        "snapshots": {},
        "files": {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in written.items()
        },
    }


def test_the_order_of_the_rows_changes_no_byte(marts_database, out, tmp_path):
    turned = tmp_path / "turned.duckdb"
    with (
        duckdb.connect(str(marts_database), read_only=True) as given,
        duckdb.connect(str(turned)) as connection,
    ):
        connection.execute("create schema marts")
        for (table,) in given.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall():
            described = given.execute(f"describe marts.{table}").fetchall()
            columns = ", ".join(f"{name} {kind}" for name, kind, *_ in described)
            connection.execute(f"create table marts.{table} ({columns})")
            rows = given.execute(f"select * from marts.{table}").fetchall()
            marks = ", ".join("?" for _ in described)
            connection.executemany(f"insert into marts.{table} values ({marks})", rows[::-1])
    render(turned, tmp_path / "out", generator=GENERATOR)
    assert (tmp_path / "out/board.json").read_text() == (out / "board.json").read_text()


def test_no_clock_and_no_network_are_needed(marts_database, out, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("time.time", refuse)
    render(marts_database, tmp_path / "out", generator=GENERATOR)
    assert (tmp_path / "out/board.json").read_text() == (out / "board.json").read_text()


def test_a_figure_that_stands_in_names_its_donor(out):
    page = (out / "site/m/acme/a-2.html").read_text("utf-8")
    assert 'Stands in: <a href="../../m/acme/a-1.html">&lt;script&gt;alert(' in page
    assert 'aria-label="estimated"' in page
    assert "2 siblings away" in page
    # A price or speed is quoted as that of the model that has it.
    row = page[page.index('<small class="nerd">Speed</small>') :].split("</tr>")[0]
    assert 'aria-label="not published for this model"' in row
    assert "with its 80 tokens per second" in row and ">80 <" not in row
    assert "Mostly estimated: 1 of its figures" in page


def test_what_is_no_sound_address_is_text(out):
    for name, address in (("a-1", "javascript:alert(1)"), ("a-2", "https://[broken")):
        page = (out / f"site/m/acme/{name}.html").read_text("utf-8")
        assert f"<bdi>{address}</bdi>" in page and f'href="{address}' not in page


def test_a_gap_is_a_dash_with_words_and_never_nothing(out):
    page = (out / "site/m/zeta/z-1.html").read_text("utf-8")
    assert page.count('aria-label="no figure"') == 5
    for path in sorted((out / "site").rglob("*.html")):
        assert "None" not in text_of(path), path.name


def test_small_and_large_figures_keep_their_digits(out):
    first, second = (text_of(out / f"site/m/acme/{name}.html") for name in ("a-1", "a-2"))
    assert "0.00002 tokens per second" in first and "1,234.56 USD" in first
    assert "0.003 USD" in second
    assert re.search(r"72 .* 70% 0\.003 ", text_of(out / "site/index.html"))


def test_a_share_below_the_bar_does_not_read_as_if_it_reached_it():
    shares = {0.3996: "39%", 0.4: "40%", 0.58: "58%", 0.445: "44%", 0.999: "99%", 1.0: "100%"}
    assert {share: percent(share) for share in shares} == shares


def test_groups_stand_in_their_own_order(published):
    page = (published.root / "out/site/index.html").read_text("utf-8")
    data = json.loads(re.search(r'id="board-rows">(.*?)</script>', page, re.S)[1])
    expected = published.query("select label from marts.dim_groups order by position")
    assert [(label,) for label, _ in data["groups"]] == expected
    assert all(len(row[9]) == len(expected) for row in data["rows"]) and len(data["rows"]) == 50


def test_cited_figures_are_no_fresh_source(out):
    assert "sources: 1 recorded, 1 failed" in text_of(out / "site/index.html")
    assert "kept by hand" in text_of(out / "site/sources.html")


def test_a_source_in_trouble_stands_on_the_first_page(out):
    board = text_of(out / "site/index.html")
    assert "Two : failed, not on this board" in board and "One : recorded" not in board
    page = (out / "site/sources.html").read_text("utf-8")
    assert "&lt;b&gt;gone&lt;/b&gt;" in page and "<b>gone" not in page


def test_every_text_of_an_upstream_is_looked_for(marts_database, tmp_path, monkeypatch):
    looked_for = []
    look_for = Beside.look_for
    monkeypatch.setattr(
        Beside, "look_for", lambda self, texts: look_for(self, looked_for.extend(texts) or texts)
    )
    render(marts_database, tmp_path / "out", generator="benchmart 0.0.0")
    assert set(looked_for) == upstream_texts(read_marts(marts_database))
    assert {"<b>agent</b>", OVERRIDE} <= set(looked_for)


def test_a_faulty_site_is_refused_and_has_no_manifest(marts_database, tmp_path, monkeypatch):
    monkeypatch.setattr("site_builder.site.root_of", lambda path: "/")
    with pytest.raises(InvalidSite, match=r"faults in the rendered site: .*starts at the root"):
        render(marts_database, tmp_path / "out", generator=GENERATOR)
    assert not (tmp_path / "out/board.json").exists()


def test_a_used_folder_is_refused(marts_database, tmp_path):
    (tmp_path / "old.txt").write_text("kept")
    with pytest.raises(OutputError, match="is not a new or empty folder"):
        render(marts_database, tmp_path, generator=GENERATOR)
    with pytest.raises(OutputError, match=r"old\.txt: is not a new or empty folder"):
        render(marts_database, tmp_path / "old.txt", generator=GENERATOR)
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]


def test_the_module_renders_and_explains(marts_database, tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "site_builder", *map(str, arguments)]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    good = run("--database", marts_database, "--out", tmp_path / "out")
    assert good.returncode == 0 and "board 0123456789ab: 37 pages, 205 files" in good.stdout
    used = run("--database", marts_database, "--out", tmp_path / "out")
    assert used.returncode == 1 and "not a new or empty folder" in used.stderr
    gone = run("--database", tmp_path / "gone.duckdb", "--out", tmp_path / "other")
    assert gone.returncode == 1 and "there is no warehouse" in gone.stderr
    assert "Traceback" not in used.stderr + gone.stderr
