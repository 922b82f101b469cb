"""Runs over HTTP: the verdicts of the file intake, whatever a client sends, and always a row."""

import json
import logging
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import jsonschema
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

import loaders.runs.endpoint as endpoint
from loaders.errors import AddressTaken, LedgerUnusable
from loaders.runs.documents import sha256_of
from loaders.runs.endpoint import (
    Bounds,
    address_key,
    client_address,
    hash_address,
    listening,
)
from loaders.runs.intake import Handed, read_rules, take_in
from loaders.runs.limits import Layer, Limits
from loaders.runs.packs import pack_sha256, stamp
from loaders.runs.shapes import Pack, run_schema
from loaders.runs.signatures import sign_run
from tests.conftest import PROJECT
from tests.runs.posting import NOW, a_run, landed, posting, texts_of

RULES = read_rules(PROJECT)
WIDE = replace(
    RULES,
    limits=Limits(
        (Layer(layer="ip", key=("ip",), limit=10**6, window_s=60, applies_to_files=False),)
    ),
)


@pytest.fixture
def intake(tmp_path):
    with posting(tmp_path / "runs", trusted_proxies=1) as running:
        yield running


@pytest.fixture(scope="module")
def patient(module_folder):
    """An intake that takes in whatever is a run."""
    with posting(module_folder("patient") / "runs", rules=WIDE) as running:
        yield running


def test_an_accepted_run_is_told_its_number_and_its_checks(intake):
    answer = intake.post(ip="192.0.2.1")
    [row] = intake.rows()
    assert answer.status_code == 202
    assert answer.json() == {
        "submission_no": 1,
        "run_sha256": row["run_sha256"],
        "verdict": "accepted",
        "checks": {
            "schema": "valid",
            "duplicate": "new",
            "pack": "no_pack",
            "signature": "unsigned",
            "limit": "allowed",
        },
    }
    assert (row["is_accepted"], row["route"], row["origin"]) == (True, "http", "POST /runs")
    assert row["received_at"].replace(tzinfo=UTC) == NOW
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
    assert "retry-after" not in answer.headers


def test_the_limit_says_when_to_come_again_and_then_lets_in(intake):
    for _ in range(5):
        assert intake.post(ip="192.0.2.1").status_code == 202
        intake.later(minutes=1, microseconds=1)
    refused = intake.post(ip="192.0.2.1")
    wait = 3600 - 5 * 60
    assert refused.status_code == 429
    assert refused.json() == {
        "error": "rate_limited",
        "layer": "nickname_model",
        "layers_fired": ["nickname_model"],
        "limit": 5,
        "window_s": 3600,
        "retry_after_s": wait,
        "at": intake.now.isoformat().replace("+00:00", "Z"),
        "submission_no": 6,
    }
    assert refused.headers["retry-after"] == str(wait)
    assert intake.post(a_run(model="other"), ip="192.0.2.1").status_code == 202
    intake.later(seconds=wait - 1)
    assert intake.post(ip="192.0.2.1").json()["retry_after_s"] == 1
    intake.later(seconds=1)
    assert intake.post(ip="192.0.2.1").status_code == 202


def test_the_same_run_again_is_a_duplicate_of_its_number(intake):
    run = a_run()
    first = intake.post(run)
    again = intake.post(content=json.dumps(dict(reversed(run.items())), indent=2).encode())
    assert again.status_code == 409
    assert again.json() == {
        "error": "duplicate",
        "check": "duplicate",
        "problem": "the same run is in the ledger already, as number 1.",
        "run_sha256": first.json()["run_sha256"],
        "duplicate_of": 1,
        "submission_no": 2,
    }


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"nickname": ""}, "$.nickname"),
        ({"surprise": 1}, "surprise"),
        ({"tasks": [{"task": 3}]}, "$.tasks[0].task"),
        ({"config_tag": "base"}, "$.config_tag"),
        ({"format": "benchmart-run/2"}, "$.format"),
        ({"load": {"profile": "p", "calls": [{"latency_s": -1}]}}, "$.load.calls[0].latency_s"),
    ],
)
def test_what_is_no_run_is_told_where(intake, change, path):
    answer = intake.post(a_run(**change))
    [row] = intake.rows()
    assert answer.status_code == 422
    assert answer.json() == {
        "error": "refused",
        "check": "schema",
        "problem": row["problem"],
        "submission_no": 1,
    }
    assert path in row["problem"]
    assert (row["schema_verdict"], row["is_accepted"]) == ("invalid", False)


