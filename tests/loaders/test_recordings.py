"""The recordings against the figures they were written from, the real responses, and the seeds."""

import csv
import importlib.util
import tomllib
from urllib.parse import urlsplit

import pytest

from loaders.recordings import read_recording
from loaders.registry import SOURCES
from tests.conftest import PROJECT, ROWS
from tests.loaders.conftest import RECORDINGS, body_of


def pruned(real, recorded):
    """What a real value holds of the fields that its recording has."""
    if isinstance(recorded, dict):
        return {name: pruned(real.get(name), value) for name, value in recorded.items()}
    return real


def test_recordings_are_what_their_writer_makes(shared, tmp_path):
    spec = importlib.util.spec_from_file_location("write", PROJECT / "recordings" / "write.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    writer.write(shared("data/facts"), tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) == len(SOURCES) + 1
    for name, body in made.items():
        assert (RECORDINGS / name).read_bytes() == body, name


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
