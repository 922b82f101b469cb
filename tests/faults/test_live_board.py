"""The command meets the network: a board from it, what becomes of it when sources fail."""

import hashlib
import itertools
import json
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import httpx
import pytest

from loaders.registry import SOURCES
from tests.conftest import ROWS, copy_project
from tests.faults.live import KEYS, Live
from tests.faults.server import Drip, cut_short, reset
from tests.faults.test_faults import FAULTS
from tests.loaders.upstreams import play, source_of

ALL = ",".join(ROWS)
# One a source, none of which needs a wait: eighteen ways to fail in one run.
QUICK = [
    name
    for name, fault in FAULTS.items()
    if fault.ends == "stale" and "drip" not in name and "MiB" not in name and "bomb" not in name
]


def healthy(request, nth):
    return play(request)


def files(root):
    """Hash of everything that was published."""
    found = [root / "warehouse/benchmart.duckdb", *sorted((root / "out").rglob("*"))]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()
    }


def failing(*keys):
    """Upstreams of which some are gone."""

    def script(request, nth):
        return httpx.Response(404) if source_of(str(request.url)) in keys else play(request)

    return script


@pytest.fixture(scope="module")
def board(server, module_folder):
    """A checkout with a board from the network; tests read it and never change it."""
    checkout = copy_project(module_folder("live") / "benchmart")
    live = Live(checkout, server)
    server.script = healthy
    outcome = live.run("all")
    assert outcome.returncode == 0, outcome.stderr
    return live


@pytest.fixture
def live(board, lay_out):
    """A copy of it that a test may change, with upstreams in good health."""
    board.server.script = healthy
    return Live(lay_out(board.checkout), board.server)


def test_the_board_comes_from_the_network(board, published):
    assert board.statuses() == dict.fromkeys(ROWS, "verified")
    rows = board.checkout.query(
        "select source_key, n_rows_ingested from marts.dim_sources where source_key <> 'overrides'"
    )
    assert dict(rows) == ROWS
    query = "select model_id, role_key, score from marts.fct_role_scores order by all"
    # Payloads of several requests are wrapped otherwise than their recordings, and say the same.
    assert board.checkout.query(query) == published.query(query)


def test_inside_the_time_to_live_nothing_is_asked_and_nothing_imported(live):
    before = files(live.checkout.root)
    outcome = live.run("all", keys={})
    assert outcome.returncode == 0, outcome.stderr
    assert live.server.asked == []
    assert "Nothing changed" in outcome.stdout
    assert outcome.stderr.splitlines()[-1] == "imported:"
    assert files(live.checkout.root) == before


def test_sources_that_fail_turn_stale_and_change_nothing(live):
    scores, rotations = live.scores(), []
    kept = {path.name: path.read_bytes() for path in (live.checkout.root / "cache").iterdir()}
    for turn in range(2):
        chosen = itertools.islice(itertools.cycle(QUICK), turn * 7, None)
        faults = dict(zip(ROWS, chosen, strict=False))
        for key in ROWS:
            while FAULTS[faults[key]].status_of(key) != "stale":
                faults[key] = next(chosen)
        rotations.append(faults)
        live.server.script = lambda request, nth, faults=faults: FAULTS[
            faults[key := source_of(str(request.url))]
        ].answer(key, request, nth)
        before = files(live.checkout.root)
        outcome = live.run("all", "--refresh", ALL)
        assert outcome.returncode == 0, outcome.stderr
        assert live.statuses() == dict.fromkeys(ROWS, "stale")
        assert live.scores() == scores
        for key in ROWS:
            assert f"warning: {key} is stale: " in outcome.stderr, outcome.stderr
        if turn == 1:
            assert "Nothing changed" in outcome.stdout
            assert files(live.checkout.root) == before
    assert len({name for faults in rotations for name in faults.values()}) >= 15
    assert {
        path.name: path.read_bytes() for path in (live.checkout.root / "cache").iterdir()
    } == kept
    strict = live.run("all", "--refresh", ALL, "--strict")
    assert strict.returncode == 1
    page = (live.checkout.root / "out/site/index.html").read_text("utf-8")
    assert "18 stale" in page and 'href="sources.html#sonar"' in page
    document = tomllib.loads((live.checkout.root / "out/scoreboard.toml").read_text("utf-8"))
    assert document["sources"]["sonar"]["status"] == "stale"
    assert document["sources"]["sonar"]["problem"]


