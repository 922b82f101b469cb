"""Databases to compare with."""

import duckdb
import pytest

from loaders.landing import land_recordings
from tests.loaders.conftest import RECORDINGS, connection

__all__ = ["connection"]


@pytest.fixture(scope="module")
def recorded():
    """The bundled recording, landed."""
    with duckdb.connect() as database:
        land_recordings(database, RECORDINGS)
        yield database
