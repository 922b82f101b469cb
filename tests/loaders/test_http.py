"""One address, asked patiently: on a transport and a clock of our own."""

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from loaders.errors import RateLimited, RequestFailed
from loaders.http import Session, open_client, retry_after
from loaders.network import Clock, Limits

URL = "https://board.example/rows"
NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)


class Upstream:
    """Answers in turn, and a clock that only moves when somebody sleeps or a body drips."""

    def __init__(self, *answers, **limits):
        self.answers = list(answers)
        self.asked = []
        self.slept = []
        self.time = 0.0
        clock = Clock(
            now=lambda: NOW, monotonic=self.tick, sleep=self.slept.append, chance=lambda: 0.5
        )
        self.session = Session(
            lambda: open_client(httpx.MockTransport(self.answer)),
            clock=clock,
            limits=Limits(**limits),
        )

    def tick(self):
        self.time += 1
        return self.time

    def answer(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def status(code, **headers):
    return httpx.Response(code, headers={k.replace("_", "-"): v for k, v in headers.items()})


def ok(body=b"{}"):
    return httpx.Response(200, content=body)


def test_an_answer_comes_with_what_it_took():
    upstream = Upstream(ok(b"rows"))
    answer = upstream.session.get(URL, headers={"x-api-key": "k"})
    assert (answer.status, answer.body, answer.retries) == (200, b"rows", 0)
    [request] = upstream.asked
    assert request.headers["x-api-key"] == "k"
    assert request.headers["accept-encoding"] == "gzip"
    assert request.headers["user-agent"].startswith("benchmart/")


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504, 520, 524])
def test_a_passing_fault_is_asked_again(code):
    upstream = Upstream(status(code), status(code), ok())
    assert upstream.session.get(URL).retries == 2
    assert upstream.slept == [0.5, 1.0]


@pytest.mark.parametrize("code", [400, 401, 403, 404, 410, 501])
def test_a_refusal_is_not(code):
    upstream = Upstream(httpx.Response(code, content=b"why"))
    with pytest.raises(RequestFailed) as failure:
        upstream.session.get(URL)
    assert (failure.value.status, failure.value.body) == (code, b"why")
    assert str(failure.value) == f"{URL} answered with status {code}. Try again later."
    assert upstream.slept == []


