"""What a run does with a source: cache, network, and the last good answer when both fail."""

import json
from datetime import UTC, datetime, timedelta

import duckdb
import httpx
import pytest

from loaders.cache import Cache, Facts
from loaders.fetching import fetch
from loaders.http import open_client
from loaders.landing import land, land_recordings
from loaders.network import Clock, Network
from loaders.registry import SOURCES, sources
from tests.conftest import ROWS
from tests.loaders.conftest import RECORDINGS, body_of
from tests.loaders.upstreams import play

KEYS = {"AA_API_KEY": "planted-a", "OPENROUTER_API_KEY": "planted-o", "HF_TOKEN": "planted-h"}
START = datetime(2026, 5, 7, tzinfo=UTC)


class Upstreams:
    """A cache, a clock that stands still unless moved, and upstreams that can be changed."""

    def __init__(self, folder):
        self.cache = Cache(folder)
        self.now = START
        self.asked = []
        self.slept = []
        self.answer = play

    def connect(self):
        return open_client(httpx.MockTransport(self.handle))

    def handle(self, request):
        self.asked.append(request)
        return self.answer(request)

    def fetch(self, source_key, **options):
        [source] = sources([source_key])
        clock = Clock(
            now=lambda: self.now,
            monotonic=lambda: 0.0,
            sleep=self.slept.append,
            chance=lambda: 0.5,
        )
        network = Network(clock=clock, connect=self.connect)
        given = {"ttl": timedelta(hours=24), "secrets": KEYS, **options}
        return fetch(network, source, cache=self.cache, **given)


@pytest.fixture
def network(tmp_path):
    return Upstreams(tmp_path / "cache")


def refuse(request):
    raise AssertionError(f"a request was made: {request.url}")


def failing(request):
    return httpx.Response(404)


def test_every_source_lands_the_same_rows_as_its_recording(network, connection):
    outcomes = [network.fetch(source.source_key) for source in SOURCES]
    assert {outcome.source_key: outcome.status for outcome in outcomes} == dict.fromkeys(
        ROWS, "verified"
    )
    reports = land(connection, outcomes, now=START)
    assert {report.fetched.source_key: report.row_count for report in reports} == ROWS
    assert all(report.was_new for report in reports)
    landed = "select endpoint, payload::varchar from raw.{} order by row_ordinal"
    recorded = duckdb.connect()
    land_recordings(recorded, RECORDINGS)
    for source in SOURCES:
        for endpoint in (*source.endpoints, *source.lookups):
            table = f"{source.source_key}__{endpoint}"
            fetched = connection.execute(landed.format(table)).fetchall()
            assert fetched == recorded.execute(landed.format(table)).fetchall(), table
    recorded.close()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
def test_inside_its_time_to_live_nothing_is_asked(network, source):
    first = network.fetch(source.source_key)
    network.answer = refuse
    network.now += timedelta(hours=23)
    again = network.fetch(source.source_key)
    assert (again.status, again.payload) == ("verified", first.payload)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
