"""What a visitor takes along: downloads that equal the marts, a feed, badges."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime
from itertools import pairwise
from xml.etree import ElementTree

import duckdb
import pytest

from site_builder.beside import beside
from site_builder.errors import MartsError
from site_builder.marts import read_marts
from site_builder.render import render, upstream_texts
from site_builder.rendered import is_rendered
from tests.conftest import PROJECT
from tests.site_builder.small_board import build_small_board

# Words of the registry, the catalogue and the code, and addresses, which have checks of their own.
OURS = {
    "axis", "cause", "check_key", "evidence_class", "family", "field", "kind", "label_field",
    "level", "method_version", "nearest_models", "share_of", "since_compared", "source_url",
    "standing", "status", "subject", "url", "vendor", "what", "what_happened", "endpoint", "series",
    "thinking_effort", "snapshot_date", "compared_with", "observed_on", "label_before",
    # Of own runs: keys of seeds, states of checks, and rationales of the seeds.
    "action", "category", "contradiction", "difficulty", "duplicate_verdict", "evidence_kind",
    "gap", "grader_kind", "grader_name", "grading", "judge_state", "layers_fired", "limit_layer",
    "limit_verdict", "pack_verdict", "pin_strength", "rationale", "route", "schema_verdict",
    "scope", "signature_verdict", "state", "tier", "title", "verdict",
}  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def site(published):
    return published.root / "out/site"


@pytest.fixture(scope="module")
def small(module_folder):
    folder = module_folder("small")
    database = build_small_board(folder / "small.duckdb")
    render(database, folder / "out", generator="benchmart test")
    return database, folder / "out"


def marts_of(published):
    return [
        name
        for (name,) in published.query(
            "select table_name from duckdb_tables() where schema_name = 'marts' order by 1"
        )
    ]


def shown(mart):
    """A mart as it is published: how a run came to its board is no part of the board."""
    return (
        "(select * exclude (fingerprint) from marts.board)" if mart == "board" else f"marts.{mart}"
    )


def test_each_format_gives_back_every_mart(published, site):
    names = marts_of(published)
    assert len(names) > 35
    with duckdb.connect(str(published.database), read_only=True) as connection:
        for name in names:
            described = connection.execute(f"describe {shown(name)}").fetchall()
            # As CSV and JSON say them: a moment and a list are texts in CSV, a moment in JSON.
            columns = ", ".join(f"{column}: '{kind}'" for column, kind, *_ in described)
            readers = {
                "parquet": f"read_parquet('{site}/data/{name}.parquet')",
                "json": f"read_json('{site}/data/{name}.json', columns = {{{columns}}},"
                " maximum_object_size = 100000000)",
            }
            for reader in readers.values():
                for one, other in ((shown(name), reader), (reader, shown(name))):
                    found = connection.execute(
                        f"select count(*) from (select * from {one} except all select * from {other})"
                    ).fetchone()
                    assert found == (0,), (name, reader)


def said_in_csv(value):
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat() + "Z"
        case list():
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        case str():
            return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value
        case _:
            return value


def test_the_csv_of_every_mart_says_the_same(published, site):
    with duckdb.connect(str(published.database), read_only=True) as connection:
        for name in marts_of(published):
            cursor = connection.execute(f"select * from {shown(name)} order by all")
            header = [column[0] for column in cursor.description]
            with (site / f"data/{name}.csv").open(newline="", encoding="utf-8") as file:
                said, *lines = list(csv.reader(file))
            assert said == header
            rows = cursor.fetchall()
            assert len(lines) == len(rows)
            for line, row in zip(lines, rows, strict=True):
                for text, value in zip(line, row, strict=True):
                    said = said_in_csv(value)
                    if isinstance(said, str):
                        assert text == said
                    else:
                        assert (
                            type(value)(text) == value
                            if type(value) is float
                            else text == str(value)
                        )


def test_rows_of_a_page_lie_beside_it(published, site):
    for path, mart, condition in (
        ("m/openai/gpt-5.5", "fct_metric_scores", "model_id = 'openai/gpt-5.5'"),
        ("b/GPQA", "fct_published_figures", "metric_key = 'GPQA'"),
        ("s/gso", "fct_published_figures", "source_key = 'gso'"),
    ):
        expected = published.query(f"select * from marts.{mart} where {condition} order by all")
        with duckdb.connect() as connection:
            found = connection.execute(
                f"select * from '{site / path}.parquet' order by all"
            ).fetchall()
        assert found == expected and len(found) > 5
        assert len(json.loads((site / f"{path}.json").read_text("utf-8"))) == len(expected)
        # Newlines within a text are quoted, so lines are counted as a reader of CSV does.
        with (site / f"{path}.csv").open(newline="", encoding="utf-8") as file:
            assert len(list(csv.reader(file))) == len(expected) + 1
        assert f'href="../../{path}.csv"' in (site / f"{path}.html").read_text("utf-8") or (
            f'href="../{path}.csv"' in (site / f"{path}.html").read_text("utf-8")
        )


def test_the_sums_hold_for_every_download(site):
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "data/SHA256SUMS"],
        cwd=site,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    listed = {line.split("  ")[1] for line in (site / "data/SHA256SUMS").read_text().splitlines()}
    there = {
        path.relative_to(site).as_posix()
        for folder in ("data", "m", "b", "s")
        for path in (site / folder).rglob("*")
        if path.suffix in (".csv", ".json", ".parquet")
    }
    assert listed == there and len(there) > 400


def test_the_page_of_data_documents_every_column_and_hash(published, site):
    page = (site / "data.html").read_text("utf-8")
    described = published.query(
        "select table_name, column_name, comment from duckdb_columns() where schema_name = 'marts'"
    )
    assert all(comment for *_, comment in described)
    for name in marts_of(published):
        part = page.split(f'<tr id="{name}">')[1].split("</tr>")[0]
        columns = [
            column for table, column, _ in described if table == name and column != "fingerprint"
        ]
        assert re.findall(r"<dt><code>(\w+)</code>", part) == columns
        for extension in ("csv", "json", "parquet"):
            digest = hashlib.sha256((site / f"data/{name}.{extension}").read_bytes()).hexdigest()
            assert digest in part


def test_a_formula_opens_as_text(small, tmp_path):
    database = build_small_board(
        tmp_path / "formula.duckdb",
        "update marts.dim_models set display_name = '=1+1' where model_id = 'acme/a-1'",
    )
    render(database, tmp_path / "out", generator="benchmart test")
    text = (tmp_path / "out/site/data/dim_models.csv").read_text("utf-8")
    assert "'=1+1" in text and ",=1+1" not in text
    # JSON is read by no spreadsheet, and says what is there.
    assert '"=1+1"' in (tmp_path / "out/site/data/dim_models.json").read_text("utf-8")


def entries_of(path):
    feed = ElementTree.fromstring(path.read_text("utf-8"))  # noqa: S314
    return feed, feed.findall(f"{ATOM}entry")


def test_the_feed_is_sound_atom(site, small):
    for path in (site / "feed.xml", small[1] / "site/feed.xml"):
        feed, entries = entries_of(path)
        assert feed.tag == f"{ATOM}feed" and entries
        # RFC 4287, 4.1: what a feed and an entry must have, once.
        for element in (feed, *entries):
            for name in ("id", "title", "updated"):
                [found] = element.findall(f"{ATOM}{name}")
                assert found.text.strip()
            datetime.fromisoformat(element.findtext(f"{ATOM}updated"))
            assert element.findtext(f"{ATOM}id").startswith("urn:uuid:")
            alternates = [
                link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"
            ]
            assert len(alternates) == 1
            assert (path.parent / alternates[0].get("href")).is_file()
        assert feed.find(f"{ATOM}author/{ATOM}name").text == "benchmart"
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert len(set(ids)) == len(ids)


def test_the_feed_tells_each_new_rank(small):
    _, entries = entries_of(small[1] / "site/feed.xml")
    titles = [entry.findtext(f"{ATOM}title") for entry in entries]
    assert titles[0].startswith("Board of 2026-06-12: 3 models, 3 with another rank than on ")
    assert titles[1].endswith(": Building 1 → 2") and titles[2].endswith(": Building no rank → 1")
    assert titles[3:] == [
        "gone/<b>g</b>: Building 3 → no rank, Idea 3 → no rank, Planning 3 → no rank,"
        " Reviewing 3 → no rank"
    ]
    assert "+3.5" in entries[2].findtext(f"{ATOM}summary")


def test_a_badge_shows_rank_ranges_and_the_day(published, site):
    badge = ElementTree.fromstring((site / "badge/openai/gpt-5.5.svg").read_text("utf-8"))  # noqa: S314
    texts = [text.text for text in badge.iter(f"{SVG}text")]
    expected = published.query(
        "select label, rank_low, rank_high, is_ranked from marts.fct_role_scores"
        " inner join marts.dim_roles using (role_key) where model_id = 'openai/gpt-5.5'"
        " order by position"
    )
    assert texts == [
        "benchmart 2026-06-12",
        *(
            f"{label} {low if low == high else f'{low}–{high}'}" if ranked else f"{label} unranked"
            for label, low, high, ranked in expected
        ),
    ]
    said = badge.find(f"{SVG}title").text
    assert said.startswith("GPT-5.5 on benchmart, 2026-06-12: rank ")
    # Plates follow each other without a gap, and the last one ends where the badge does.
    plates = [
        (float(rect.get("x")), float(rect.get("width")))
        for rect in badge.iter(f"{SVG}rect")
        if rect.get("x") is not None
    ]
    for (start, width), (following, _) in pairwise(plates):
        assert abs(start + width - following) < 0.11
    assert abs(sum(plates[-1]) - float(badge.get("width"))) < 0.11


def test_unchanged_outputs_are_known(small, tmp_path):
    database, out = small
    about = {"generator": "benchmart test", "with_site": True, "snapshots": None}
    assert is_rendered(database, out, **about)
    assert not is_rendered(database, out, **{**about, "generator": "benchmart other"})
    assert not is_rendered(database, tmp_path / "gone", **about)
    other = build_small_board(
        tmp_path / "other.duckdb", "update marts.board set board_id = 'ffffffffffff'"
    )
    assert not is_rendered(other, out, **about)
    # A build in place may leave the id as it was; it never leaves the fingerprint.
    for changed in ("fingerprint = 'built in place 1'", "compared_label = 'another day'"):
        name = changed.split()[0]
        rebuilt = build_small_board(
            tmp_path / f"{name}.duckdb", f"update marts.board set {changed}"
        )
        assert not is_rendered(rebuilt, out, **about)
    page = out / "site/value.html"
    kept = page.read_bytes()
    page.write_bytes(kept + b" ")
    assert not is_rendered(database, out, **about)
    page.write_bytes(kept)
    assert is_rendered(database, out, **about)


def test_a_snapshot_beside_the_site_makes_other_outputs(small, tmp_path):
    database, out = small
    about = {"generator": "benchmart test", "with_site": True}
    (tmp_path / "2026-05-01").mkdir()
    (tmp_path / "2026-05-01/receipt.json").write_text("{}", encoding="utf-8")
    assert not is_rendered(database, out, snapshots=tmp_path, **about)


def test_snapshots_that_went_from_beside_the_pages_are_missed(small, tmp_path):
    database, _ = small
    shutil.copytree(small[1], tmp_path / "out")
    about = {"generator": "benchmart test", "with_site": True, "snapshots": None}
    assert is_rendered(database, tmp_path / "out", **about)
    folder = tmp_path / "out/site/snapshots/2026-05-01"
    folder.mkdir(parents=True)
    (folder / "receipt.json").write_text("{}", encoding="utf-8")
    assert not is_rendered(database, tmp_path / "out", **about)


def test_nothing_of_the_working_directory_is_run(small, tmp_path):
    """Downloads are copied by another process, which must not import what lies around."""
    around = tmp_path / "it's a [place]"
    around.mkdir()
    for name in ("hashlib.py", "duckdb.py", "threading.py"):
        (around / name).write_text("open('ran', 'w').close()", encoding="utf-8")
    program = (
        "from pathlib import Path; from site_builder.render import render;"
        f" render(Path({str(small[0])!r}), Path('out'), generator='benchmart test')"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-P",
            "-c",
            f"import sys; sys.path.insert(0, {str(PROJECT)!r}); {program}",
        ],
        cwd=around,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not (around / "ran").exists()
    assert (around / "out/site/data/board.csv").is_file()


def test_a_copy_that_fails_says_so(small, tmp_path):
    (tmp_path / "site/data").mkdir(parents=True)
    (tmp_path / "site/data/scoreboard.csv").mkdir()
    with (
        pytest.raises(
            MartsError, match=r"small\.duckdb: the marts cannot be copied \(.*scoreboard"
        ),
        beside(small[0], tmp_path / "site") as other,
    ):
        other.await_copies()


def test_a_copy_ends_with_whoever_asked_for_it(small, tmp_path):
    program = (
        "import os, time; from pathlib import Path; from site_builder.beside import beside\n"
        f"with beside(Path({str(small[0])!r}), Path({str(tmp_path / 'site')!r})):\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    time.sleep(3)
    # Of a copy that goes on this would be the last thing written, well within that time.
    assert not (tmp_path / "site/.s.parquet").exists()


def test_a_moment_keeps_its_fractions(tmp_path):
    database = build_small_board(
        tmp_path / "small.duckdb",
        "update marts.dim_sources set fetched_at = '2026-05-07 01:02:03.000456'"
        " where source_key = 'one'",
    )
    render(database, tmp_path / "out", generator="benchmart test")
    for extension in ("csv", "json"):
        text = (tmp_path / f"out/site/data/dim_sources.{extension}").read_text("utf-8")
        assert "2026-05-07T01:02:03.000456Z" in text


def test_the_feed_counts_what_it_leaves_out(small, tmp_path, monkeypatch):
    monkeypatch.setattr("site_builder.pages.take_away.NEWEST", 1)
    render(small[0], tmp_path / "out", generator="benchmart test")
    _, entries = entries_of(tmp_path / "out/site/feed.xml")
    assert len(entries) == 2
    title = entries[0].findtext(f"{ATOM}title")
    assert ": 3 models, 3 with another rank than" in title and title.endswith("of which 1 follow")


def test_every_upstream_text_is_known_to_the_validator(tmp_path):
    """A column of words that pages may show, and that nobody told the validator of, is found."""
    seeds = {"dim_metrics", "dim_groups", "dim_roles", "dim_parameters", "board", "fct_provenance"}
    keys = ("_key", "_id", "_sha256", "_date")
    database = build_small_board(tmp_path / "small.duckdb")
    with duckdb.connect(str(database)) as connection:
        columns = connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts'"
            " and data_type = 'VARCHAR' order by all"
        ).fetchall()
        asked = [
            (table, column)
            for table, column in columns
            if table not in seeds
            and not column.endswith(keys)
            and column not in OURS
            # Of the registry, and of a table of which pages show labels alone.
            and (table, column) not in {("dim_models", "licence"), ("fct_identity", "vendor_hint")}
            # A key of the method, and fields that pages show by way of the fields of a cell.
            and (table, column)
            not in {
                ("fct_run_records", "evidence"),
                ("fct_cells", "tui_image_sha"),
                ("fct_cells", "model_endpoint_sha"),
                ("fct_cells", "sampling_profile"),
            }
        ]
        for table, column in asked:
            connection.execute(f"update marts.{table} set {column} = '<q>{table}.{column}'")
    known = upstream_texts(read_marts(database))
    assert {f"<q>{table}.{column}" for table, column in asked} <= known
    assert len(asked) > 20
