"""Payloads made from the recordings, and a way to break them."""

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from loaders.landing import land
from loaders.recordings import read_recording
from loaders.registry import sources
from tests.conftest import PROJECT

RECORDINGS = PROJECT / "recordings"


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture
def land_body(connection):
    """Land one body for a source, as if it had been fetched on a day of May 2026."""

    def run(source_key, body, *, day=1, **options):
        [source] = sources([source_key])
        recorded = read_recording(source, RECORDINGS)
        moment = datetime(2026, 5, day, tzinfo=UTC)
        payload = replace(recorded.payload, body=body, stated_rows=None, fetched_at=moment)
        return land(connection, [replace(recorded, payload=payload)], now=moment, **options)

    return run


def body_of(source_key):
    [source] = sources([source_key])
    return (RECORDINGS / source.file).read_bytes()
