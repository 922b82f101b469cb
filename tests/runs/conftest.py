"""A judge on a loopback port."""

import pytest

from tests.runs.judging import serving


@pytest.fixture
def judge_server():
    """An endpoint that judges well until a test says otherwise."""
    with serving() as server:
        yield server
