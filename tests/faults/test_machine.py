"""The machine misbehaves: no room, no access, a clock set back, a cache from elsewhere, two runs."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import ROWS, copy_project
from tests.faults.live import Live
from tests.faults.test_kill import another_gso
from tests.loaders.upstreams import play

# Runs in a file system of its own: copies the checkout there, leaves so many bytes, runs, and tells
# what became of the published files.
FULL_DISK = """
import hashlib, json, os, shutil, subprocess, sys
from pathlib import Path
checkout, room, free, *command = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", room], check=True)
root = Path(room) / "benchmart"
shutil.copytree(checkout, root)
def published():
    files = [root / "warehouse/benchmart.duckdb", *sorted((root / "out").rglob("*"))]
    return {
        str(f): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in files
        if f.is_file() and ".staged" not in f.parts
    }
def left():
    state = os.statvfs(room)
    return state.f_bavail * state.f_frsize
before = published()
with open(Path(room) / "filler", "wb") as filler:
    while left() > int(free):
        filler.write(bytes(min(2**20, left() - int(free))))
        filler.flush()
environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
said = {"code": run.returncode, "stdout": run.stdout, "stderr": run.stderr}
said["is_unchanged"] = published() == before
os.unlink(Path(room) / "filler")
if int(free) < 2**20:
    # One of the cases is enough to see that the run goes through when there is room.
    again = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    said["again"], said["why"] = again.returncode, again.stderr
print(json.dumps(said))
"""
# Drops what lets root write where nobody may; other people have not got it anyway.
NO_PRIVILEGE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@pytest.fixture(scope="module")
def board(server, module_folder):
    live = Live(copy_project(module_folder("machine") / "benchmart"), server)
    outcome = live.run("all")
    assert outcome.returncode == 0, outcome.stderr
    yield live


@pytest.fixture
def live(board, lay_out):
    """A copy that a test may change; GSO has something new to say."""
    body = another_gso(7)
    board.server.script = lambda request, nth: play(request, {"gso": body})
    return Live(lay_out(board.checkout), board.server)


def published(root):
    files = [root / "warehouse/benchmart.duckdb", *sorted((root / "out").rglob("*"))]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file() and ".staged" not in path.parts
    }


def is_one_message(text, *words):
    lines = [line for line in text.splitlines() if not line.startswith(("imported:", "warning:"))]
    assert lines and lines[0].startswith("benchmart: "), text
    assert "Traceback" not in text and not [word for word in words if word not in text], text
    return True


@pytest.mark.parametrize(
    ("boards", "words"),
    [
        (0, "gso.json: the cache cannot be used (No space left on device)"),
        (0.5, "No space left on device"),
        (1.05, "benchmart: "),
    ],
    ids=["fetching", "copying", "building"],
)
def test_a_full_disk_loses_nothing(live, tmp_path, boards, words):
    free = int(live.checkout.database.stat().st_size * boards)
    room = tmp_path / "room"
    room.mkdir()
    alone = ["unshare", "--user", "--map-root-user", "--mount"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lends no file system of its own to a test")
    command = live.command("all", "--refresh", "gso")
    outcome = subprocess.run(
        [*alone, sys.executable, "-c", FULL_DISK, live.checkout.root, room, str(free), *command],
        env=live.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    said = json.loads(outcome.stdout)
    assert said["code"] == 1 and said["is_unchanged"], said
    assert is_one_message(said["stderr"], words)
    # With room again, the same run goes through.
    assert said.get("again", 0) == 0, said


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        ("cache", ("gso.json: the cache cannot be used (Permission denied)",)),
        ("build", ("build/lock: Permission denied",)),
        ("warehouse", ("warehouse/benchmart.duckdb: Permission denied",)),
        ("out", ("out/.staged: Permission denied",)),
    ],
)
def test_a_folder_that_cannot_be_written_is_named(live, folder, words):
    if os.geteuid() == 0 and shutil.which(NO_PRIVILEGE[0]) is None:
        pytest.skip("root may write everywhere, and there is no setpriv to change that")
    place = live.checkout.root / folder
    before = published(live.checkout.root)
    if folder == "build":
        (place / "lock").unlink()
    place.chmod(stat.S_IRUSR | stat.S_IXUSR)
    outcome = subprocess.run(
        [*(NO_PRIVILEGE if os.geteuid() == 0 else ()), *live.command("all", "--refresh", "gso")],
        cwd=live.checkout.root,
        env=live.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    place.chmod(stat.S_IRWXU)
    assert outcome.returncode == 1 and is_one_message(outcome.stderr, *words)
    assert published(live.checkout.root) == before


def test_a_clock_set_back_makes_no_answer_fresh_for_ever(live):
    sidecar = live.checkout.root / "cache" / "gso.json.meta.json"
    stated = json.loads(sidecar.read_text("utf-8"))
    to_come = datetime.now(UTC) + timedelta(days=400)
    sidecar.write_text(json.dumps({**stated, "fetched_at": to_come.isoformat()}), encoding="utf-8")
    # The board of that day holds the answer of that day; then the clock is put right.
    assert live.run("all", "--offline", "--now", to_come.isoformat()).returncode == 0
    outcome = live.run("all")
    assert outcome.returncode == 0, outcome.stderr
    assert [request.url.host for request in live.server.asked] == ["gso-bench.github.io"]
    assert live.checkout.query(
        "select raw_value, fetched_at < now() from marts.fct_metric_scores"
        " where metric_key = 'GSO' and model_id = 'anthropic/claude-opus-4.7'"
    ) == [(10.07, True)]


def test_a_cache_from_elsewhere_is_as_old_as_its_sidecars_say(live, tmp_path):
    live.server.script = lambda request, nth: play(request)
    restored = tmp_path / "restored"
    shutil.copytree(live.checkout.root / "cache", restored)
    for ordinal, path in enumerate(sorted(restored.iterdir())):
        moment = (0, 2**31 - 1)[ordinal % 2]
        os.utime(path, (moment, moment))
    shutil.rmtree(live.checkout.root / "cache")
    outcome = live.run("all", "--cache", str(restored))
    assert outcome.returncode == 0, outcome.stderr
    assert live.server.asked == [] and "Nothing changed" in outcome.stdout
    for path in restored.glob("*.meta.json"):
        stated = json.loads(path.read_text("utf-8"))
        stated["fetched_at"] = (datetime.now(UTC) - timedelta(days=8)).isoformat()
        path.write_text(json.dumps(stated), encoding="utf-8")
    assert live.run("all", "--cache", str(restored)).returncode == 0
    assert live.statuses() == dict.fromkeys(ROWS, "verified")
    assert len({request.url.host for request in live.server.asked}) == 12


def test_of_two_runs_at_once_one_leaves_with_a_message(live):
    started = [
        subprocess.Popen(
            live.command("all", "--refresh", "gso"),
            cwd=live.checkout.root,
            env=live.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[1] for process in started]
    codes = [process.returncode for process in started]
    assert sorted(codes) == [0, 1]
    assert is_one_message(said[codes.index(1)], "build/lock: another benchmart run is at work here")
    manifest = json.loads((live.checkout.root / "out/board.json").read_text("utf-8"))
    assert live.checkout.query("select board_id from marts.board") == [(manifest["board_id"],)]
    for name, digest in manifest["files"].items():
        body = (live.checkout.root / "out" / name).read_bytes()
        assert hashlib.sha256(body).hexdigest() == digest