def test_packs_and_signatures_are_checked_as_for_files(tmp_path):
    key, master = Ed25519PrivateKey.generate(), b"k" * 32
    day = NOW.date()
    with posting(tmp_path / "runs", rules=replace(RULES, master=master)) as intake:
        good = stamp("p", "0" * 64, day, master)
        pack = {"pack": "p", "sha256": "0" * 64, "day": day.isoformat(), "mac": good.mac}
        late = stamp("p", "0" * 64, day - timedelta(days=1), master)
        other = {**pack, "day": late.day.isoformat(), "mac": late.mac}
        answers = [
            intake.post(a_run(pack=pack)),
            intake.post(a_run(pack={**pack, "mac": "0" * 64})),
            intake.post(a_run(pack=other)),
            intake.post(sign_run(a_run(), key)),
        ]
        rows = intake.rows()
    assert [answer.status_code for answer in answers] == [202, 422, 422, 422]
    assert answers[0].json()["checks"]["pack"] == "valid"
    said = [(answer.json()["check"], answer.json()["problem"]) for answer in answers[1:]]
    assert said == [
        ("pack", rows[1]["problem"]),
        ("pack", rows[2]["problem"]),
        ("signature", rows[3]["problem"]),
    ]
    assert [row["pack_verdict"] for row in rows] == ["valid", "wrong_mac", "wrong_day", "no_pack"]
    assert [row["signature_verdict"] for row in rows] == ["unsigned", None, None, "unknown_key"]


def test_the_tasks_of_a_known_pack_are_looked_up_in_the_ledger(intake):
    task = {
        "task": "sums",
        "category": "code",
        "difficulty": "hard",
        "grader": {"kind": "exact_match", "expected": ["4"]},
        "prompt": "What is 2 + 2?",
        "added_on": "2026-01-01",
    }
    document = {"format": "benchmart-pack/1", "pack": "p", "title": "P", "tasks": [task]}
    known = pack_sha256(endpoint.msgspec.convert(document, Pack))
    pack = endpoint.msgspec.convert(document, Pack)
    with intake.ledger.open() as connection:
        intake.ledger.append_packs(connection, {known: pack}, now=intake.now)
    answer = intake.post(a_run(pack={"pack": "p", "sha256": known}))
    assert (answer.status_code, answer.json()["check"]) == (422, "pack")
    assert "sums" in answer.json()["problem"]
    assert intake.rows()[0]["pack_verdict"] == "other_tasks"
    assert intake.post(a_run(pack={"pack": "p", "sha256": "0" * 64})).status_code == 202


