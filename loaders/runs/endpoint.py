"""Takes runs in over HTTP: the same desk, rules and ledger as for files, one attempt at a time."""

import asyncio
import contextlib
import hmac
import ipaddress
import logging
import os
import secrets
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from loaders.errors import AddressTaken, LedgerUnusable, LoaderError
from loaders.runs.intake import Handed, KeptDesk, Rules, read_rules, take_in_numbered
from loaders.runs.ledger import Ledger, Submission
from loaders.runs.packs import read_master
from loaders.runs.shapes import run_schema

Clock = Callable[[], datetime]

ORIGIN = "POST /runs"
KEY_BYTES = 32
# An address of IPv6 is one of the many that its owner has; a /64 is what one owner has.
OWNED_PREFIX = 64
METHODS = {"/runs": "POST", "/health": "GET", "/schema": "GET"}
ALWAYS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
RETRY_UNUSABLE_S = 60
GRACEFUL_S = 10

log = logging.getLogger("benchmart.intake")


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What one client may ask for: bytes, and seconds for the head and the body of a request."""

    body_bytes: int = 4 << 20
    body_s: float = 30.0
    head_s: float = 10.0
    keep_alive_s: int = 5
    connections: int = 64


@dataclass(frozen=True)
class Answer:
    """What is said to a request."""

    status: int
    content: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer as JSON."""
        return Response(
            msgspec.json.encode(self.content),
            self.status,
            {**ALWAYS, **self.headers},
            "application/json",
        )


def utc_now() -> datetime:
    """The moment it is."""
    return datetime.now(UTC)


def serve(
    host: str,
    port: int,
    ledger_folder: Path,
    project: Path,
    *,
    trusted_proxies: int = 0,
    master_key_file: Path | None = None,
    clock: Clock = utc_now,
) -> None:
    """Take runs in until a signal ends it. Raises LoaderError when it cannot begin."""
    master = read_master(master_key_file) if master_key_file is not None else None
    app = Intake(
        Ledger(ledger_folder),
        read_rules(project, master=master),
        ip_key=address_key(ledger_folder),
        trusted_proxies=trusted_proxies,
        clock=clock,
    )
    with listening(host, port) as listener:
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
        log.setLevel(logging.INFO)
        log.info("runs are taken in at http://%s:%d/runs", host, listener.getsockname()[1])
        server_of(app).run(sockets=[listener])


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any free one. Raises AddressTaken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address, family=family, backlog=256)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AddressTaken(
            f"{host} port {port}: cannot be listened on: {reason}. Give another --host or --port."
        ) from error


def server_of(app: "Intake") -> uvicorn.Server:
    """The server of an intake, which believes no header and says nothing about itself."""
    bounds = app.bounds

    class Hasty(_Hasty):
        head_s = bounds.head_s

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=Hasty,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="warning",
        # Its lines would hold addresses and query strings.
        access_log=False,
        # It would believe X-Forwarded-For from this very machine.
        proxy_headers=False,
        server_header=False,
        limit_concurrency=bounds.connections,
        timeout_keep_alive=bounds.keep_alive_s,
        timeout_graceful_shutdown=GRACEFUL_S,
    )
    return uvicorn.Server(config)


def address_key(folder: Path) -> bytes:
    """The key under which addresses are hashed, made when there is none. Raises LedgerUnusable."""
    path = folder / "ip.key"
    remedy = "Make it a file of 32 bytes that only you may read, or move it away for a new one."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make_key(path)
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(KEY_BYTES + 1)
    except OSError as error:
        raise LedgerUnusable(f"{path}: cannot be used: {error.strerror}. {remedy}") from error
    if mode & 0o077:
        raise LedgerUnusable(f"{path}: others may read it. Run `chmod 600 {path}`.")
    if len(key) != KEY_BYTES:
        raise LedgerUnusable(f"{path}: is no key. {remedy}")
    return key


