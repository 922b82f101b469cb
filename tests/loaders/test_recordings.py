"""The recordings against the figures they were written from and the real responses."""

import importlib.util

import pytest

from loaders.registry import SOURCES
from tests.conftest import PROJECT
from tests.loaders.conftest import RECORDINGS, body_of

READ = {
    "openrouter": ("id", "canonical_slug", "name", "context_length", "supported_parameters"),
    "artificial_analysis": ("id", "name", "slug"),
    "swebench_pro": ("model", "score", "confidenceInterval_upper", "company", "deprecated"),
}


def test_recordings_are_what_their_writer_makes(shared, tmp_path):
    spec = importlib.util.spec_from_file_location("write", PROJECT / "recordings" / "write.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    writer.write(shared("data/facts"), tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) == len(SOURCES) + 1
    for name, body in made.items():
        assert (RECORDINGS / name).read_bytes() == body, name


@pytest.mark.parametrize("source", [s for s in SOURCES if s.source_key in READ], ids=lambda s: s.source_key)
def test_real_responses_hold_the_same_rows(shared, source):
    real = source.parse(shared(f"data/recorded/{source.file}").read_bytes())
    recorded = source.parse(body_of(source.source_key))
    assert real.keys() == recorded.keys()
    for endpoint, rows in recorded.items():
        fields = READ[source.source_key]
        expected = [{name: row.get(name) for name in fields} for row in rows]
        assert [{name: row.get(name) for name in fields} for row in real[endpoint]] == expected
