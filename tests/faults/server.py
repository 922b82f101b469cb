"""Every upstream on a loopback port: real sockets, real TLS, and misbehaviour on demand.

The program reaches it as it would reach a company's proxy, by HTTPS_PROXY and SSL_CERT_FILE, so
that nothing of it has to know that it is tested.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import trustme

from loaders.registry import SOURCES
from tests.loaders.upstreams import play

# What a script may answer instead of a response: it writes to the socket as it likes.
Raw = Callable[["Handler"], None]
Script = Callable[[httpx.Request, int], httpx.Response | Raw]


class Handler(BaseHTTPRequestHandler):
    """Opens the tunnel, ends TLS in it, and answers as the server's script says."""

    protocol_version = "HTTP/1.1"
    server: "UpstreamServer"
    host = ""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self) -> None:
        url = f"https://{self.host}{self.path}"
        request = httpx.Request("GET", url, headers=dict(self.headers))
        answer = self.server.script(request, self.server.count(request))
        if not isinstance(answer, httpx.Response):
            self.close_connection = True
            answer(self)
            return
        # raw headers and content as scripted: an encoding that is named is not applied again.
        body = answer.extensions.get("raw_body", None) or answer.content
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name not in ("content-length", "transfer-encoding"):
                self.send_header(name, value)
        if answer.status_code != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if answer.status_code != 304:
            self.wfile.write(body)

    def finish(self) -> None:
        """Close the tunnel too; the server knows only the socket below it."""
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: what was asked stands in the server's list."""


class UpstreamServer(ThreadingHTTPServer):
    """All hosts of the registry behind one port; `script` answers, `asked` remembers."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        authority = trustme.CA()
        self.certificates = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.certificates))
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        hosts = {str(urlsplit(source.url).hostname) for source in SOURCES} | {"kata.example"}
        authority.issue_cert(*sorted(hosts)).configure_cert(self.tls)
        self.script: Script = lambda request, nth: play(request)
        self.asked: list[httpx.Request] = []
        self._counted: Counter[str] = Counter()
        self._counting = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find this server in the place of the world."""
        address = f"http://127.0.0.1:{self.server_address[1]}"
        return {"HTTPS_PROXY": address, "SSL_CERT_FILE": str(self.certificates), "NO_PROXY": ""}

    def connect(self) -> httpx.Client:
        """A client of the loaders whose way out leads here."""
        from loaders.http import open_client

        context = ssl.create_default_context(cafile=str(self.certificates))
        proxy = self.environment["HTTPS_PROXY"]
        return open_client(httpx.HTTPTransport(verify=context, proxy=proxy))

    def count(self, request: httpx.Request) -> int:
        """How often this very address was asked before."""
        with self._counting:
            self.asked.append(request)
            self._counted[str(request.url)] += 1
            return self._counted[str(request.url)] - 1

    def forget(self) -> None:
        """Start counting anew."""
        with self._counting:
            self.asked.clear()
            self._counted.clear()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the game."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[UpstreamServer]:
    """A running server that ends with the block."""
    server = UpstreamServer(folder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def reset(handler: Handler) -> None:
    """Cut the connection with a reset and no answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def cut_short(body: bytes) -> Raw:
    """Promise a whole body, send half of it, and go."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.connection.close()

    return answer


@dataclass
class Drip:
    """Send a byte at a time, as headers or as a body, for as long as somebody listens."""

    in_headers: bool
    pause: float = 0.02
    longest: float = 30
    headers: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, handler: Handler) -> None:
        started = time.monotonic()
        with contextlib.suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            if self.in_headers:
                handler.wfile.write(b"X-Slow: ")
            else:
                handler.wfile.write(b"Content-Length: 100000\r\n\r\n")
            while time.monotonic() - started < self.longest:
                handler.wfile.write(b"x")
                time.sleep(self.pause)
