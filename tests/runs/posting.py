"""A real intake on a loopback port, and runs to post to it."""

import contextlib
import json
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import duckdb
import httpx

from loaders.runs.endpoint import Intake, address_key, listening, server_of
from loaders.runs.intake import read_rules
from loaders.runs.ledger import Ledger
from tests.conftest import PROJECT

NOW = datetime(2026, 5, 7, 12, tzinfo=UTC)
NUMBERS = count()


def a_run(**more):
    """A valid run that nobody handed in before."""
    return {
        "format": "benchmart-run/1",
        "nickname": "team",
        "model": "model-1",
        "started_at": "2026-05-07T10:00:00Z",
        "tasks": [
            {
                "task": "sums",
                "category": "code",
                "difficulty": "easy",
                "grading": "deterministic",
                "passed": True,
                "grader": {"kind": "exact_match", "expected": ["4"]},
                "prompt": "What is 2 + 2?",
                "output": f"4, said for the {next(NUMBERS)}th time",
                "duration_s": 1.5,
            }
        ],
        **more,
    }


class Posting:
    """A running intake: its ledger, its client, and its clock, which a test turns."""

    def __init__(self, folder: Path, rules, bounds, trusted_proxies) -> None:
        self.now = NOW
        self.folder = folder
        self.ledger = Ledger(folder)
        self.rules = rules or read_rules(PROJECT)
        self.listener = listening("127.0.0.1", 0)
        self.port = self.listener.getsockname()[1]
        self.app = Intake(
            self.ledger,
            self.rules,
            ip_key=address_key(folder),
            trusted_proxies=trusted_proxies,
            clock=lambda: self.now,
            bounds=bounds,
        )
        self.server = server_of(self.app)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    def later(self, **span) -> None:
        self.now += timedelta(**span)

    def post(self, run=None, *, ip=None, content=None, headers=None):
        """Post a run, or any bytes as one."""
        data = content if content is not None else json.dumps(run or a_run()).encode()
        given = {"content-type": "application/json", **(headers or {})}
        if ip is not None:
            given["x-forwarded-for"] = ip
        return self.client.post("/runs", content=data, headers=given)

    def rows(self, columns="*", condition="true"):
        """Rows of the ledger in their order, as dicts."""
        with self.ledger.open() as connection:
            found = connection.execute(
                f"select {columns} from submissions where {condition} order by submission_no"
            )
            names = [column[0] for column in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def is_up(self) -> bool:
        return self.client.get("/health").json() == {"status": "ok"}

    def raw(self, *parts: bytes, wait: float = 0) -> bytes:
        """What is answered to bytes that no good client sends."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as client:
            with contextlib.suppress(OSError):
                for part in parts:
                    client.sendall(part)
                    time.sleep(wait)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while chunk := client.recv(65536):
                    answer += chunk
                    if b"\r\n\r\n" in answer and b"}" in answer:
                        break
            return answer


@contextlib.contextmanager
def posting(folder: Path, *, rules=None, bounds=None, trusted_proxies=0):
    """A running intake that ends with the block."""
    running = Posting(folder, rules, bounds, trusted_proxies)
    thread = threading.Thread(target=running.server.run, args=([running.listener],), daemon=True)
    thread.start()
    try:
        yield running
    finally:
        running.client.close()
        running.server.should_exit = True
        thread.join(20)
        running.listener.close()
    assert not thread.is_alive()


def landed(posting, scratch: Path):
    """The submissions as the warehouse gets them."""
    from loaders.runs.landing import land_runs
    from loaders.runs.samples import Samples

    with duckdb.connect(str(scratch / "scratch.duckdb")) as connection:
        land_runs(connection, posting.ledger, Samples(scratch / "no-samples"), posting.rules)
        found = connection.execute("select * from runs.submissions order by submission_no")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def texts_of(store, hashes):
    """The kept texts of some hashes."""
    found = store.relation()
    if found is None:
        return {}
    with duckdb.connect() as connection:
        return dict(
            connection.execute(
                f"select distinct body_sha256, text from {found}"
                " where list_contains(?::varchar[], body_sha256)",
                [list(hashes)],
            ).fetchall()
        )
