"""Every way in which an upstream can misbehave, for every source, over real sockets."""

import gzip
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache as remembered

import httpx
import pytest

from loaders.cache import Cache
from loaders.collecting import ask
from loaders.landing import land
from loaders.network import Clock, Limits, Network
from loaders.registry import SOURCES, sources
from tests.conftest import FAULT, ROWS
from tests.faults import broken
from tests.faults.server import Drip, cut_short, reset
from tests.loaders.upstreams import play, source_of

NOW = datetime(2026, 5, 8, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
KEYS = {"AA_API_KEY": "planted-a", "OPENROUTER_API_KEY": "planted-o", "HF_TOKEN": "planted-h"}
# Only a drip has to be cut off soon; whatever else is slow here is the machine.
HURRIED = Limits(deadline=0.6)
ALL = tuple(source.source_key for source in SOURCES)


@pytest.fixture(scope="module")
def healthy(server, module_folder):
    """A cache in which every source has a good answer of the day before."""
    cache = Cache(module_folder("healthy"))
    server.script = lambda request, nth: play(request)
    outcomes, _ = run(server, cache, now=NOW - DAY)
    assert {key: found.status for key, found in outcomes.items()} == dict.fromkeys(ALL, "verified")
    return cache


def run(server, cache, *, only=ALL, now=NOW, limits=None, **options):
    """Ask the sources; their outcomes by key, and what would have been waited for."""
    slept: list[float] = []
    clock = Clock(now=lambda: now, sleep=slept.append, chance=lambda: 0.5)
    network = Network(clock=clock, limits=limits or Limits(), connect=server.connect)
    server.forget()
    given = {"ttl": dict.fromkeys(ALL, DAY), "secrets": KEYS, "refresh": only, **options}
    found = ask(sources(only), network=network, cache=cache, **given)
    return {outcome.source_key: outcome for outcome in found}, slept


def copied(healthy, folder):
    folder.mkdir()
    for path in healthy.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return Cache(folder)


def test_every_source_over_http_lands_the_rows_of_its_recording(
    server, healthy, connection, recorded
):
    outcomes, _ = run(server, healthy, refresh=(), now=NOW - timedelta(hours=1))
    assert server.asked == []
    reports = land(connection, [outcomes[key] for key in ALL], now=NOW)
    assert {report.fetched.source_key: report.row_count for report in reports} == ROWS
    landed = "select endpoint, row_ordinal, payload::varchar from raw.{} order by all"
    for source in SOURCES:
        for endpoint in (*source.endpoints, *source.lookups):
            table = f"{source.source_key}__{endpoint}"
            fetched = connection.execute(landed.format(table)).fetchall()
            assert fetched == recorded.execute(landed.format(table)).fetchall(), table


@dataclass(frozen=True)
class Fault:
    """What an upstream answers, by source, request and how often it was asked before.

    `ends` is the status that a source with an older answer has in the end, for some of them
    another one, and None where the fault cannot be had; `retries` whether it is asked again.
    `alone` are sources that the fault does not show in when there is nothing to compare with.
    """

    answer: Callable
    ends: str = "stale"
    retries: bool = False
    others: dict = None
    says: str = ""
    alone: tuple = ()

    def status_of(self, source_key):
        return (self.others or {}).get(source_key, self.ends)


def at_first(response):
    """A fault that passes: the first time only."""
    return lambda key, request, nth: response() if nth == 0 else play(request)


def for_ever(response):
    return lambda key, request, nth: response()


def status(code, **headers):
    return lambda: httpx.Response(
        code, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def instead(change):
    """The good answer with other bytes."""
    return lambda key, request, nth: httpx.Response(200, content=change(play(request).content))


def saying(make, **others):
    """Upstreams that have something else to say; some need another way to say it."""
    bodies = remembered(make)

    def answer(key, request, nth):
        if key in others:
            return httpx.Response(200, content=others[key](play(request).content))
        return play(request, {key: bodies(key)})

    return answer


def redirected(key, request, nth):
    return httpx.Response(302, headers={"location": str(request.url)})


def redirected_once(key, request, nth):
    if request.url.params.get("moved"):
        return play(httpx.Request("GET", request.url.copy_remove_param("moved")))
    moved = request.url.copy_set_param("moved", "1")
    return httpx.Response(301, headers={"location": str(moved)})


def gzipped(body, damaged=False):
    packed = gzip.compress(body)
    if damaged:
        packed = packed[:20] + bytes(len(packed) - 20)
    response = httpx.Response(200, headers={"content-encoding": "gzip"})
    response.extensions["raw_body"] = packed
    return response


@remembered
def bomb():
    return gzip.compress(bytes(96 * 2**20), 6)


def bombed(key, request, nth):
    response = httpx.Response(200, headers={"content-encoding": "gzip"})
    response.extensions["raw_body"] = bomb()
    return response


@remembered
def heavy():
    return random.Random(1).randbytes(2**20) * 65


SOON = format_datetime(NOW + timedelta(seconds=20), usegmt=True)
UNMARKED = dict.fromkeys(set(ALL) - {*broken.MARKERS, "lmarena"})
FAULTS = {
    "429, Retry-After in seconds": Fault(at_first(status(429, retry_after="7")), "verified", True),
    "429, Retry-After as a date": Fault(at_first(status(429, retry_after=SOON)), "verified", True),
    "429, Retry-After of an hour": Fault(for_ever(status(429, retry_after="3600")), says="3600 s"),
    "429 without end": Fault(for_ever(status(429)), says="status 429, 6 times"),
    "500 once": Fault(at_first(status(500)), "verified", True),
    "502 once": Fault(at_first(status(502)), "verified", True),
    "503 once": Fault(at_first(status(503, retry_after="3")), "verified", True),
    "503 without end": Fault(for_ever(status(503)), says="status 503, 6 times"),
    "501": Fault(for_ever(status(501)), says="status 501."),
    "501 to pages only": Fault(
        lambda key, request, nth: (
            httpx.Response(501) if request.url.path == "/rows" else play(request)
        ),
        None,
        others={"lmarena": "degraded"},
    ),
    "404": Fault(for_ever(status(404)), says="status 404."),
    "connection reset once": Fault(at_first(lambda: reset), "verified", True),
    "connection reset without end": Fault(for_ever(lambda: reset), says="did not answer"),
    "body cut off by the connection": Fault(
        lambda key, request, nth: cut_short(play(request).content), says="did not answer"
    ),
    "slow drip of the body": Fault(for_ever(lambda: Drip(in_headers=False)), says="not done after"),
    "slow drip of the headers": Fault(
        for_ever(lambda: Drip(in_headers=True)), says="not done after"
    ),
    "truncated": Fault(instead(lambda body: body[: len(body) // 2])),
    "HTML of a challenge": Fault(instead(lambda body: b"<!DOCTYPE html><title>Wait</title>")),
    "empty": Fault(instead(lambda body: b"")),
    "invalid UTF-8": Fault(
        instead(lambda body: body[: len(body) // 2] + b"\xff" + body[len(body) // 2 :]),
        says="is not UTF-8",
    ),
    "container missing": Fault(
        saying(
            broken.without_container,
            lmarena=lambda body: body.replace(b'"rows"', b'"elsewhere"'),
            arc_agi=lambda body: b'{"elsewhere":[]}',
        )
    ),
    "renamed field": Fault(saying(broken.renamed)),
    "zero rows": Fault(saying(broken.without_rows)),
    "45 % fewer rows": Fault(
        saying(broken.forty_five_percent_fewer), alone=("swerebench", "gso", "arc_agi")
    ),
    "value out of range": Fault(saying(broken.out_of_range), says="outside"),
    "NaN": Fault(saying(broken.not_a_number)),
    "wrong version marker": Fault(
        saying(
            broken.of_another_version,
            lmarena=lambda body: body.replace(b'"partial":false', b'"partial":true'),
        ),
        others=UNMARKED,
    ),
    "redirect once": Fault(redirected_once, "verified"),
    "redirect loop": Fault(redirected, says="redirects more than 20 times"),
    "65 MiB": Fault(
        lambda key, request, nth: httpx.Response(200, content=heavy()), says="more than 64 MiB"
    ),
    "gzip bomb": Fault(bombed, says="more than 64 MiB"),
    "gzip, well": Fault(lambda key, request, nth: gzipped(play(request).content), "verified"),
    "gzip, damaged": Fault(
        lambda key, request, nth: gzipped(play(request).content, damaged=True),
        says="cannot be decoded",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_source_ends_as_it_should(name, server, healthy, tmp_path, record_property):
    fault = FAULTS[name]
    chosen = tuple(key for key in ALL if fault.status_of(key) is not None)
    limits = HURRIED if "drip" in name else None

    def script(request, nth):
        return fault.answer(source_of(str(request.url.copy_remove_param("moved"))), request, nth)

    server.script = script
    cache = copied(healthy, tmp_path / "older")
    outcomes, slept = run(server, cache, only=chosen, limits=limits)
    ends = {key: outcomes[key].status for key in chosen}
    assert ends == {key: fault.status_of(key) for key in chosen}, {
        key: outcomes[key].problem for key in chosen
    }
    for key in chosen:
        found, [source] = outcomes[key], sources([key])
        kept = cache.read(source.file)
        if found.status == "stale":
            assert fault.says in found.problem, found.problem
            assert kept == healthy.read(source.file)
            assert found.payload.body == kept.body and found.retries == 0
        elif found.status == "verified":
            assert (kept.body, kept.sidecar.fetched_at) == (found.payload.body, NOW)
            assert kept.body == healthy.read(source.file).body
            assert (found.retries > 0) == fault.retries
    if "Retry-After in seconds" in name:
        assert slept.count(7.0) >= len(chosen)
    if "Retry-After as a date" in name:
        assert slept.count(20.0) >= len(chosen)

    # Without an older answer the same faults leave nothing to use.
    alone = Cache(tmp_path / "alone")
    outcomes, _ = run(server, alone, only=chosen, limits=limits)
    none = {key: outcomes[key].status for key in chosen}
    failed = {"stale": "failed"}
    assert none == {
        key: "verified" if key in fault.alone else failed.get(ends[key], ends[key])
        for key in chosen
    }
    assert all(
        alone.read(sources([key])[0].file) is None for key in chosen if none[key] == "failed"
    )
    record_property(FAULT, (name, [(key, ends.get(key), none.get(key)) for key in ALL]))


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_one_source_does_not_touch_another(name, server, healthy, tmp_path):
    fault = FAULTS[name]
    able = [key for key in ALL if fault.status_of(key) is not None]
    victim = able[list(FAULTS).index(name) % len(able)]

    def script(request, nth):
        key = source_of(str(request.url.copy_remove_param("moved")))
        return fault.answer(key, request, nth) if key == victim else play(request)

    server.script = script
    limits = HURRIED if "drip" in name else None
    outcomes, _ = run(server, copied(healthy, tmp_path / "cache"), limits=limits)
    assert outcomes.pop(victim).status == fault.status_of(victim)
    assert {found.status for found in outcomes.values()} == {"verified"}
    assert all(found.retries == 0 and found.problem is None for found in outcomes.values())