def test_a_failing_source_gives_its_last_good_answer(network, source):
    first = network.fetch(source.source_key)
    network.answer = failing
    network.now += timedelta(days=30)
    later = network.fetch(source.source_key)
    assert later.status == "stale"
    assert later.payload.body == first.payload.body
    assert later.payload.fetched_at == START
    assert "answered with status 404" in later.problem


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
def test_without_any_good_answer_a_source_fails(network, source):
    network.answer = failing
    outcome = network.fetch(source.source_key)
    assert (outcome.status, outcome.payload) == ("failed", None)
    assert outcome.problem.endswith("Try again later.")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"data":[', b"", b"[" * 100_000, b"\xff"])
def test_a_broken_answer_never_takes_the_place_of_a_good_one(network, source, body):
    first = network.fetch(source.source_key)
    network.answer = lambda request: httpx.Response(200, content=body)
    outcome = network.fetch(source.source_key, refresh=True)
    assert outcome.status == "stale" and outcome.problem
    assert network.cache.read(source.file).body == first.payload.body


def test_a_loader_with_a_fault_of_its_own_fails_alone(network, monkeypatch):
    first = network.fetch("gso")

    def faulty(session, url):
        raise TypeError("a fault")

    monkeypatch.setattr("loaders.http.Session.get", faulty)
    outcome = network.fetch("gso", refresh=True)
    assert (outcome.status, outcome.payload.body) == ("stale", first.payload.body)
    assert outcome.problem.startswith("its loader failed with TypeError: ")


def test_a_way_out_that_does_not_exist_is_a_problem_of_the_source(network, monkeypatch):
    network.fetch("gso")

    def closed():
        raise ImportError("a proxy wants a package")

    network.connect = closed
    outcome = network.fetch("gso", refresh=True)
    assert (outcome.status, outcome.was_asked) == ("stale", True)
    assert "its loader failed with ImportError: a proxy wants a package" in outcome.problem


def test_a_kept_answer_that_breaks_a_newer_contract_is_asked_for_anew(network):
    [source] = sources(["gso"])
    sidecar = network.cache.promote(
        source.file,
        b'{"models":[]}',
        Facts(url=source.url, status=200, headers={"etag": '"1"'}, fetched_at=START, whole_rows=28),
    )
    network.answer = failing
    outcome = network.fetch("gso")
    assert (outcome.status, outcome.payload) == ("failed", None)
    assert "The kept answer of 2026-05-07: 0 rows with the setting Opt@1" in outcome.problem
    assert "if-none-match" not in network.asked[-1].headers
    network.answer = play
    assert network.fetch("gso").status == "verified"
    assert network.cache.read(source.file).sidecar.sha256 != sidecar.sha256


@pytest.mark.parametrize("etag", ["\u00e9", "a\x00b", ""])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(network, etag):
    network.answer = lambda request: httpx.Response(
        200, content=body_of("gso"), headers=[(b"etag", etag.encode("latin-1"))]
    )
    assert network.fetch("gso").status == "verified"
    assert network.cache.read("gso.json").sidecar.headers == {}
    assert network.fetch("gso", refresh=True).status == "verified"


def test_a_board_that_lost_two_fifths_is_not_believed_at_once(network):
    first = network.fetch("bfcl")
    lines = body_of("bfcl").splitlines(keepends=True)
    grown = b"".join([*lines, *lines[1:]])
    network.answer = lambda request: httpx.Response(200, content=grown)
    assert network.fetch("bfcl", refresh=True).status == "verified"
    network.answer = play
    outcome = network.fetch("bfcl", refresh=True)
    assert outcome.status == "stale" and "--accept-shrink" in outcome.problem
    accepted = network.fetch("bfcl", refresh=True, accept_shrink=True)
    assert accepted.status == "verified" and accepted.payload.body == first.payload.body


def test_a_server_that_stands_by_its_answer_sends_nothing_again(network):
    network.answer = lambda request: httpx.Response(
        200, content=body_of("gso"), headers={"etag": '"one"'}
    )
    network.fetch("gso")
    network.answer = lambda request: httpx.Response(304)
    network.now += timedelta(days=3)
    outcome = network.fetch("gso")
    assert network.asked[-1].headers["if-none-match"] == '"one"'
    assert outcome.status == "verified"
    assert outcome.payload.fetched_at == network.now
    network.answer = refuse
    assert network.fetch("gso").status == "verified"


def test_a_source_without_its_key_is_skipped_and_not_asked(network):
    network.answer = refuse
    outcome = network.fetch("artificial_analysis", secrets={})
    assert (outcome.status, outcome.payload) == ("skipped", None)
    assert outcome.problem == "AA_API_KEY is not set"
    network.answer = play
    network.fetch("artificial_analysis")
    network.answer = refuse
    network.now += timedelta(days=9)
    later = network.fetch("artificial_analysis", secrets={})
    assert later.status == "skipped" and later.payload is not None
    network.now = START
    assert network.fetch("artificial_analysis", secrets={}).status == "verified"


def test_a_moment_to_come_is_not_fresh(network):
    network.fetch("gso")
    network.now -= timedelta(hours=1)
    network.fetch("gso")
    assert len(network.asked) == 2


def test_the_arena_is_read_page_by_page_and_goes_on_where_it_stopped(network):
    pages = 0

    def cut_off(request):
        nonlocal pages
        pages += 1
        return play(request) if pages <= 4 else httpx.Response(404)

    network.answer = cut_off
    assert network.fetch("lmarena").status == "failed"
    assert (network.cache.folder / "lmarena_overall.partial.json").exists()
    network.answer = play
    network.asked.clear()
    outcome = network.fetch("lmarena")
    offsets = [int(request.url.params["offset"]) for request in network.asked]
    assert offsets == [400, 500, 600, 700, 800, 900, 1000, 0, 0, 0]
    assert outcome.status == "verified"
    assert (
        outcome.payload.body
        == Upstreams(network.cache.folder.parent / "x").fetch("lmarena").payload.body
    )
    assert not (network.cache.folder / "lmarena_overall.partial.json").exists()
    assert network.slept.count(5.0) >= 10


def test_a_locked_arena_gives_its_first_rows(network, connection):
    def locked(request):
        if request.url.path == "/rows":
            return httpx.Response(501, json={"error": "the dataset is currently locked"})
        return play(request)

    network.answer = locked
    outcome = network.fetch("lmarena")
    assert (outcome.status, outcome.payload.status) == ("degraded", "degraded")
    [report] = land(connection, [outcome], now=START)
    assert report.row_count == 100 + 65 + 25 + 21
    network.answer = failing
    later = network.fetch("lmarena", refresh=True)
    assert (later.status, later.payload.status) == ("stale", "degraded")
    assert land(connection, [later], now=START)
    network.answer = play
    whole = network.fetch("lmarena", refresh=True)
    [report] = land(connection, [whole], now=START)
    assert (whole.status, report.row_count) == ("verified", 1150)


# Of 1,150 rows three fifths are 690: 3 x 205 + 76 are enough, 3 x 204 + 76 are not.
@pytest.mark.parametrize(("size", "status"), [(205, "verified"), (204, "stale")])
def test_a_lesser_form_is_asked_for_again_at_once_and_sets_no_measure(network, size, status):
    network.fetch("lmarena")
    network.answer = lambda request: (
        httpx.Response(501) if request.url.path == "/rows" else play(request)
    )
    assert network.fetch("lmarena", refresh=True).status == "degraded"
    network.asked.clear()
    assert network.fetch("lmarena").status == "degraded" and network.asked
    document = json.loads(body_of("lmarena"))
    kept = document["configs"]["text"]
    rows = [row for page in kept for row in page["rows"]]
    fewer = [row for row in rows if row["row"]["category"] == "overall"][:size]
    for name in ("creative_writing", "hard_prompts"):
        fewer += [row for row in rows if row["row"]["category"] == name][:size]
    fewer = [{**row, "row_idx": index} for index, row in enumerate(fewer)]
    document["configs"]["text"] = [{**kept[0], "rows": fewer, "num_rows_total": len(fewer)}]
    document["configs"]["webdev"][0]["rows"] = document["configs"]["webdev"][0]["rows"][:30]
    bodies = {"lmarena": json.dumps(document).encode()}
    network.answer = lambda request: play(request, bodies)
    assert network.fetch("lmarena").status == status


@pytest.mark.parametrize("part", ["text", "search"])
def test_pages_that_are_cut_short_without_a_lock_are_no_lesser_form(network, part):
    first = network.fetch("lmarena")

    def empty(request):
        if request.url.params["config"] == part:
            return httpx.Response(200, json={"rows": [], "truncated": True})
        return play(request)

    network.answer = empty
    outcome = network.fetch("lmarena", refresh=True)
    assert (outcome.status, outcome.payload.body) == ("stale", first.payload.body)
    assert "sent a page that is cut short" in outcome.problem

    def locked_and_empty(request):
        if request.url.path == "/rows":
            return httpx.Response(501)
        return httpx.Response(200, json={"rows": [], "truncated": True})

    network.answer = locked_and_empty
    outcome = network.fetch("lmarena", refresh=True)
    assert outcome.status == "stale" and "0 rows of '" in outcome.problem


def test_pages_of_another_day_are_read_anew(network):
    def cut_off(request):
        return httpx.Response(404) if request.url.params["config"] == "webdev" else play(request)

    network.answer = cut_off
    assert network.fetch("lmarena").status == "failed"
    begun = network.now
    network.now += timedelta(hours=5)
    network.answer = play
    network.asked.clear()
    outcome = network.fetch("lmarena")
    assert len(network.asked) == 3
    # The answer is as old as its first page.
    assert outcome.payload.fetched_at == begun
    network.now += timedelta(days=90)
    network.answer = cut_off
    assert network.fetch("lmarena").status == "stale"
    network.now += timedelta(hours=7)
    network.answer = play
    network.asked.clear()
    outcome = network.fetch("lmarena")
    assert len(network.asked) == 14 and outcome.payload.fetched_at == network.now


def test_a_bad_page_costs_itself_and_none_before_it(network):
    def html_at_the_end(request):
        if request.url.params["config"] == "document":
            return httpx.Response(200, content=b"<html>busy</html>")
        return play(request)

    network.answer = html_at_the_end
    outcome = network.fetch("lmarena")
    assert outcome.status == "failed" and "sent a bad page: HTML came" in outcome.problem
    network.answer = play
    network.asked.clear()
    assert network.fetch("lmarena").status == "verified"
    assert [request.url.params["config"] for request in network.asked] == ["document"]


def test_pages_without_end_are_given_up(network):
    def endless(request):
        page = json.loads(play(request).content)
        offset = int(request.url.params["offset"])
        row = {"model_name": "m", "rating": 1500, "category": "overall"}
        page["rows"] = [{"row_idx": offset + index, "row": row} for index in range(100)]
        return httpx.Response(200, json={**page, "num_rows_total": 10**9})

    network.answer = endless
    outcome = network.fetch("lmarena")
    assert outcome.status == "failed" and len(network.asked) == 300
    assert "does not end within 300 pages" in outcome.problem


def spoiled(change):
    """The arena with the third page of text changed."""

    def answer(request):
        response = play(request)
        if request.url.params["config"] == "text" and request.url.params["offset"] == "200":
            return httpx.Response(200, json=change(json.loads(response.content)))
        return response

    return answer


def without_rows(page):
    return {"error": "busy"}


def partial(page):
    return {**page, "partial": True}


def another_day(page):
    for row in page["rows"]:
        row["row"]["leaderboard_publish_date"] = "2026-01-01"
    return page


def repeated(page):
    for row in page["rows"]:
        row["row_idx"] -= 100
    return page


@pytest.mark.parametrize("change", [without_rows, partial, another_day, repeated])
def test_a_spoiled_page_does_not_spoil_the_next_run(network, change):
    network.answer = spoiled(change)
    assert network.fetch("lmarena").status == "failed"
    network.answer = play
    assert network.fetch("lmarena").status == "verified"


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"[]",
        b'{"configs":[]}',
        b'{"configs":{"text":{}}}',
        b"\xff",
        b'{"started_at":"soon","configs":{}}',
        b'{"started_at":"2026-05-07","configs":{}}',
        b'{"started_at":"2026-05-07T00:00:00Z","configs":{"text":[{}]}}',
    ],
)
def test_damaged_pages_that_were_kept_cost_one_run_at_most(network, kept):
    network.cache.keep_partial("lmarena_overall.json", kept)
    network.fetch("lmarena")
    assert network.fetch("lmarena").status == "verified"