def test_a_body_over_the_limit_gets_a_row_without_content(tmp_path):
    bounds = Bounds(body_bytes=10_000)
    with posting(tmp_path / "runs", bounds=bounds) as intake:
        head = json.dumps(a_run(padding="")).encode()
        body = head + b" " * (10_000 - len(head))
        assert intake.post(content=body).status_code == 422
        said = {
            "error": "too_large",
            "check": "schema",
            "problem": "POST /runs: has more than 10,000 bytes. Split the run.",
        }
        announced = intake.post(content=body + b" ")
        assert (announced.status_code, announced.json()) == (413, {**said, "submission_no": 2})
        chunks = (b" " * 1000 for _ in range(5_000))
        chunked = intake.client.post(
            "/runs", content=chunks, headers={"content-type": "application/json"}
        )
        assert (chunked.status_code, chunked.json()) == (413, {**said, "submission_no": 3})
        head = b"POST /runs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        waiting = intake.raw(head + b"Expect: 100-continue\r\nContent-Length: 99999\r\n\r\n")
        assert waiting.startswith(b"HTTP/1.1 413") and b"connection: close" in waiting
        for row in intake.rows()[1:]:
            assert (row["schema_verdict"], row["run_sha256"], row["about"]) == (
                "invalid",
                None,
                None,
            )
            assert row["problem"] == said["problem"]
        assert intake.post().status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": ""},
        {"content-encoding": "gzip"},
        {"content-encoding": "identity, br"},
    ],
)
def test_another_type_or_encoding_is_not_read(intake, headers):
    answer = intake.post(headers=headers)
    assert answer.status_code == 415
    assert set(answer.json()) == {"error", "problem"}
    assert intake.rows() == []


def test_json_in_utf_8_may_say_that_it_is(intake):
    kind = 'Application/JSON; charset="UTF-8"'
    assert intake.post(headers={"content-type": kind, "content-encoding": "identity"}).is_success


BROKEN = [
    b"",
    b"{",
    b"\x00" * 100,
    b"\xff\xfe{\x00}\x00",
    b"NaN",
    b'{"nickname": Infinity}',
    b"\x1f\x8b\x08" + b"\x00" * 50,
    json.dumps(a_run(nickname="\ud800")).encode(),
    json.dumps(a_run(nickname="\udc00 and more of it")).encode(),
    json.dumps(a_run()).replace("What is", "\\ud800").encode(),
    json.dumps(a_run()).replace("What is", "\\udc00\\ud800").encode(),
    json.dumps(a_run(), ensure_ascii=False).encode().replace(b"What", b"\xed\xa0\x80"),
]
STRANGE = [
    b"null",
    b"[]",
    b"0",
    b'"benchmart-run/1"',
    b"1e999",
    b"[" * 2_000_000,
    b'{"a":' * 400_000,
    b"[" * 1_000_000 + b"]" * 1_000_000,
    json.dumps(a_run(model="a\0b")).encode(),
    json.dumps(a_run(model="line\n")).encode(),
    json.dumps(a_run(model="m" * 1_000_000)).encode(),
    json.dumps(a_run(started_at="0001-01-01T00:00:00+14:00")).encode(),
    json.dumps(a_run(tasks=[{}] * 20_001)).encode(),
]


@pytest.mark.parametrize(
    ("status", "body"),
    [*((400, body) for body in BROKEN), *((422, body) for body in STRANGE)],
    ids=lambda value: repr(value)[:24],
)
def test_a_hostile_body_gets_a_verdict_and_a_row(patient, status, body):
    before = len(patient.rows("1"))
    answer = patient.post(content=body)
    row = patient.rows()[-1]
    assert answer.status_code == status, answer.text
    assert answer.json() == {
        "error": "broken_json" if status == 400 else "refused",
        "check": "schema",
        "problem": row["problem"],
        "submission_no": before + 1,
    }
    assert (row["submission_no"], row["schema_verdict"]) == (before + 1, "invalid")
    assert len(row["problem"]) < 400 and row["problem"].isprintable()
    assert patient.is_up()


def test_what_looks_like_an_attack_is_a_text_like_any_other(patient):
    script = "<script>alert(1)</script>"
    [task] = a_run()["tasks"]
    sent = a_run(nickname=script, lab=True, tasks=[{**task, "output": "null \0 byte"}])
    answer = patient.post(sent)
    assert answer.status_code == 202
    row = patient.rows()[-1]
    assert (row["nickname"], row["is_lab"], row["signed_by"]) == (script, False, None)
    [kept] = json.loads(row["tasks"])
    texts = texts_of(patient.ledger.bodies, [kept["output_sha256"]])
    assert texts == {kept["output_sha256"]: "null \0 byte"}