def _make_key(path: Path) -> None:
    """Put a key there whole or not at all; of two that start at once, one key stays."""
    handle, made = tempfile.mkstemp(dir=path.parent, prefix=".ip-key-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
    finally:
        Path(made).unlink()


def hash_address(address: str | None, key: bytes) -> str:
    """The keyed hash that stands for an address; of IPv6 that of its /64."""
    return hmac.digest(key, _counted(address).encode(), "sha256").hex()


def _counted(address: str | None) -> str:
    parsed = _address(address or "")
    if parsed is None:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.IPv6Network((int(parsed), OWNED_PREFIX), strict=False))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as a proxy may write it, with a port or in brackets, or None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def client_address(request: Request, trusted_proxies: int) -> str | None:
    """Whose attempt it is: who holds the socket, or whom the last trusted proxy names.

    Each proxy adds the address it was called from at the right, so what a client wrote itself
    stands left of those. A chain that is too short did not come through all of them.
    """
    peer = request.client.host if request.client is not None else None
    if trusted_proxies < 1:
        return peer
    chain = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    if len(chain) < trusted_proxies:
        return peer
    named = chain[-trusted_proxies]
    return named if _address(named) is not None else peer


class _Hasty(H11Protocol):
    """Closes a connection whose request has no whole head in time: uvicorn waits for ever."""

    head_s: float
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(self.head_s, self._close)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        self._deadline = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