def test_a_lock_that_is_gone_is_tried_again(network):
    def locked_then_cut(request):
        if request.url.params["config"] == "text":
            return httpx.Response(501) if request.url.path == "/rows" else play(request)
        return httpx.Response(404)

    network.answer = locked_then_cut
    assert network.fetch("lmarena").status == "failed"
    network.answer = play
    assert network.fetch("lmarena").status == "verified"


def test_a_locked_part_in_the_middle_is_a_failure(network):
    def locked_later(request):
        if request.url.params.get("offset") == "200":
            return httpx.Response(501)
        return play(request)

    network.answer = locked_later
    assert network.fetch("lmarena").status == "failed"


def test_the_branch_master_stands_in_for_main(network):
    def moved(request):
        if "/main/" in str(request.url):
            return httpx.Response(404)
        return httpx.Response(200, content=body_of("swebench"))

    network.answer = moved
    outcome = network.fetch("swebench")
    assert outcome.status == "verified" and "/master/" in outcome.payload.url


def registry_of_sonar(broken=0):
    """The registry form of the recorded models, with a file a model; some files cannot be had."""
    models = json.loads(body_of("sonar"))["models"]
    registry = {
        model["id"]: {
            "disabled": False,
            "meta": {"name": model["name"], "organization": model["organization"]},
            "files": {"java": {"metrics": f"m/{index}.json"}},
        }
        for index, model in enumerate(models)
    }

    def answer(request):
        if request.url.path.endswith("/models.json"):
            return httpx.Response(200, json=registry)
        index = int(request.url.path.rpartition("/")[2].removesuffix(".json"))
        if index < broken:
            return httpx.Response(404)
        metrics = {"passing_tests_pct": models[index]["functionalSkill"], "issues_per_kloc": 1}
        body = {"models": {models[index]["name"]: {"metrics": metrics}}}
        return httpx.Response(200, json=body)

    return answer


