"""The seam to the network, on a transport of our own."""

from datetime import UTC, datetime

import httpx
import pytest

from loaders.errors import UpstreamBroken
from loaders.fetching import fetch
from loaders.landing import LandingReport, land, land_recordings
from loaders.registry import SOURCES, Source, sources
from tests.conftest import ROWS
from tests.loaders.conftest import RECORDINGS, body_of

NOW = datetime(2026, 5, 7, tzinfo=UTC)


def test_fetched_payloads_land_like_recorded_ones(connection):
    bodies = {source.url: body_of(source.source_key) for source in SOURCES}
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, content=bodies[str(request.url)])
    )
    with httpx.Client(transport=transport) as client:
        payloads = [
            payload
            for source in SOURCES
            for payload in fetch(client, source, now=NOW, secrets={"AA_API_KEY": "k"})
        ]
    assert [payload.status for payload in payloads] == ["verified"] * len(SOURCES)
    assert land(connection, SOURCES, payloads) == [
        LandingReport(source.source_key, count, was_new=True)
        for source, count in zip(SOURCES, ROWS.values(), strict=True)
    ]


def one(source_key: str) -> Source:
    [source] = sources([source_key])
    return source


def answers(source_key, handler, **options):
    with httpx.Client(transport=httpx.MockTransport(handler)) as client:
        return list(fetch(client, one(source_key), now=NOW, **options))


@pytest.mark.parametrize("status", [302, 404, 429, 503])
def test_a_refusal_names_the_source_and_the_address(status):
    with pytest.raises(UpstreamBroken) as refusal:
        answers("bfcl", lambda request: httpx.Response(status))
    assert str(refusal.value) == (
        f"bfcl: {one('bfcl').url} answered with status {status}. Try again later."
    )


def test_a_lost_connection_is_one_message():
    def lose(request):
        raise httpx.ConnectTimeout("timed out")

    with pytest.raises(UpstreamBroken, match=r"did not answer \(ConnectTimeout: timed out\)"):
        answers("bfcl", lose)


def test_a_key_goes_into_its_header_and_nowhere_else():
    asked = []

    def handler(request):
        asked.append((request.url.host, request.headers.get("x-api-key")))
        asked.append((request.url.host, request.headers.get("authorization")))
        return httpx.Response(200, content=b"{}")

    keys = {"AA_API_KEY": "a", "OPENROUTER_API_KEY": "o"}
    for source_key in ("artificial_analysis", "openrouter", "bfcl"):
        [payload] = answers(source_key, handler, secrets=keys)
        assert payload.body == b"{}"
    assert asked == [
        ("artificialanalysis.ai", "a"),
        ("artificialanalysis.ai", None),
        ("openrouter.ai", None),
        ("openrouter.ai", "Bearer o"),
        ("gorilla.cs.berkeley.edu", None),
        ("gorilla.cs.berkeley.edu", None),
    ]


def test_a_source_without_its_required_key_is_not_asked():
    def refuse(request):
        raise AssertionError("a request was made")

    assert answers("artificial_analysis", refuse) == []
    assert len(answers("openrouter", lambda request: httpx.Response(200))) == 1


def test_recordings_are_landed_without_any_request(connection, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("a request was made")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    assert len(land_recordings(connection, RECORDINGS)) == len(SOURCES)