class Intake:
    """The application: one path to hand a run in, one for its format, one to see that it lives."""

    def __init__(
        self,
        ledger: Ledger,
        rules: Rules,
        *,
        ip_key: bytes,
        trusted_proxies: int = 0,
        clock: Clock = utc_now,
        bounds: Bounds | None = None,
    ) -> None:
        self.bounds = bounds or Bounds()
        self._ledger = ledger
        self._rules = rules
        self._ip_key = ip_key
        self._trusted_proxies = trusted_proxies
        self._clock = clock
        # The one desk: attempts are decided about in the order in which they are here whole.
        self._desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")
        self._kept = KeptDesk()
        self._schema = msgspec.json.encode(run_schema())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong, the answer says so and no more."""
        request = Request(scope, receive)
        started = time.monotonic()
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except Exception as error:
            log.error("a request failed: %s", _without_values(error))
            response = _refusal(500, "internal_error", "This is a fault of the intake.").response()
        path = scope["path"] if scope["path"] in METHODS else "(unknown path)"
        method = scope["method"] if scope["method"] in METHODS.values() else "(other method)"
        took = (time.monotonic() - started) * 1000
        log.info("%s %s %d %.0f ms", method, path, response.status_code, took)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        path = request.scope["path"]
        allowed = METHODS.get(path)
        if allowed is None:
            return _refusal(404, "not_found", "There are /runs, /schema and /health.").response()
        if request.method != allowed:
            problem = f"{path} takes {allowed} alone."
            return _refusal(405, "method_not_allowed", problem, {"allow": allowed}).response()
        if path == "/health":
            return Answer(200, {"status": "ok"}).response()
        if path == "/schema":
            return Response(self._schema, 200, ALWAYS, "application/schema+json")
        return (await self._post(request)).response()

    async def _post(self, request: Request) -> Answer:
        if problem := _media_fault(request):
            return _refusal(415, "unsupported_media_type", problem)
        try:
            async with asyncio.timeout(self.bounds.body_s):
                body = await self._body(request)
        except TimeoutError:
            problem = f"The body took longer than {self.bounds.body_s:g} s."
            return _refusal(408, "too_slow", problem, {"connection": "close"})
        too_large = f"{ORIGIN}: has more than {self.bounds.body_bytes:,} bytes. Split the run."
        handed = Handed(
            origin=ORIGIN,
            route="http",
            data=body,
            ip_hash=hash_address(client_address(request, self._trusted_proxies), self._ip_key),
            problem=too_large if body is None else None,
        )
        # A client that goes away meanwhile changes nothing: its attempt gets its row.
        answer = await asyncio.get_running_loop().run_in_executor(self._desk, self._decide, handed)
        if body is None and "expect" in request.headers:
            # It may never send the body that it announced, and that would be read as one.
            return Answer(answer.status, answer.content, {**answer.headers, "connection": "close"})
        return answer

    async def _body(self, request: Request) -> bytes | None:
        """The body, or None if it is too large; what follows is dropped unread."""
        announced = request.headers.get("content-length", "0")
        if int(announced) > self.bounds.body_bytes:
            return None
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self.bounds.body_bytes:
                return None
        return bytes(body)

    def _decide(self, handed: Handed) -> Answer:
        try:
            [(number, attempt)] = take_in_numbered(
                self._ledger, [handed], self._rules, now=self._clock(), kept=self._kept
            )
        except (LoaderError, OSError, duckdb.Error) as error:
            # There is no row, so whoever sent it and whoever runs this are both told.
            log.error("a run was not taken in, body %s: %s", _name_of(handed), error)
            problem = "The ledger cannot be used now. Nothing was taken in: send the run again."
            again = {"retry-after": str(RETRY_UNUSABLE_S)}
            return _refusal(503, "ledger_unusable", problem, again)
        except Exception as error:
            log.error("no verdict, body %s: %s", _name_of(handed), _without_values(error))
            problem = "This is a fault of the intake. Nothing was taken in."
            return _refusal(500, "internal_error", problem)
        return answer_of(number, attempt, handed)


def answer_of(number: int, attempt: Submission, handed: Handed) -> Answer:
    """What the row of an attempt says to the one who sent it."""
    row = {"submission_no": number}
    if attempt.is_accepted:
        checks = {
            "schema": attempt.schema_verdict,
            "duplicate": attempt.duplicate_verdict,
            "pack": attempt.pack_verdict,
            "signature": attempt.signature_verdict,
            "limit": attempt.limit_verdict,
        }
        run = {"run_sha256": attempt.run_sha256, "verdict": "accepted", "checks": checks}
        return Answer(202, {**row, **run})
    if attempt.limit_verdict is not None:
        return Answer(
            429,
            {
                "error": "rate_limited",
                "layer": attempt.limit_layer,
                "layers_fired": attempt.layers_fired,
                "limit": attempt.attempt_limit,
                "window_s": attempt.window_s,
                "retry_after_s": attempt.retry_after_s,
                "at": attempt.received_at,
                **row,
            },
            {"retry-after": str(attempt.retry_after_s)},
        )
    if attempt.duplicate_verdict == "duplicate":
        before = {"run_sha256": attempt.run_sha256, "duplicate_of": attempt.duplicate_of}
        return _refused(409, "duplicate", "duplicate", attempt, {**before, **row})
    if attempt.schema_verdict == "invalid":
        if handed.data is None:
            return _refused(413, "too_large", "schema", attempt, row)
        if _is_broken(handed.data):
            return _refused(400, "broken_json", "schema", attempt, row)
        return _refused(422, "refused", "schema", attempt, row)
    check = "pack" if attempt.signature_verdict is None else "signature"
    return _refused(422, "refused", check, attempt, row)


def _refused(
    status: int, error: str, check: str, attempt: Submission, more: Mapping[str, Any]
) -> Answer:
    return Answer(status, {"error": error, "check": check, "problem": attempt.problem, **more})


def _refusal(
    status: int, error: str, problem: str, headers: Mapping[str, str] | None = None
) -> Answer:
    return Answer(status, {"error": error, "problem": problem}, headers or {})


def _media_fault(request: Request) -> str | None:
    """Why the body is not read, by what its headers say it is."""
    kinds = request.headers.getlist("content-type")
    kind, _, parameter = kinds[0].partition(";") if len(kinds) == 1 else ("", "", "")
    charset = parameter.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        return "Send the run as application/json in UTF-8."
    encodings = request.headers.getlist("content-encoding")
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        return "Send the run as it is, without Content-Encoding."
    return None


def _is_broken(data: bytes) -> bool:
    """Whether it is no JSON at all, rather than JSON that is no run."""
    try:
        msgspec.json.decode(data)
    except (msgspec.ValidationError, RecursionError):
        return False
    except (msgspec.DecodeError, UnicodeDecodeError):
        return True
    return False


def _name_of(handed: Handed) -> str:
    """A body as a log may name it."""
    return sha256(handed.data).hexdigest() if handed.data is not None else "(too large)"


def _without_values(error: BaseException) -> str:
    """Which fault, and where in the code: its message may quote what was sent."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[::-1])
    return f"{type(error).__name__} at {places}"