def test_a_source_that_is_dropped_says_what_moved(live):
    for path in (live.checkout.root / "cache").glob("sonar*"):
        path.unlink()
    live.checkout.database.unlink()
    assert live.checkout.benchmart("all", "--offline", "--only", "sonar").returncode == 0
    live.server.script = failing("sonar")
    outcome = live.run("all")
    assert outcome.returncode == 1
    assert "benchmart: sonar failed: https://www.sonarsource.com/" in outcome.stderr
    assert "warning: sonar left the board; " in outcome.stderr
    assert "role scores or ranks moved, most:" in outcome.stderr
    assert live.statuses() == {**dict.fromkeys(ROWS, "verified"), "sonar": "failed"}
    assert live.checkout.query(
        "select count(*) from marts.fct_metric_scores where source_key = 'sonar'"
    ) == [(0,)]
    page = (live.checkout.root / "out/site/index.html").read_text("utf-8")
    assert "1 failed" in page and "not on this board" in page
    # As long as it is gone every run says so, and does no work.
    again = live.run("all")
    assert again.returncode == 1 and "Nothing changed" in again.stdout
    assert "left the board" not in again.stderr


def test_what_the_cache_lost_the_warehouse_still_holds(live):
    scores = live.scores()
    for path in (live.checkout.root / "cache").glob("sonar*"):
        path.unlink()
    live.server.script = failing("sonar")
    outcome = live.run("all")
    assert outcome.returncode == 0, outcome.stderr
    assert "warning: sonar is stale: https://www.sonarsource.com/" in outcome.stderr
    assert live.statuses() == {**dict.fromkeys(ROWS, "verified"), "sonar": "stale"}
    assert live.scores() == scores
    assert "Nothing changed" in live.run("all").stdout


def locked_arena(request, nth):
    """LM Arena while its dataset is locked."""
    return httpx.Response(501) if request.url.path == "/rows" else play(request)


def test_a_locked_arena_gives_a_lesser_board_and_says_so(live):
    live.server.script = locked_arena
    outcome = live.run("all", "--refresh", "lmarena", "--strict")
    assert outcome.returncode == 0, outcome.stderr
    assert "warning: lmarena gave a lesser form of its answer" in outcome.stderr
    assert live.statuses() == {**dict.fromkeys(ROWS, "verified"), "lmarena": "degraded"}


def test_a_source_without_its_key_is_skipped(live, tmp_path):
    keyless = {name: key for name, key in KEYS.items() if name != "AA_API_KEY"}
    outcome = live.run("all", "--refresh", ALL, keys=keyless)
    assert outcome.returncode == 0, outcome.stderr
    assert "warning: artificial_analysis is skipped: AA_API_KEY is not set" in outcome.stderr
    assert "artificialanalysis.ai" not in {request.url.host for request in live.server.asked}
    assert live.statuses()["artificial_analysis"] == "skipped"
    assert live.checkout.query(
        "select n_rows_ingested from marts.dim_sources where source_key = 'artificial_analysis'"
    ) == [(513,)]


@pytest.mark.parametrize("where", ["file", "dotenv", "environment"])
def test_a_key_reaches_its_source_and_nothing_else(live, tmp_path, where):
    planted = "planted-in-a-" + where
    options, keys = (), {}
    if where == "file":
        (tmp_path / "key").write_text(f"{planted}\nnot this line\n", encoding="utf-8")
        options = ("--aa-api-key-file", str(tmp_path / "key"))
        keys = {"AA_API_KEY": "not-this-one"}
    elif where == "dotenv":
        (live.checkout.root / ".env").write_text(f'AA_API_KEY="{planted}"\n', encoding="utf-8")
    else:
        (live.checkout.root / ".env").write_text("AA_API_KEY=not-this-one\n", encoding="utf-8")
        keys = {"AA_API_KEY": planted}
    outcome = live.run("fetch", "--refresh", "artificial_analysis", *options, keys=keys)
    assert outcome.returncode == 0, outcome.stderr
    [request] = live.server.asked
    assert request.headers["x-api-key"] == planted
    (live.checkout.root / ".env").unlink(missing_ok=True)
    grep(live, outcome, [planted, "not-this-one"])


def grep(live, outcome, keys):
    """Nothing that a run leaves or says may hold a key."""
    said = outcome.stdout + outcome.stderr
    assert not [key for key in keys if key in said]
    for path in live.checkout.root.rglob("*"):
        # The tests themselves say the keys that they plant.
        if path.is_file() and not {"__pycache__", "tests"} & set(path.parts[-3:]):
            body = path.read_bytes()
            assert not [key for key in keys if key.encode() in body], path


