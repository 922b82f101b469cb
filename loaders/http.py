"""Asks an address the way a good guest does: bounded in time and size, patient, never pushing."""

import email.utils
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

import httpx

from benchmart import __version__
from loaders.errors import RateLimited, RequestFailed
from loaders.network import Clock, Limits

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 525)})
# Only these two may ask for a time of their own.
PATIENT = frozenset({429, 503})
SECRET_HEADERS = frozenset({"authorization", "x-api-key"})
NOTHING: Mapping[str, str] = MappingProxyType({})
AGENT = f"benchmart/{__version__} (scoreboard of LLMs for coding)"


def open_client(transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client with our timeouts; redirects are followed by the session, which watches the keys."""
    return httpx.Client(
        follow_redirects=False,
        timeout=httpx.Timeout(connect=10, read=90, write=10, pool=10),
        headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
        transport=transport,
    )


@dataclass(frozen=True)
class Answer:
    """What an address said in the end; `retries` is how often it had to be asked again."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    retries: int


Said = tuple[int, Mapping[str, str], bytes]


@dataclass(frozen=True)
class Question:
    """What is asked of an address; with content it is a POST."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


class Session:
    """Requests for one source: what it waits for one address counts for all of them."""

    def __init__(
        self, connect: Callable[[], httpx.Client] = open_client, *, clock: Clock, limits: Limits
    ) -> None:
        self.connect = connect
        self.client = connect()
        self.clock = clock
        self.limits = limits
        self.waited = 0.0
        self.started = clock.monotonic()
        self._waiting = threading.Lock()

    def close(self) -> None:
        """Give the connections back; one that was cut off for lateness ends by itself."""
        self.client.close()

    def get(self, url: str, *, headers: Mapping[str, str] = NOTHING) -> Answer:
        """Ask until there is an answer that is worth having; 304 is one.

        Raises RateLimited when the server asks for more time than we give, RequestFailed for
        whatever else went wrong; neither ever holds a header.
        """
        return self._persist(Question(url, headers))

    def post(self, url: str, content: bytes, *, headers: Mapping[str, str] = NOTHING) -> Answer:
        """Send JSON as `get` asks, with the same patience; a redirect is a failure here.

        What is sent must do no harm when it arrives twice. Raises as `get` does.
        """
        typed = {**headers, "Content-Type": "application/json"}
        return self._persist(Question(url, typed, content))

    def _persist(self, question: Question) -> Answer:
        url, headers = question.url, question.headers
        reason = ""
        undecodable = 0
        status: int | None = None
        body = b""
        for attempt in range(self.limits.attempts):
            after = None
            self._require_time(url)
            try:
                status, received, body = self._ask_in_time(question)
                if status in (200, 304):
                    _refuse_echo(url, headers, received, body)
                    return Answer(status, received, body, attempt)
                reason = f"answered with status {status}"
                if status not in RETRIED:
                    raise RequestFailed(url, reason, status=status, body=body)
                if status in PATIENT:
                    after = retry_after(received.get("retry-after"), self.clock.now())
            except httpx.TransportError as error:
                status, body = None, b""
                reason = f"did not answer ({type(error).__name__})"
            except httpx.DecodingError as error:
                reason = "sent a body that cannot be decoded"
                undecodable += 1
                if undecodable > 1:
                    raise RequestFailed(url, reason) from error
            except httpx.InvalidURL as error:
                raise RequestFailed(url, "is no address that can be asked") from error
            if attempt + 1 < self.limits.attempts:
                self._wait(url, attempt, after)
        times = f"{reason}, {self.limits.attempts} times"
        raise RequestFailed(url, times, status=status, body=body)

    def pause(self, seconds: float) -> None:
        """Leave the server alone between two requests."""
        self.clock.sleep(seconds)

    def _ask_in_time(self, question: Question) -> Said:
        """Leave an answer that is not whole at the deadline, wherever it got stuck.

        httpx's timeouts start anew with every byte, and one thread cannot safely close the
        connection that another reads from: the late one is left to itself, with its client.
        """
        answer: Future[Said] = Future()
        client = self.client

        def ask() -> None:
            try:
                answer.set_result(self._ask(client, question))
            except BaseException as error:
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            return answer.result(timeout=self.limits.deadline)
        except TimeoutError:
            if answer.done():
                raise
            if self.client is client:
                self.client = self.connect()
            raise self._late(question.url) from None

    def _ask(self, client: httpx.Client, question: Question) -> Said:
        started = self.clock.monotonic()
        url, headers, content = question.url, question.headers, question.content
        method = "GET" if content is None else "POST"
        address = httpx.URL(url)
        for _ in range(client.max_redirects):
            asking = client.stream(method, address, headers=dict(headers), content=content)
            with asking as response:
                if response.next_request is None:
                    body = self._read(url, response, started)
                    return response.status_code, response.headers, body
                target = response.next_request.url
            if content is not None:
                raise RequestFailed(url, "redirects what was sent to it")
            if address.scheme == "https" and target.scheme != "https":
                raise RequestFailed(url, "redirects to an address without encryption")
            if (target.scheme, target.netloc) != (address.scheme, address.netloc):
                # httpx would drop Authorization here and no other key.
                headers = NOTHING
            address = target
        raise RequestFailed(url, f"redirects more than {client.max_redirects} times")

    def _read(self, url: str, response: httpx.Response, started: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes(2**16):
            chunks.append(chunk)
            size += len(chunk)
            if size > self.limits.body_bytes:
                raise RequestFailed(url, f"sent more than {self.limits.body_bytes // 2**20} MiB")
            # Ends the thread of a request that nobody waits for any more.
            if self.clock.monotonic() - started > self.limits.deadline:
                raise self._late(url)
        return b"".join(chunks)

    def _late(self, url: str) -> RequestFailed:
        return RequestFailed(url, f"was not done after {self.limits.deadline:.0f} seconds")

    def _require_time(self, url: str) -> None:
        """However many requests a source takes, it does not hold up a run for longer than this."""
        if self.clock.monotonic() - self.started > self.limits.whole_source:
            raise RateLimited(url, f"is given up after {self.limits.whole_source:.0f} seconds")

    def _wait(self, url: str, attempt: int, after: float | None) -> None:
        """Back off with full jitter, or as long as the server asks, if that is not too long."""
        wait = max(self.limits.first_wait * 2**attempt * self.clock.chance(), after or 0.0)
        with self._waiting:
            if wait > self.limits.one_wait:
                raise RateLimited(url, f"asks for {wait:.0f} seconds, more than one run gives")
            if self.waited + wait > self.limits.all_waits:
                raise RateLimited(url, f"is given up after waits of {self.waited:.0f} seconds")
            self.waited += wait
        self.clock.sleep(wait)


def _refuse_echo(
    url: str, sent: Mapping[str, str], received: Mapping[str, str], body: bytes
) -> None:
    """An answer that repeats the key would carry it into the cache and onto pages."""
    for name, value in sent.items():
        if name.lower() in SECRET_HEADERS:
            key = value.rpartition(" ")[2]
            if key.encode() in body or any(key in text for text in received.values()):
                raise RequestFailed(url, "repeats the key that it was asked with")


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None when it is neither.

    What lies in the past, or is no time at all, asks for nothing.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(value)
        except (ValueError, OverflowError, TypeError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - now).total_seconds()
    return seconds if 0 <= seconds < float("inf") else None
