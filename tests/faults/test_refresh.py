"""The refresh script: publishes a board that changed, once, and says when it cannot."""

import fcntl
import functools
import http.server
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
import yaml

from tests.conftest import PROJECT, copy_project
from tests.faults.live import Live
from tests.faults.server import serving
from tests.loaders.upstreams import play, source_of

# Two sources without pages: the script does not know that nobody has to wait here.
FEW = ("--only", "gso,bfcl")
ACCOUNT = {"CLOUDFLARE_ACCOUNT_ID": "an-account", "CLOUDFLARE_API_TOKEN": "planted-token"}


@pytest.fixture
def live(tmp_path):
    """A checkout with its environment, and an npx that writes down what it was asked."""
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    with serving(tmp_path) as server:
        live = Live(copy_project(tmp_path / "benchmart"), server)
        installed = live.checkout.root / ".venv"
        installed.mkdir()
        for entry in Path(sys.executable).parents[1].iterdir():
            if entry.name != ".installed":
                (installed / entry.name).symlink_to(entry)
        (installed / ".installed").touch()
        npx = tmp_path / "bin" / "npx"
        npx.parent.mkdir()
        npx.write_text(
            f'#!/bin/sh\necho "$@" >> {tmp_path}/npx.txt\n'
            f'echo "key of a source: ${{AA_API_KEY-none}}" >> {tmp_path}/npx.txt\n',
            encoding="utf-8",
        )
        npx.chmod(npx.stat().st_mode | stat.S_IXUSR)
        yield live


def refresh(live, *options, **environment):
    asked = live.checkout.root.parent / "npx.txt"
    asked.unlink(missing_ok=True)
    live.server.forget()
    outcome = subprocess.run(
        ["scripts/refresh.sh", *options],
        cwd=live.checkout.root,
        env={
            **live.environment({}),
            "PATH": f"{asked.parent / 'bin'}:{os.environ['PATH']}",
            "AA_API_KEY": "planted",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return outcome, asked.read_text("utf-8").splitlines() if asked.exists() else []


def test_a_board_that_changed_is_published_once(live):
    lacking, published = refresh(live, "--publish", *FEW)
    assert (lacking.returncode, published, live.server.asked) == (2, [], [])
    assert "--publish needs CLOUDFLARE_ACCOUNT_ID" in lacking.stderr

    (live.checkout.root / ".env").write_text(
        "".join(f"{name}={value}\n" for name, value in ACCOUNT.items()), encoding="utf-8"
    )
    first, published = refresh(live, "--publish", *FEW)
    assert first.returncode == 0, first.stderr
    assert published == [
        "--yes wrangler@4.164.0 pages deploy build/site --project-name benchmart --branch main"
        " --commit-dirty=true",
        "key of a source: none",
    ]
    assert (live.checkout.root / "build/site/lineage.html").stat().st_size > 10**6
    out = live.checkout.root / "out"
    for name in ("scoreboard.toml", "coefficients.toml"):
        assert (live.checkout.root / "build/site" / name).read_bytes() == (out / name).read_bytes()
    assert "planted-token" not in first.stdout + first.stderr

    again, published = refresh(live, "--publish", *FEW)
    assert (again.returncode, published, live.server.asked) == (0, [], [])
    assert "nothing to publish" in again.stdout

    # A source that fails makes the refresh red; the board that says so goes out all the same.
    live.server.script = lambda request, nth: (
        httpx.Response(404) if source_of(str(request.url)) == "livecodebench" else play(request)
    )
    more = ("--only", "gso,bfcl,livecodebench")
    red, published = refresh(live, "--publish", "--out", "elsewhere", *more, **ACCOUNT)
    assert red.returncode == 1 and "livecodebench failed" in red.stderr
    assert len(published) == 2 and "pages deploy build/site" in published[0]
    assert "livecodebench" in (live.checkout.root / "build/site/sources.html").read_text("utf-8")

    quiet, published = refresh(live, *more)
    assert quiet.returncode == 1 and published == []
    wrong, published = refresh(live, "--publish", "--nosuch", **ACCOUNT)
    assert wrong.returncode == 2 and published == []
    assert refresh(live, "--out")[0].returncode == 2

    # A run that was not ours to finish publishes nothing of what lies there.
    (live.checkout.root / "build/online.json").unlink()
    with (live.checkout.root / "build/lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        busy, published = refresh(live, "--publish", *FEW, **ACCOUNT)
    assert busy.returncode == 1 and "another benchmart run" in busy.stderr and published == []


@pytest.fixture
def site(tmp_path):
    """A folder that is online, and its address."""
    folder = tmp_path / "online"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_changes_are_told_against_the_board_that_is_online(live, site):
    folder, address = site
    first, _ = refresh(live, *FEW, BENCHMART_SITE=address)
    assert first.returncode == 0, first.stderr
    assert "refresh: no scoreboard to compare with is online" in first.stderr
    assert live.checkout.query("select compared_label from marts.board") == [(None,)]

    shutil.copy(live.checkout.root / "out/scoreboard.toml", folder)
    known, _ = refresh(live, *FEW, BENCHMART_SITE=address)
    assert known.stdout.count("Nothing changed") == 1

    weights = "seeds/coefficients/group_weights.csv"
    live.checkout.edit(weights, "BUILD,SWEComposite,0.31,", "BUILD,SWEComposite,0.41,")
    live.checkout.edit(weights, "BUILD,SWEAtlasComposite,0.155,", "BUILD,SWEAtlasComposite,0.055,")
    changed, _ = refresh(live, *FEW, BENCHMART_SITE=address)
    assert changed.returncode == 0, changed.stderr
    assert "Since online-scoreboard.toml of 20" in changed.stdout
    moved = "select sum(abs(change)) > 1, sum(abs(change - method_points)) < 1e-9"
    assert live.checkout.query(f"{moved} from marts.fct_role_changes") == [(True, True)]
    # Whether the board before is online still or this one is by now: there is nothing to do.
    for _ in range(2):
        again, _ = refresh(live, *FEW, BENCHMART_SITE=address)
        assert again.stdout.count("Nothing changed") == 1
        shutil.copy(live.checkout.root / "out/scoreboard.toml", folder)


def test_workflows_are_as_the_operations_page_says():
    folder = PROJECT / ".github" / "workflows"
    refresh = yaml.safe_load((folder / "refresh.yml").read_text("utf-8"))
    # YAML reads the key `on` as true.
    assert refresh[True]["schedule"] == [{"cron": "*/10 * * * *"}]
    assert {"workflow_dispatch", "push"} <= set(refresh[True])
    assert refresh["concurrency"] == {"group": "refresh", "cancel-in-progress": False}
    steps = refresh["jobs"]["refresh"]["steps"]
    kept = [step for step in steps if "actions/cache" in step.get("uses", "")]
    restore, save = kept
    assert (
        restore["with"]["path"]
        == save["with"]["path"]
        == "cache\nout\nsnapshots\nwarehouse\nbuild/online.json\n"
    )
    assert save["if"] == "always()"
    weekly = yaml.safe_load((folder / "weekly.yml").read_text("utf-8"))
    runs = {
        step["run"] for job in weekly["jobs"].values() for step in job["steps"] if "run" in step
    }
    targets = {line.partition(":")[0] for line in (PROJECT / "Makefile").read_text().splitlines()}
    assert runs == {"make live", "make kills", "make spark"}
    assert {"live", "kills", "spark"} <= targets
