"""The upstreams on a loopback port, and a database to compare with."""

import duckdb
import pytest

from loaders.landing import land_recordings
from tests.faults.server import serving
from tests.loaders.conftest import RECORDINGS, connection

__all__ = ["connection"]


@pytest.fixture(scope="module")
def server(module_folder):
    """Every upstream, in good health until a test says otherwise."""
    with serving(module_folder("upstreams")) as server:
        yield server


@pytest.fixture(scope="module")
def recorded():
    """The bundled recording, landed."""
    with duckdb.connect() as database:
        land_recordings(database, RECORDINGS)
        yield database