def test_no_key_is_left_anywhere_whatever_goes_wrong(live):
    def script(request, nth):
        # An upstream that repeats what it was sent, in headers, redirects and bodies.
        sent = "".join(request.headers.get(name, "") for name in ("x-api-key", "authorization"))
        key = source_of(str(request.url))
        if key == "artificial_analysis":
            return httpx.Response(500, headers={"x-said": sent}, content=sent.encode())
        if key == "openrouter":
            return httpx.Response(302, headers={"location": "https://labs.scale.com/none"})
        if key == "lmarena":
            answer = play(request)
            answer.headers["etag"] = sent
            return answer
        if key == "sonar":
            return httpx.Response(200, content=b'{"error":"' + sent.encode() + b'"}')
        return {"gso": reset, "bfcl": cut_short(b"x")}.get(key) or play(request)

    live.server.script = script
    outcome = live.run("all", "--refresh", ALL)
    assert outcome.returncode == 0, outcome.stderr
    stale = [key for key, status in live.statuses().items() if status == "stale"]
    assert sorted(stale) == [
        "artificial_analysis", "bfcl", "gso", "lmarena", "openrouter", "sonar",
    ]  # fmt: skip
    carried = {
        request.url.host
        for request in live.server.asked
        for key in KEYS.values()
        if key in " ".join(request.headers.values())
    }
    assert carried == {"artificialanalysis.ai", "openrouter.ai", "datasets-server.huggingface.co"}
    grep(live, outcome, KEYS.values())


def test_offline_asks_nobody(live):
    live.server.script = failing(*ROWS)
    (live.checkout.root / "cache/gso.json").unlink()
    outcome = live.run("all", "--offline", "--now", "2030-01-01T00:00:00Z")
    assert outcome.returncode == 0 and live.server.asked == []
    # By then everything is old, and it is used all the same; the recording stands in for GSO.
    assert live.statuses() == {**dict.fromkeys(ROWS, "stale"), "gso": "recorded"}
    strict = live.run("all", "--offline", "--strict", "--now", "2030-01-01T00:00:00Z")
    assert strict.returncode == 1 and "Nothing changed" in strict.stdout
    assert live.server.asked == []


def test_a_cache_that_lacks_a_source_stops_an_offline_run_at_once(live):
    (live.checkout.root / "cache/gso.json").rename(live.checkout.root / "gso.json")
    before = files(live.checkout.root)
    outcome = live.run("all", "--offline", "--cache", "cache")
    assert outcome.returncode == 1
    [message, _] = outcome.stderr.splitlines()
    assert "cache/gso.json: there is no good answer of gso in this cache" in message
    assert live.server.asked == [] and files(live.checkout.root) == before
    (live.checkout.root / "gso.json").rename(live.checkout.root / "cache/gso.json")
    assert live.run("all", "--offline", "--cache", "cache").returncode == 0


def test_only_the_named_sources_are_asked(live):
    live.server.script = failing("sonar")
    outcome = live.run("all", "--only", "gso,bfcl", "--refresh", "gso,sonar")
    assert outcome.returncode == 0, outcome.stderr
    assert {request.url.host for request in live.server.asked} == {"gso-bench.github.io"}
    assert "as it stood" in outcome.stdout
    assert live.statuses() == dict.fromkeys(ROWS, "verified")
    for option in ("--only", "--refresh", "--accept-shrink"):
        unknown = live.run("all", option, "gso,nosuch")
        assert unknown.returncode == 2
        assert f"unknown source nosuch. Known are {', '.join(sorted(ROWS))}." in unknown.stderr
        assert live.server.asked == []


def test_a_board_that_lost_rows_is_believed_when_a_person_says_so(live):
    live.server.script = lambda request, nth: FAULTS["45 % fewer rows"].answer(
        source_of(str(request.url)), request, nth
    )
    refused = live.run("fetch", "--refresh", "swerebench")
    assert refused.returncode == 0 and "pass --accept-shrink" in refused.stderr
    assert live.run("fetch", "--refresh", "swerebench", "--accept-shrink", "swerebench").stderr == (
        "imported: httpx\n"
    )
    assert live.run("score").returncode == 0
    assert live.checkout.query(
        "select n_rows_ingested from marts.dim_sources where source_key = 'swerebench'"
    ) == [(56,)]


