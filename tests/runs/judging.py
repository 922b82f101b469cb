"""An OpenAI-compatible endpoint on a loopback port: real sockets, and misbehaviour on demand."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to say to it."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Callable[[int], Answer | None]


def completion(content: object) -> Answer:
    """A chat completion whose one choice says this."""
    choices = [{"index": 0, "message": {"role": "assistant", "content": content}}]
    return Answer(json.dumps({"object": "chat.completion", "choices": choices}).encode())


GOOD = completion('{"score": 7.5, "rationale": "It is mostly right."}')


class Handler(BaseHTTPRequestHandler):
    """Notes each request and answers as the server's script says; None is a hang."""

    protocol_version = "HTTP/1.1"
    server: "JudgeServer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append(Asked(self.path, dict(self.headers), body))
        answer = self.server.script(len(self.server.asked) - 1)
        if answer is None:
            self.server.ending.wait(30)
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(answer.body)

    do_GET = do_POST

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: what was asked stands in the server's list."""


class JudgeServer(ThreadingHTTPServer):
    """`script` answers the nth request, `asked` remembers them all."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: Script = lambda nth: GOOD
        self.asked: list[Asked] = []
        self.ending = threading.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def answers(self, *answers: Answer | None) -> None:
        """Give these in turn, the last one for ever."""
        self.script = lambda nth: answers[min(nth, len(answers) - 1)]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the game."""


@contextlib.contextmanager
def serving() -> Iterator[JudgeServer]:
    """A running server that ends with the block."""
    server = JudgeServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