@pytest.mark.parametrize("reference", ["../../../../etc/passwd", "/etc/passwd", "beside.txt"])
def test_no_transcript_is_looked_for(patient, reference):
    [task] = a_run()["tasks"]
    answer = patient.post(a_run(tasks=[{**task, "transcript": reference}]))
    assert (answer.status_code, answer.json()["check"]) == (422, "schema")
    assert "$.tasks[0].transcript" in answer.json()["problem"]


def test_of_a_key_that_stands_there_twice_the_last_one_counts(patient):
    twice = json.dumps(a_run(model="last")).replace('"model"', '"model": "first", "model"')
    assert patient.post(content=twice.encode()).status_code == 202
    assert patient.rows()[-1]["model"] == "last"
    assert patient.post(content=twice.encode()).status_code == 409


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["", "\0", "\ud800", "../../etc/passwd", "<b>", "9999-12-31T23:59:59-14:00"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_run_that_was_changed_anywhere_gets_a_verdict_and_a_row(patient, data):
    run = a_run(
        agent={"tui": "t", "plugin_stack": ["a"]},
        load={"profile": "p", "calls": [{"latency_s": 1.0}]},
        harness={"name": "h"},
        pack={"pack": "p", "sha256": "0" * 64},
    )
    for _ in range(data.draw(st.integers(1, 3))):
        part = run
        while True:
            places = list(part) if isinstance(part, dict) else list(range(len(part)))
            place = data.draw(st.sampled_from(places))
            if isinstance(part[place], dict | list) and part[place] and data.draw(st.booleans()):
                part = part[place]
                continue
            break
        if data.draw(st.booleans()):
            part[place] = data.draw(VALUES)
        elif isinstance(part, dict):
            part[data.draw(st.text(max_size=5))] = data.draw(VALUES)
        else:
            part.append(data.draw(VALUES))
    before = len(patient.rows("1"))
    answer = patient.post(content=json.dumps(run).encode())
    row = patient.rows()[-1]
    assert row["submission_no"] == before + 1 == answer.json()["submission_no"]
    assert row["is_accepted"] == (answer.status_code == 202)
    assert row["is_lab"] is False
    if answer.status_code != 202:
        assert answer.status_code in (400, 409, 422)
        assert answer.json()["problem"] == row["problem"]
        check = answer.json()["check"]
        assert row[f"{check}_verdict"] not in ("valid", "new", "no_pack", "unsigned", None)
    assert patient.is_up()


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/runs", 405, "POST"),
        ("DELETE", "/runs", 405, "POST"),
        ("OPTIONS", "/runs", 405, "POST"),
        ("HEAD", "/health", 405, "GET"),
        ("POST", "/health", 405, "GET"),
        ("POST", "/schema", 405, "GET"),
        ("BREW", "/schema", 405, "GET"),
        ("GET", "/", 404, None),
        ("POST", "/runs/", 404, None),
        ("GET", "/runs/../ledger.duckdb", 404, None),
        ("GET", "/%2e%2e/ip.key", 404, None),
        ("GET", "/docs", 404, None),
        ("GET", "/runs%00", 404, None),
    ],
)
def test_there_is_nothing_else(patient, method, path, status, allow):
    answer = patient.client.request(method, path)
    assert (answer.status_code, answer.headers.get("allow")) == (status, allow)
    assert answer.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert set(answer.json()) == {"error", "problem"}


def test_the_schema_is_that_of_a_run(patient):
    answer = patient.client.get("/schema")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json() == json.loads(json.dumps(run_schema()))
    jsonschema.validate(a_run(), answer.json())