def test_fetch_and_score_are_what_all_does(board, lay_out):
    keyless = {name: key for name, key in KEYS.items() if name != "AA_API_KEY"}
    live = Live(lay_out(None), board.server)
    live.server.script = failing("sonar")
    fetched = live.run("fetch", keys=keyless)
    assert fetched.returncode == 1 and "benchmart: sonar failed: " in fetched.stderr
    assert "imported: httpx" in fetched.stderr
    assert live.checkout.query("select count(*) from raw.payloads") == [(16,)]
    assert live.run("score").returncode == 0
    assert live.server.asked == []
    # What the fetch said stands: no recording takes the place of what failed.
    expected = {
        **dict.fromkeys(ROWS, "verified"), "sonar": "failed", "artificial_analysis": "skipped",
    }  # fmt: skip
    assert live.statuses() == expected
    apart = live.scores()
    whole = live.run("all", keys=keyless)
    assert whole.returncode == 1
    assert live.statuses() == expected and live.scores() == apart


def test_without_any_answer_the_board_stays(published, board, tmp_path):
    live = Live(copy_project(tmp_path / "recorded", published.root), board.server)
    shutil.copytree(published.root / "warehouse", live.checkout.root / "warehouse")
    shutil.copytree(published.root / "out", live.checkout.root / "out")
    before = files(live.checkout.root)
    live.server.script = failing(*ROWS)
    for command in ("all", "fetch"):
        outcome = live.run(command)
        assert outcome.returncode == 1
        assert "no source gave anything, and none has an older answer" in outcome.stderr
        assert "openrouter: https://openrouter.ai/api/v1/models answered with" in outcome.stderr
        assert files(live.checkout.root) == before


def test_contracts_are_verified_against_the_sources_and_no_cache(live):
    before = files(live.checkout.root)
    kept = {path.name: path.read_bytes() for path in (live.checkout.root / "cache").iterdir()}
    good = live.run("verify-sources")
    assert good.returncode == 0, good.stderr
    assert {source_of(str(request.url)) for request in live.server.asked} == set(ROWS)
    assert good.stdout.count(" ok") == 18
    live.server.script = failing("gso", "sonar")
    broken = live.run("verify-sources", keys={})
    assert broken.returncode == 1
    assert "benchmart: broken: gso, sonar." in broken.stderr
    assert "skipped" in broken.stdout
    one = live.run("verify-sources", "--only", "gso")
    assert one.returncode == 1 and len(live.server.asked) == 1
    assert live.run("verify-sources", "--offline").returncode == 2
    live.server.script = locked_arena
    lesser = live.run("verify-sources", "--only", "lmarena")
    assert lesser.returncode == 0, lesser.stderr
    assert "degraded" in lesser.stdout and "211" in lesser.stdout
    assert files(live.checkout.root) == before
    assert kept == {
        path.name: path.read_bytes() for path in (live.checkout.root / "cache").iterdir()
    }


def test_whole_responses_are_played_too(board, shared, lay_out):
    folder = shared("data/recorded")
    bodies = {}
    for source in SOURCES:
        if (folder / source.file).exists():
            bodies[source.source_key] = (folder / source.file).read_bytes()
    assert len(bodies) == 9
    board.server.script = lambda request, nth: play(request, bodies)
    live = Live(lay_out(None), board.server)
    assert live.run("all").returncode == 0
    assert live.statuses() == dict.fromkeys(ROWS, "verified")
    arena = [request for request in live.server.asked if request.url.params.get("config")]
    assert len(arena) == 35
    columns = "model_id, metric_key, raw_value, score, evidence_class, label, effort, agent"
    query = f"select {columns} from marts.fct_metric_scores order by all"
    assert live.checkout.query(query) == board.checkout.query(query)


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "is empty"), ("two words", "holds characters"), ("ключ", "holds characters")],
)
def test_a_bad_key_is_refused_without_being_said(live, tmp_path, key, words):
    (tmp_path / "key").write_text(key, encoding="utf-8")
    outcome = live.run("fetch", "--hf-token-file", str(tmp_path / "key"))
    assert outcome.returncode == 2 and words in outcome.stderr
    assert "--hf-token-file" in outcome.stderr and (not key or key not in outcome.stderr)
    assert live.run("fetch", "--hf-token-file", str(tmp_path / "none")).returncode == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("all", "--recordings", "recordings"), "used with --offline"),
        (("all", "--offline", "--recordings", "r", "--cache", "c"), "name one of them"),
        (("all", "--offline", "--refresh", "gso"), "asks the network"),
        (("fetch", "--offline"), "asks the network"),
        (("all", "--only", ","), "name at least one source"),
    ],
)
def test_options_that_do_not_go_together_are_refused(live, options, words):
    outcome = live.run(*options)
    assert outcome.returncode == 2 and words in outcome.stderr
    assert live.server.asked == []


