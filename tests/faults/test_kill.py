"""A run that dies at any moment leaves the old board or the new one, and the next run succeeds.

    BENCHMART_KILLS=48 pytest -n0 tests/faults/test_kill.py     (`make kills`)

kills that many whole runs; without it four are killed, one in every part of a run but the first.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from loaders.cache import Cache
from loaders.registry import SOURCES
from tests.conftest import KILL, ROWS, copy_project
from tests.faults.live import Live
from tests.loaders.conftest import body_of
from tests.loaders.upstreams import play

KILLS = int(os.environ.get("BENCHMART_KILLS", "4"))
# When the part of a run begins, as seen from outside, and how long after that the kill may come.
PARTS = {
    "land": ("build/next/benchmart.duckdb", 0.8),
    "build": ("build/next/benchmart.duckdb", 7.0),
    "render": ("out/.staged/scoreboard.toml", 1.2),
    "publish": ("out/.staged/board.json", 0.1),
    "fetch": (None, 2.0),
    "any": (None, 14.0),
}


@pytest.fixture(scope="module")
def live(server, module_folder):
    live = Live(copy_project(module_folder("killed") / "benchmart"), server)
    outcome = live.run("all")
    assert outcome.returncode == 0, outcome.stderr
    yield live


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def another_gso(ordinal):
    """The recorded board with one figure of its own for every round."""
    document = json.loads(body_of("gso"))
    document["models"][0]["score_hack_control"] = 10 + ordinal / 100
    return json.dumps(document).encode()


def look(live):
    """Which board is published, from which payload of GSO, and how many rows its marts have."""
    with duckdb.connect(str(live.checkout.database), read_only=True) as connection:
        [(board, fingerprint)] = connection.execute(
            "select board_id, fingerprint from marts.board"
        ).fetchall()
        [(payload,)] = connection.execute(
            "select payload_sha256 from marts.dim_sources where source_key = 'gso'"
        ).fetchall()
        [(raw,)] = connection.execute(
            "select arg_max(payload_sha256, fetch_ordinal) from raw.fetches where source_key = 'gso'"
        ).fetchall()
        [(figure,)] = connection.execute(
            "select raw_value from marts.fct_metric_scores where metric_key = 'GSO'"
            " and model_id = 'anthropic/claude-opus-4.7'"
        ).fetchall()
        counts = connection.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts'"
            " and table_name not like 'audit%' order by all"
        ).fetchall()
    assert payload == raw, "raw and marts are of different runs"
    return board, fingerprint, payload, figure, counts


@pytest.mark.parametrize("ordinal", range(KILLS))
def test_a_killed_run_leaves_a_whole_board(live, ordinal, record_property):
    part = list(PARTS)[ordinal % len(PARTS)]
    trigger, longest = PARTS[part]
    generator = random.Random(f"{ordinal} of {os.environ.get('BENCHMART_KILL_SEED', '1')}")
    root = live.checkout.root
    old, old_hash = look(live), sha256(live.checkout.database)
    body, kept = another_gso(ordinal), Cache(root / "cache").read("gso.json").body
    live.server.script = lambda request, nth: play(request, {"gso": body})
    process = subprocess.Popen(
        live.command("all", "--refresh", ",".join(ROWS)),
        cwd=root,
        env=live.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while trigger and not (root / trigger).exists() and process.poll() is None:
        time.sleep(0.001)
    time.sleep(generator.uniform(0, longest))
    left = "had ended" if process.poll() is not None else "was killed"
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert not live.checkout.database.with_suffix(".duckdb.wal").exists()
    found = look(live)
    is_old = sha256(live.checkout.database) == old_hash
    if is_old:
        assert found == old
    else:
        assert found[2] == hashlib.sha256(body).hexdigest()
        assert found[3] == 10 + ordinal / 100
        assert found[4] == old[4] and found[0] != old[0]
    cache = Cache(root / "cache")
    assert all(cache.read(source.file) is not None for source in SOURCES)
    outcome = live.run("all")
    assert outcome.returncode == 0, outcome.stderr
    manifest = json.loads((root / "out/board.json").read_text("utf-8"))
    assert manifest["board_id"] == look(live)[0]
    for name, digest in manifest["files"].items():
        assert sha256(root / "out" / name) == digest
    assert cache.read("gso.json").body in (body, kept)
    record_property(KILL, (part, f"{left}, {'old' if is_old else 'new'} board"))


LOOP = """
import shutil, sys, time
from pathlib import Path
from benchmart.publishing import publish_database, publish_outputs
boards, target = [Path(name) for name in sys.argv[1:3]], Path(sys.argv[3])
print("ready", flush=True)
for turn in range(int(sys.argv[4])):
    board = boards[turn % 2]
    shutil.copyfile(board / "benchmart.duckdb", target / "next.duckdb")
    shutil.rmtree(target / "out" / ".staged", ignore_errors=True)
    shutil.copytree(board / "out", target / "out" / ".staged")
    publish_database(target / "next.duckdb", target / "warehouse" / "benchmart.duckdb")
    publish_outputs(target / "out" / ".staged", target / "out")
    time.sleep(0.03)