class Brute:
    """The rate limits once more: tries each second until one would be let in."""

    LAYERS = (
        ("ip", lambda who: who[0], 4, 60),
        ("nickname", lambda who: who[1], 9, 300),
        ("nickname_model", lambda who: who[1:], 2, 45),
    )

    def __init__(self):
        self.accepted = []

    def answer(self, at, who):
        waits = {}
        for layer, key, limit, window in self.LAYERS:
            mine = [then for then, other in self.accepted if key(other) == key(who)]
            wait = 0
            while sum(at + wait - then < window for then in mine) >= limit:
                wait += 1
            if wait:
                waits[layer] = (wait, limit, window)
        if not waits:
            self.accepted.append((at, who))
            return None
        longest = max(wait for wait, _, _ in waits.values())
        layer = next(layer for layer, (wait, _, _) in waits.items() if wait == longest)
        return (layer, list(waits), waits[layer][1], waits[layer][2], longest)


@pytest.mark.parametrize("seed", [1, 2])
def test_answers_ledger_warehouse_and_brute_force_agree(tmp_path, seed):
    chance, brute = random.Random(seed), Brute()
    layers = tuple(
        Layer(layer=layer, key=key, limit=limit, window_s=window, applies_to_files=False)
        for (layer, _, limit, window), key in zip(
            Brute.LAYERS, [("ip",), ("nickname",), ("nickname", "model")], strict=True
        )
    )
    rules = replace(RULES, limits=Limits(layers))
    expected, answers, accepted, seconds = [], [], [], 0
    with posting(tmp_path / "runs", rules=rules, trusted_proxies=1) as intake:
        for _ in range(200):
            seconds += chance.choice([0, 0, 1, 2, 5, 20])
            intake.now = NOW + timedelta(seconds=seconds)
            kind = chance.random()
            who = tuple(f"{name}{chance.randrange(3)}" for name in ("192.0.2.", "n", "m"))
            run = a_run(nickname=who[1], model=who[2])
            if kind < 0.1:
                run, verdict = a_run(nickname=7), (422,)
            elif kind < 0.2 and accepted:
                run, verdict = chance.choice(accepted), (409,)
            else:
                limited = brute.answer(seconds, who)
                verdict = (202,) if limited is None else (429, *limited)
                if limited is None:
                    accepted.append(run)
            expected.append(verdict)
            answers.append(intake.post(run, ip=who[0]))
        rows = landed(intake, tmp_path)
    names = ("layer", "layers_fired", "limit", "window_s", "retry_after_s")
    said = [
        (answer.status_code, *(answer.json()[name] for name in names if answer.status_code == 429))
        for answer in answers
    ]
    assert said == expected
    assert {verdict[0] for verdict in expected} == {202, 409, 422, 429}
    columns = ("limit_layer", "layers_fired", "attempt_limit", "window_s", "retry_after_s")
    assert len(rows) == len(answers)
    for number, (row, answer) in enumerate(zip(rows, answers, strict=True), 1):
        content = answer.json()
        assert content["submission_no"] == row["submission_no"] == number
        assert row["is_accepted"] == (answer.status_code == 202)
        if answer.status_code == 429:
            assert [row[column] for column in columns] == [content[name] for name in names]
            assert datetime.fromisoformat(content["at"]) == row["received_at"].replace(tzinfo=UTC)
            assert answer.headers["retry-after"] == str(row["retry_after_s"])
        elif answer.status_code == 202:
            assert content["run_sha256"] == row["run_sha256"]
            for check, said_of_it in content["checks"].items():
                assert row[f"{check}_verdict"] == said_of_it
        else:
            assert row["problem"] == content["problem"]
            assert row["duplicate_of"] == content.get("duplicate_of")


def test_of_forty_at_once_exactly_the_limit_is_accepted(intake):
    runs = [a_run(model=f"m{place}") for place in range(40)]
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda run: intake.post(run, ip="192.0.2.1"), runs))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(202), statuses.count(429)) == (20, 20)
    assert sorted(answer.json()["submission_no"] for answer in answers) == list(range(1, 41))
    assert [row["is_accepted"] for row in intake.rows()] == [True] * 20 + [False] * 20