def test_six_attempts_and_no_more():
    upstream = Upstream(*[status(502)] * 6)
    with pytest.raises(RequestFailed, match="answered with status 502, 6 times"):
        upstream.session.get(URL)
    assert upstream.slept == [0.5, 1, 2, 4, 8]


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectTimeout("t"),
        httpx.ReadTimeout("t"),
        httpx.ConnectError("reset"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_a_lost_connection_is_a_passing_fault(fault):
    upstream = Upstream(fault, ok())
    assert upstream.session.get(URL).retries == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        ("1.5", 1.5),
        ("Thu, 07 May 2026 12:00:30 GMT", 30),
        ("-3", None),
        ("Thu, 07 May 2026 11:00:00 GMT", None),
        ("soon", None),
        ("inf", None),
        ("Fri, 01 Jan 2027 00:00:00 +99999999999999999999", None),
        ("Fri, 01 Jan 2027 99999999999999999999:00:00 GMT", None),
        ("nan", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after(value, NOW) == seconds


def test_the_server_may_ask_for_time_on_429_and_503_only():
    upstream = Upstream(
        status(429, retry_after="7"),
        status(503, retry_after="Thu, 07 May 2026 12:00:30 GMT"),
        status(502, retry_after="99"),
        ok(),
    )
    assert upstream.session.get(URL).retries == 3
    assert upstream.slept == [7, 30, 2]


def test_more_than_two_minutes_at_once_are_not_given():
    upstream = Upstream(status(429, retry_after="121"))
    with pytest.raises(RateLimited, match="asks for 121 seconds"):
        upstream.session.get(URL)
    assert upstream.slept == []


def test_more_than_ten_minutes_in_all_are_not_given():
    upstream = Upstream(*[status(429, retry_after="110")] * 12)
    with pytest.raises(RequestFailed):
        upstream.session.get(URL)
    with pytest.raises(RateLimited):
        upstream.session.get(URL)
    assert sum(upstream.slept) <= 600


def test_an_undecodable_body_is_asked_for_once_more():
    def broken():
        stream = httpx.ByteStream(b"no gzip")
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    assert Upstream(broken(), ok()).session.get(URL).retries == 1
    with pytest.raises(RequestFailed, match="cannot be decoded"):
        Upstream(broken(), broken(), ok()).session.get(URL)


def test_a_gzip_bomb_stops_at_the_cap():
    bomb = httpx.Response(
        200,
        headers={"content-encoding": "gzip"},
        stream=httpx.ByteStream(gzip.compress(b"0" * 2**22)),
    )
    with pytest.raises(RequestFailed, match="sent more than 1 MiB"):
        Upstream(bomb, body_bytes=2**20).session.get(URL)


def test_a_drip_stops_at_the_deadline():
    class Drip(httpx.SyncByteStream):
        def __iter__(self):
            while True:
                yield b"0" * 2**16

    with pytest.raises(RequestFailed, match="was not done after 5 seconds"):
        Upstream(httpx.Response(200, stream=Drip()), deadline=5).session.get(URL)


def test_a_redirect_is_followed_and_a_circle_is_not():
    there = httpx.Response(302, headers={"location": URL + "/there"})
    assert Upstream(there, ok(b"there")).session.get(URL).body == b"there"
    with pytest.raises(RequestFailed, match="redirects more than 20 times"):
        Upstream(*[there] * 30).session.get(URL)


@pytest.mark.parametrize(
    ("location", "travels"),
    [
        ("/there", True),
        (URL + "/there", True),
        ("https://elsewhere.example/", False),
        ("https://board.example:8443/", False),
    ],
)
def test_a_key_stays_with_its_host(location, travels):
    upstream = Upstream(httpx.Response(302, headers={"location": location}), ok())
    upstream.session.get(URL, headers={"x-api-key": "planted", "Authorization": "Bearer planted"})
    first, second = upstream.asked
    assert "planted" in first.headers["x-api-key"]
    assert ("x-api-key" in second.headers) is travels
    assert ("authorization" in second.headers) is travels


def test_what_is_no_address_is_one_message():
    with pytest.raises(RequestFailed, match="is no address that can be asked"):
        Upstream().session.get("https://board.example/\x00")


def test_not_modified_is_an_answer():
    assert Upstream(status(304)).session.get(URL).status == 304


def test_no_header_is_ever_told():
    for answers in ([status(401)], [status(429, retry_after="500")], [httpx.ConnectError("x")] * 6):
        with pytest.raises(RequestFailed) as failure:
            Upstream(*answers).session.get(URL, headers={"Authorization": "Bearer planted"})
        assert "planted" not in f"{failure.value!r} {failure.value} {failure.value.__cause__!r}"


@pytest.mark.parametrize("header", ["x-api-key", "Authorization"])
def test_an_answer_that_repeats_its_key_is_refused(header):
    for answer in (ok(b'{"said":"planted"}'), httpx.Response(200, headers={"etag": "planted"})):
        upstream = Upstream(answer)
        with pytest.raises(
            RequestFailed, match="repeats the key that it was asked with"
        ) as failure:
            upstream.session.get(URL, headers={header: "Bearer planted"})
        assert "planted" not in str(failure.value) and failure.value.body == b""
    # Another header may well come back.
    assert Upstream(ok(b"planted")).session.get(URL, headers={"if-none-match": "planted"}).body


def test_a_redirect_may_not_leave_encryption():
    upstream = Upstream(status(302, location="http://board.example/there"), ok())
    with pytest.raises(RequestFailed, match="redirects to an address without encryption"):
        upstream.session.get(URL)
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("code", [201, 202, 204, 206])
def test_a_part_or_a_promise_is_no_answer(code):
    with pytest.raises(RequestFailed, match=f"answered with status {code}"):
        Upstream(httpx.Response(code, content=b"half")).session.get(URL)


def test_a_source_has_a_time_for_all_of_its_requests():
    upstream = Upstream(*[ok()] * 100, whole_source=50)
    with pytest.raises(RateLimited, match="is given up after 50 seconds") as failure:
        for _ in range(100):
            upstream.session.get(URL)
    assert 5 < len(upstream.asked) < 60 and failure.value.url == URL