"""


@pytest.fixture(scope="module")
def two_boards(module_folder):
    """Two small boards, each with a database and outputs that say which one it is."""
    folder = module_folder("boards")
    for name in ("one", "two"):
        (folder / name / "out" / "site" / "m").mkdir(parents=True)
        for file in ("board.json", "scoreboard.toml", "site/index.html", "site/m/a.html"):
            (folder / name / "out" / file).write_text(name, encoding="utf-8")
        with duckdb.connect(str(folder / name / "benchmart.duckdb")) as connection:
            for table in ("board", "scores", "models"):
                connection.execute(
                    f"create table {table} as select '{name}' as board from range(20000)"
                )
    return folder


def publishing(two_boards, target, turns):
    (target / "warehouse").mkdir(exist_ok=True)
    (target / "out").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", LOOP, two_boards / "one", two_boards / "two", target, str(turns)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_forty_kills_while_publishing(two_boards, tmp_path, record_property):
    known = {sha256(two_boards / name / "benchmart.duckdb"): name for name in ("one", "two")}
    generator = random.Random(7)
    met: Counter[str] = Counter()
    for _ in range(40):
        process = publishing(two_boards, tmp_path, 1000)
        assert process.stdout.readline() == "ready\n"
        time.sleep(generator.uniform(0.01, 0.25))
        process.kill()
        process.wait()
        process.stdout.close()
        database = tmp_path / "warehouse" / "benchmart.duckdb"
        if database.exists():
            met[known[sha256(database)]] += 1
    assert met["one"] > 4 and met["two"] > 4
    last = publishing(two_boards, tmp_path, 1)
    assert last.wait() == 0
    last.stdout.close()
    names = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {path.read_text("utf-8") for path in names} == {"one"} and len(names) == 4
    record_property(KILL, ("publish alone, 40 times", f"{dict(met)}, never a mixture"))


def test_a_reader_never_meets_a_mixture(two_boards, tmp_path, record_property):
    process = publishing(two_boards, tmp_path, 100)
    assert process.stdout.readline() == "ready\n"
    database = tmp_path / "warehouse" / "benchmart.duckdb"
    met: Counter[str] = Counter()
    page = tmp_path / "out" / "site" / "m" / "a.html"
    while not page.exists():
        assert process.poll() is None
    while process.poll() is None:
        # A page is never missing, also between two boards.
        assert page.read_text("utf-8") in ("one", "two")
        with duckdb.connect(str(database), read_only=True) as connection:
            boards = [
                connection.execute(
                    f"select min(board), max(board), count(*) from {table}"
                ).fetchone()
                for table in ("board", "scores", "models")
            ]
        [(low, high, count)] = set(boards)
        assert low == high and count == 20000
        met[low] += 1
    process.stdout.close()
    assert process.returncode == 0
    assert met["one"] > 20 and met["two"] > 20, met
    record_property(KILL, ("a reader during 100 publishes", f"{dict(met)}, never a mixture"))