def test_forty_of_the_same_run_are_one(intake):
    run = a_run()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: intake.post(run), range(40)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(202), statuses.count(409)) == (1, 39)


FILES = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from loaders.runs.intake import Handed, read_rules, take_in
from loaders.runs.ledger import Ledger
rules = read_rules(Path(sys.argv[1]))
for line in sys.stdin.buffer:
    handed = Handed(origin="file.json", route="file", data=line)
    [row] = take_in(Ledger(Path(sys.argv[2])), [handed], rules, now=datetime(2026, 5, 7, 12, tzinfo=UTC))
    assert row.is_accepted, row
"""


def test_files_and_posts_at_once_lose_nothing(patient, tmp_path):
    before = len(patient.rows("1"))
    lines = [json.dumps(a_run(nickname="files")).encode() + b"\n" for _ in range(15)]
    runs = [a_run(nickname="posts") for _ in range(15)]
    with subprocess.Popen(
        [sys.executable, "-c", FILES, str(PROJECT), str(patient.folder)],
        stdin=subprocess.PIPE,
        cwd=PROJECT,
    ) as files:
        sender = threading.Thread(target=files.communicate, args=(b"".join(lines),))
        sender.start()
        with ThreadPoolExecutor(5) as pool:
            answers = list(pool.map(patient.post, runs))
        sender.join()
    assert files.returncode == 0
    assert {answer.status_code for answer in answers} == {202}
    rows = patient.rows("submission_no, route, is_accepted")[before:]
    assert [row["submission_no"] for row in rows] == list(range(before + 1, before + 31))
    assert [row["route"] for row in rows].count("file") == 15
    assert all(row["is_accepted"] for row in rows)
    texts = [run["tasks"][0]["output"] for run in [*map(json.loads, lines), *runs]]
    kept = texts_of(patient.ledger.bodies, [sha256_of(text) for text in texts])
    assert sorted(kept.values()) == sorted(texts)


def test_a_file_and_a_post_of_one_run_get_one_verdict(patient):
    run = a_run(nickname="both")
    data = json.dumps(run).encode()
    [row] = take_in(
        patient.ledger, [Handed(origin="f", route="file", data=data)], WIDE, now=patient.now
    )
    assert row.is_accepted
    assert patient.post(run).json()["run_sha256"] == row.run_sha256
    assert patient.rows()[-1]["duplicate_verdict"] == "duplicate"


def test_texts_and_addresses_are_not_in_the_ledger(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    word = "sentinel-of-a-body"
    with posting(tmp_path / "runs", trusted_proxies=1) as intake:
        [task] = a_run()["tasks"]
        texts = {name: f"{word} {name}" for name in ("prompt", "output", "error")}
        graded = {**task, **texts, "passed": False, "grader": {"kind": "rubric", "rubric": word}}
        answer = intake.post(a_run(model="seen-model", tasks=[graded]), ip="203.0.113.77")
        assert answer.status_code == 202
        assert intake.post(a_run(nickname=3, model=word), ip="203.0.113.77").status_code == 422
        assert intake.client.get("/health?token=sentinel-of-a-query").is_success
        hashes = {row["ip_hash"] for row in intake.rows()}
        assert texts_of(intake.ledger.bodies, [sha256_of(texts["prompt"])])
    assert hashes == {hash_address("203.0.113.77", address_key(intake.folder))}
    data = intake.ledger.file.read_bytes()
    assert b"seen-model" in data
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"203.0.113" not in path.read_bytes(), path
    assert word.encode() not in data
    # The client of this test has logs of its own.
    log = [line for line in caplog.record_tuples if not line[0].startswith("http")]
    said = " ".join(text for _, _, text in log)
    assert "POST /runs 202" in said and "GET /health 200" in said
    assert "203.0.113" not in said and "127.0.0.1" not in said
    assert "sentinel" not in said


def asked(*forwarded, peer="198.51.100.9"):
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    client = (peer, 1) if peer else None
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, ("192.0.2.1",), "198.51.100.9"),
        (1, (), "198.51.100.9"),
        (1, ("192.0.2.1",), "192.0.2.1"),
        (1, ("6.6.6.6, 192.0.2.1",), "192.0.2.1"),
        (2, ("6.6.6.6, 192.0.2.1, 10.0.0.1",), "192.0.2.1"),
        (2, ("6.6.6.6, 192.0.2.1", "10.0.0.1"), "192.0.2.1"),
        (2, ("192.0.2.1",), "198.51.100.9"),
        (1, ("192.0.2.1, <script>",), "198.51.100.9"),
        (1, ("192.0.2.1,",), "198.51.100.9"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_alone(proxies, forwarded, address):
    assert hash_address(client_address(asked(*forwarded), proxies), b"k") == hash_address(
        address, b"k"
    )


def test_an_address_is_counted_as_what_one_owner_has():
    def of(text):
        return hash_address(text, b"k")

    assert (
        of("2001:db8:1:2::1") == of("2001:db8:1:2:ffff:ffff:ffff:ffff") == of("[2001:db8:1:2::]:80")
    )
    assert of("2001:db8:1:2::1") != of("2001:db8:1:3::1")
    assert of("192.0.2.1") == of("::ffff:192.0.2.1") == of(" 192.0.2.1:4000 ") != of("192.0.2.2")
    assert of("fe80::1%eth0") == of("fe80::2")
    assert of(None) == of("unix:") != of("0.0.0.0")  # noqa: S104
    assert of("192.0.2.1") != hash_address("192.0.2.1", b"other")
    assert re.fullmatch("[0-9a-f]{64}", of("192.0.2.1"))


def test_a_forwarded_address_is_ignored_without_the_option(tmp_path):
    with posting(tmp_path / "runs") as intake:
        for place in range(3):
            assert intake.post(ip=f"192.0.2.{place}").status_code == 202
        assert {row["ip_hash"] for row in intake.rows()} == {
            hash_address("127.0.0.1", address_key(intake.folder))
        }


def test_the_key_of_addresses_is_made_once_and_for_one_reader(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: address_key(tmp_path / "runs"), range(8)))
    [key] = keys
    path = tmp_path / "runs" / "ip.key"
    assert (len(key), path.stat().st_mode & 0o777) == (32, 0o600)
    assert [entry.name for entry in path.parent.iterdir()] == ["ip.key"]
    path.chmod(0o640)
    with pytest.raises(LedgerUnusable, match="others may read it"):
        address_key(path.parent)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(LedgerUnusable, match="is no key") as caught:
        address_key(path.parent)
    assert "short" not in str(caught.value)


def test_a_ledger_that_cannot_be_used_is_said_and_nothing_is_lost_silently(intake, caplog):
    assert intake.post().status_code == 202
    good = intake.folder / "good"
    shutil.move(intake.ledger.file, good)
    intake.ledger.file.write_bytes(b"no database " * 1000)
    run = a_run()
    answer = intake.post(run)
    assert answer.status_code == 503
    assert answer.json() == {
        "error": "ledger_unusable",
        "problem": "The ledger cannot be used now. Nothing was taken in: send the run again.",
    }
    assert answer.headers["retry-after"] == "60"
    assert sha256_of(json.dumps(run)) in caplog.text
    assert intake.is_up()
    shutil.move(good, intake.ledger.file)
    assert intake.post(run).status_code == 202
    assert len(intake.rows()) == 2


@pytest.mark.parametrize("place", ["take_in_numbered", "_media_fault"])
def test_a_fault_of_its_own_shows_no_trace(intake, monkeypatch, caplog, place):
    def fail(*_, **__):
        raise ZeroDivisionError("a secret of the run")

    monkeypatch.setattr(endpoint, place, fail)
    answer = intake.post()
    assert (answer.status_code, answer.json()["error"]) == (500, "internal_error")
    assert "secret" not in answer.text + caplog.text and "ZeroDivision" not in answer.text
    assert "ZeroDivisionError at test_endpoint.py" in caplog.text
    monkeypatch.undo()
    assert intake.post().status_code == 202


HEAD = b"POST /runs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"


def test_slow_and_lying_clients_are_let_go(tmp_path):
    bounds = Bounds(body_s=0.4, head_s=0.4, keep_alive_s=1, connections=8)
    with posting(tmp_path / "runs", bounds=bounds) as intake:
        started = time.monotonic()
        assert intake.raw() == b""
        assert intake.raw(HEAD) == b""
        assert intake.raw(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /", wait=0.1) != b""
        for body in (b"", b'{"format"'):
            slow = intake.raw(HEAD + b"Content-Length: 500\r\n\r\n" + body)
            assert slow.startswith(b"HTTP/1.1 408") and b"connection: close" in slow
        drips = [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 20]
        assert b" 408 " in intake.raw(*drips, wait=0.05)
        assert time.monotonic() - started < 8
        assert intake.rows() == []
        data = json.dumps(a_run()).encode()
        short = intake.raw(HEAD + b"Content-Length: 20\r\n\r\n" + data)
        assert short.startswith(b"HTTP/1.1 400") and b"broken_json" in short
        for garbage in (
            b"\x00" * 1000,
            b"\x16\x03\x01" + bytes(range(256)),
            b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /runs HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
            HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}",
            HEAD + b"Transfer-Encoding: gzip\r\n\r\n{}",
            HEAD + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        ):
            answer = intake.raw(garbage)
            assert b" 202 " not in answer and b"Traceback" not in answer
        idle = [socket.create_connection(("127.0.0.1", intake.port)) for _ in range(8)]
        intake.client.close()
        intake.client = httpx.Client(base_url=f"http://127.0.0.1:{intake.port}")
        assert intake.client.get("/health").status_code == 503
        time.sleep(0.6)
        assert intake.is_up()
        for one in idle:
            one.close()
        assert intake.post().status_code == 202


def test_a_client_that_goes_away_leaves_its_row(intake):
    data = json.dumps(a_run()).encode()
    with socket.create_connection(("127.0.0.1", intake.port)) as client:
        client.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(data) + data)
    with socket.create_connection(("127.0.0.1", intake.port)) as client:
        client.sendall(HEAD + b"Content-Length: 9\r\n\r\n{")
    deadline = time.monotonic() + 10
    while not intake.rows() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert intake.post(content=data).json()["duplicate_of"] == 1
    assert len(intake.rows()) == 2


def test_the_command_serves_until_it_is_stopped(tmp_path):
    runs = tmp_path / "runs"
    with subprocess.Popen(
        [sys.executable, "-m", "benchmart", "serve-intake", "--port", "0", "--runs", str(runs)],
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            port = int(re.search(r"http://127\.0\.0\.1:(\d+)/runs", process.stderr.readline())[1])
            answer = httpx.post(f"http://127.0.0.1:{port}/runs?secret=1", json=a_run(), timeout=30)
            assert answer.status_code == 202
            with pytest.raises(AddressTaken, match=f"127.0.0.1 port {port}: cannot be listened on"):
                listening("127.0.0.1", port)
        finally:
            process.send_signal(signal.SIGTERM)
            log = process.stderr.read()
        process.wait(20)
    assert process.returncode == -signal.SIGTERM
    assert "POST /runs 202" in log and "secret" not in log and "Traceback" not in log
    assert (runs / "ip.key").stat().st_mode & 0o777 == 0o600


def test_without_the_extra_the_command_says_what_to_install():
    code = (
        "import sys; sys.modules['starlette'] = None; sys.argv = ['benchmart', 'serve-intake'];"
        "from benchmart.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "benchmart[endpoint]" in done.stderr and "Traceback" not in done.stderr
