"""The seam to the network, on a transport of our own."""

from datetime import UTC, datetime

import httpx
import pytest

from loaders.errors import UpstreamBroken
from loaders.fetching import fetch
from loaders.landing import LandingReport, land, land_recordings
from loaders.registry import SOURCES, sources
from tests.loaders.conftest import RECORDINGS, body_of

NOW = datetime(2026, 5, 7, tzinfo=UTC)


def test_fetched_payloads_land_like_recorded_ones(connection):
    bodies = {source.url: body_of(source.source_key) for source in SOURCES}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=bodies[str(request.url)]))
    with httpx.Client(transport=transport) as client:
        payloads = list(fetch(client, SOURCES, now=NOW))
    assert [payload.status for payload in payloads] == ["verified"] * len(SOURCES)
    assert land(connection, SOURCES, payloads) == [
        LandingReport(source.source_key, count, was_new=True)
        for source, count in zip(SOURCES, (369, 513, 24, 109), strict=True)
    ]


def test_a_refusal_names_the_source_and_the_address():
    transport = httpx.MockTransport(lambda request: httpx.Response(503))
    with (
        httpx.Client(transport=transport) as client,
        pytest.raises(UpstreamBroken, match=r"bfcl: https://gorilla.* did not answer: .*503"),
    ):
        list(fetch(client, sources(["bfcl"]), now=NOW))


def test_recordings_are_landed_without_any_request(connection, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a request was made")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    assert len(land_recordings(connection, RECORDINGS)) == 4