NO_SOCKETS = """
import socket, sys
def refuse(*arguments, **options):
    raise AssertionError(f"a socket was opened: {arguments}")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
import httpx
httpx.HTTPTransport.handle_request = refuse
sys.argv = ["benchmart", *sys.argv[1:]]
from benchmart.__main__ import main
main()
"""


def test_a_whole_offline_build_opens_no_socket(live):
    command = [sys.executable, "-c", NO_SOCKETS, "all"]
    options = {"cwd": live.checkout.root, "env": live.environment(), "check": False}
    built = subprocess.run(
        [*command, "--offline", "--now", "2026-11-01T00:00:00Z"],
        capture_output=True, text=True, **options,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    assert "built and tested the warehouse" in built.stdout
    # The same refusal does stop a run that asks.
    asking = subprocess.run(
        [*command, "--refresh", "gso"], capture_output=True, text=True, **options
    )
    assert "gso is stale: its loader failed with AssertionError: a socket was" in asking.stderr


def test_a_person_who_stops_a_run_is_not_kept(live):
    live.server.script = lambda request, nth: Drip(in_headers=True)
    before = files(live.checkout.root)
    process = subprocess.Popen(
        live.command("fetch", "--refresh", ALL),
        cwd=live.checkout.root,
        env=live.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # What runs the tests may have been told to let interrupts pass, and hands that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while len(live.server.asked) < 4:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 130 and "benchmart: stopped\n" in said
    assert files(live.checkout.root) == before


def test_keys_are_in_no_list_of_processes(live, tmp_path):
    (tmp_path / "key").write_text("planted-in-a-file\n", encoding="utf-8")
    live.server.script = lambda request, nth: Drip(in_headers=True, longest=2)
    process = subprocess.Popen(
        live.command("fetch", "--refresh", "gso", "--aa-api-key-file", str(tmp_path / "key")),
        cwd=live.checkout.root,
        env=live.environment({}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    folder, shown = Path(f"/proc/{process.pid}"), b""
    while not (live.server.asked and b"--aa-api-key-file" in shown):
        assert process.poll() is None
        if not folder.exists():
            process.kill()
            process.wait()
            pytest.skip("this machine shows no list of processes as files")
        shown = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert b"planted" not in shown


def test_a_kept_answer_that_broke_is_asked_for_anew(live):
    body = b'{"models":[]}'
    path = live.checkout.root / "cache" / "gso.json"
    sidecar = path.with_name("gso.json.meta.json")
    stated = {**json.loads(sidecar.read_text("utf-8")), "sha256": hashlib.sha256(body).hexdigest()}
    path.write_bytes(body)
    sidecar.write_text(json.dumps(stated), encoding="utf-8")
    live.server.script = failing("gso")
    for outcome in (live.run("all"), live.run("all")):
        assert outcome.returncode == 0
        assert "gso is stale: https://gso-bench.github.io/" in outcome.stderr
        assert "The kept answer of " in outcome.stderr
    live.server.script = healthy
    assert live.run("all").returncode == 0
    assert live.statuses() == dict.fromkeys(ROWS, "verified")


def test_a_person_may_stop_a_build(live):
    before = files(live.checkout.root)
    process = subprocess.Popen(
        live.command("all", "--offline", "--now", "2026-11-02T00:00:00Z"),
        cwd=live.checkout.root,
        env=live.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not (live.checkout.root / "build/next/benchmart.duckdb").exists():
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    try:
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130 and "benchmart: stopped\n" in said, said
    assert files(live.checkout.root) == before


# The readers of dbt's files catch whatever comes while they look at a field, and call the field invalid.
SWALLOWED = """
import os, signal
from pathlib import Path
from types import SimpleNamespace
import dbt.cli.main
from benchmart import warehouse

class Reader:
    def __init__(self, callbacks):
        pass

    def invoke(self, arguments):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except BaseException:
            exception = ValueError("the field is invalid")
        return SimpleNamespace(success=False, exception=exception, result=None)

dbt.cli.main.dbtRunner = Reader
try:
    warehouse.build(Path("."), Path("none.duckdb"), target_path=Path("."))
except KeyboardInterrupt:
    print("stopped", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


def test_an_interrupt_that_dbt_takes_for_a_fault_stops_the_build(published, tmp_path):
    outcome = subprocess.run(
        [sys.executable, "-c", SWALLOWED],
        cwd=tmp_path,
        env=published.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert outcome.stdout == "stopped True\n", outcome.stderr