def test_a_fifth_of_the_files_of_a_registry_may_fail(network):
    network.answer = registry_of_sonar(broken=12)
    assert network.fetch("sonar").status == "verified"
    assert network.slept.count(0.5) == 60
    network.answer = registry_of_sonar(broken=13)
    outcome = network.fetch("sonar", refresh=True)
    assert outcome.status == "stale" and "13 of 60 files" in outcome.problem


def test_a_registry_may_share_files_and_switch_entries_off(network, connection):
    models = json.loads(body_of("sonar"))["models"]
    registry = {
        str(index): {
            "disabled": index % 4 == 0,
            "meta": {"name": model["name"]},
            "files": {"python": {"metrics": "all.json"}},
        }
        for index, model in enumerate(models)
    }
    figures = {model["name"]: {"metrics": {"issues_per_kloc": 1}} for model in models}
    network.answer = lambda request: httpx.Response(
        200, json={"models": figures} if request.url.path.endswith("all.json") else registry
    )
    outcome = network.fetch("sonar")
    assert outcome.status == "verified" and len(network.asked) == 2
    [report] = land(connection, [outcome], now=START)
    assert report.row_count == 60


def test_a_registry_without_its_files_is_given_up_soon(network):
    network.answer = registry_of_sonar(broken=60)
    outcome = network.fetch("sonar")
    assert outcome.status == "failed" and "13 of 60 files" in outcome.problem
    assert len(network.asked) < 20


