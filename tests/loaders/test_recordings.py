"""The recordings against the figures they were written from, the real responses, and the seeds."""

import csv
import importlib.util
import itertools
import json
import random
import re
import tomllib
from urllib.parse import urlsplit

import pytest

from loaders.landing import land, land_recordings
from loaders.recordings import read_recording, recorded_sources
from loaders.registry import SOURCES
from tests.conftest import PROJECT, ROWS
from tests.loaders.conftest import RECORDINGS, body_of


def pruned(real, recorded):
    """What a real value holds of the fields that its recording has."""
    if isinstance(recorded, dict):
        return {name: pruned(real.get(name), value) for name, value in recorded.items()}
    return real


@pytest.fixture(scope="module")
def writer():
    spec = importlib.util.spec_from_file_location("write", PROJECT / "recordings" / "write.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".md", ".py", ".pyc")
    }


def test_recordings_are_what_their_writer_makes(writer, shared, tmp_path):
    writer.write(shared("data/facts"), tmp_path)
    made = files(tmp_path)
    assert len(made) == len(SOURCES) + 1 + 7 + 1
    assert made.keys() == files(RECORDINGS).keys()
    for name, body in made.items():
        assert (RECORDINGS / name).read_bytes() == body, name


def test_the_page_of_the_recordings_says_what_their_indexes_say():
    newest, *older = re.split(
        r"^## (?=\d)", (RECORDINGS / "README.md").read_text("utf-8"), flags=re.M
    )
    pages = {"": newest, **{text.splitlines()[0]: text for text in older}}
    folders = {path.parent.relative_to(RECORDINGS) for path in RECORDINGS.rglob("index.toml")}
    assert {str(folder).removeprefix(".") for folder in folders} == set(pages)
    for folder, text in pages.items():
        index = tomllib.loads((RECORDINGS / folder / "index.toml").read_text("utf-8"))
        assert [
            (file, int(rows.replace(",", "")), day)
            for file, rows, day in re.findall(r"^\| `(\S+)` \| ([\d,]+) \| (\S+) \|", text, re.M)
        ] == [(row["file"], row["rows"], str(row["recorded_on"])) for row in index.values()], folder


def test_the_older_day_is_read_like_the_newest(connection):
    folder = RECORDINGS / "2026-04-28"
    keys = [source.source_key for source in recorded_sources(folder)]
    assert keys == [
        "openrouter", "swebench_pro", "mcp_atlas", "gso", "terminal_bench", "sonar", "arc_agi",
    ]  # fmt: skip
    reports = land_recordings(connection, folder, only=keys)
    assert [report.row_count for report in reports] == [355, 24, 19, 28, 124, 58, 571]


@pytest.fixture(scope="module")
def gso_days(writer, shared, module_folder):
    """The folder and the published rows of each day that GSO is known for."""
    days = {}
    for facts in sorted(shared("data/facts/gso_history").glob("*.json")):
        folder = module_folder("gso") / facts.stem
        writer.write_folder({"gso": facts}, folder)
        days[folder] = json.loads(facts.read_text("utf-8"))["rows"]
    assert len(days) == 16
    return days


@pytest.mark.parametrize("order", ["forwards", "backwards", "shuffled"])
def test_every_known_day_of_gso_lands_in_any_order(connection, gso_days, order):
    folders = list(gso_days)
    if order == "shuffled":
        random.Random(7).shuffle(folders)
    for folder in folders if order != "backwards" else reversed(folders):
        [recorded] = [read_recording(source, folder) for source in recorded_sources(folder)]
        moment = recorded.payload.fetched_at
        [report] = land(connection, [recorded], now=moment, is_history=True)
        assert report.is_change, folder
    landed = connection.execute(
        "select strftime(payloads.fetched_at, '%Y-%m-%d'), rows.payload::varchar"
        " from raw.payloads as payloads inner join raw.gso__models as rows using (payload_sha256)"
        " order by payloads.fetched_at, rows.row_ordinal"
    ).fetchall()
    assert {
        day: [json.loads(payload) for _, payload in rows]
        for day, rows in itertools.groupby(landed, key=lambda row: row[0])
    } == {folder.name: rows for folder, rows in gso_days.items()}
    assert min(len(rows) for rows in gso_days.values()) == 8
    assert connection.execute("select count(*) from raw.fetches").fetchone() == (0,)


def test_the_same_figures_of_an_older_day_give_the_same_bytes(writer, gso_days, shared, tmp_path):
    for folder in gso_days:
        facts = shared(f"data/facts/gso_history/{folder.name}.json")
        writer.write_folder({"gso": facts}, tmp_path)
        assert files(tmp_path) == files(folder)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
def test_real_responses_hold_the_same_rows(shared, source):
    real = source.parse(shared(f"data/recorded/{source.file}").read_bytes())
    recorded = source.parse(body_of(source.source_key))
    assert real.keys() == recorded.keys()
    for endpoint, rows in recorded.items():
        assert len(real[endpoint]) == len(rows)
        assert [pruned(*pair) for pair in zip(real[endpoint], rows, strict=True)] == rows


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
def test_the_registry_agrees_with_the_catalogue_and_the_index(source):
    with (PROJECT / "seeds" / "catalogue" / "sources.csv").open(encoding="utf-8") as file:
        catalogue = {row["source_key"]: row for row in csv.DictReader(file)}
    row = catalogue[source.source_key]
    secret = source.secret.env if source.secret else ""
    assert (source.url, str(source.floor), secret) == (
        row["url"],
        row["floor_rows"],
        row["secret_env"],
    )
    index = tomllib.loads((RECORDINGS / "index.toml").read_text(encoding="utf-8"))
    recorded = index[source.source_key]
    assert (recorded["file"], recorded["rows"]) == (source.file, ROWS[source.source_key])
    # A recording may come from an older address of the same publisher.
    assert urlsplit(recorded["url"]).hostname == urlsplit(source.url).hostname
    assert read_recording(source, RECORDINGS).payload.url == recorded["url"]