def test_a_registry_without_end_is_refused(network):
    registry = {
        str(index): {"meta": {"name": "x"}, "files": {"java": {"metrics": f"{index}.json"}}}
        for index in range(1001)
    }
    network.answer = lambda request: httpx.Response(200, json=registry)
    assert "names 1001 files, more than 1000" in network.fetch("sonar").problem
    assert len(network.asked) == 1


def test_a_registry_that_points_elsewhere_is_not_followed(network):
    registry = {
        str(index): {
            "meta": {"name": "x"},
            "files": {"java": {"metrics": "https://evil.example/x"}},
        }
        for index in range(50)
    }
    network.answer = lambda request: httpx.Response(200, json=registry)
    assert network.fetch("sonar").status == "failed"
    assert {request.url.host for request in network.asked} == {"www.sonarsource.com"}


def test_a_key_is_in_no_file_payload_or_message(network):
    for source in SOURCES:
        network.fetch(source.source_key)
    network.answer = failing
    outcomes = [network.fetch(source.source_key, refresh=True) for source in SOURCES]
    told = "".join(f"{outcome!r}{outcome.problem}" for outcome in outcomes)
    kept = b"".join(path.read_bytes() for path in network.cache.folder.iterdir())
    for key in KEYS.values():
        assert key not in told and key.encode() not in kept
    hosts = {
        request.url.host
        for request in network.asked
        for name in ("x-api-key", "authorization")
        if name in request.headers
    }
    assert hosts == {"artificialanalysis.ai", "openrouter.ai", "datasets-server.huggingface.co"}


def test_recordings_are_landed_without_any_request(connection, monkeypatch):
    def refuse_all(*arguments, **options):
        raise AssertionError("a request was made")

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", refuse_all)
    monkeypatch.setattr("socket.socket.connect", refuse_all)
    assert len(land_recordings(connection, RECORDINGS)) == len(SOURCES)
