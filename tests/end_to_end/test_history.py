"""Recordings of another day are landed as history: kept, and nothing of the board changes."""

import hashlib
import shutil

import pytest

from tests.conftest import NOW, PROJECT
from tests.end_to_end.test_bad_input import state

OLDER = "recordings/2026-04-28"
KEYS = ["arc_agi", "gso", "mcp_atlas", "openrouter", "sonar", "swebench_pro", "terminal_bench"]
LEDGER = "select * from raw.fetches order by source_key, fetch_ordinal"
BOARD = "select * from marts.fct_metric_scores order by all"
HISTORY = (
    "select source_key, row_count, strftime(fetched_at, '%Y-%m-%d') from raw.payloads"
    " where fetched_at between '2026-04-27' and '2026-04-28' and source_key <> 'lmarena'"
    " order by source_key"
)
LANDED = [
    ("arc_agi", 571, "2026-04-28"),
    ("gso", 28, "2026-04-27"),
    ("mcp_atlas", 19, "2026-04-28"),
    ("openrouter", 355, "2026-04-28"),
    ("sonar", 58, "2026-04-28"),
    ("swebench_pro", 24, "2026-04-28"),
    ("terminal_bench", 124, "2026-04-28"),
]


def said(stdout):
    """Source and verdict of each line of the table."""
    lines = [line.split() for line in stdout.splitlines()]
    return {line[0]: line[-1] for line in lines if line and line[-1] in ("new", "known")}


def test_history_lands_and_the_board_stays(checkout):
    ledger, board = checkout.query(LEDGER), checkout.query(BOARD)
    outputs = {path: sha256 for path, sha256 in state(checkout.root).items() if "/out/" in path}
    outcome = checkout.benchmart("land", "--recordings", OLDER)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert said(outcome.stdout) == dict.fromkeys(KEYS, "new")
    assert checkout.query(HISTORY) == LANDED
    assert checkout.query(LEDGER) == ledger

    landed, modified = state(checkout.root), checkout.database.stat().st_mtime_ns
    again = checkout.benchmart("land", "--recordings", OLDER)
    assert again.returncode == 0 and said(again.stdout) == dict.fromkeys(KEYS, "known")
    assert state(checkout.root) == landed
    assert checkout.database.stat().st_mtime_ns == modified

    outcome = checkout.benchmart("all", "--offline")
    assert "Nothing changed" in outcome.stdout, outcome.stdout
    assert outputs.items() <= state(checkout.root).items()
    # A board that is made anew does not look at it either.
    assert checkout.benchmart("all", "--offline", "--now", "2026-06-13T00:00:00Z").returncode == 0
    assert checkout.query(BOARD) == board
    assert checkout.query(LEDGER) == ledger
    assert checkout.query(HISTORY) == LANDED


def test_history_may_come_before_the_first_board(published, lay_out):
    fresh = lay_out(None)
    outcome = fresh.benchmart("--recordings", OLDER, "land", "--only", "gso, sonar")
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert said(outcome.stdout) == {"gso": "new", "sonar": "new"}
    assert fresh.query("select count(*) from raw.fetches") == [(0,)]
    assert fresh.benchmart("all", "--offline", "--now", NOW).returncode == 0
    assert fresh.query(BOARD) == published.query(BOARD)
    assert fresh.query(HISTORY) == [row for row in LANDED if row[0] in ("gso", "sonar")]


def test_history_to_come_changes_no_board_either(checkout):
    folder = checkout.root / "later"
    shutil.copytree(checkout.root / OLDER, folder)
    index = (folder / "index.toml").read_text("utf-8")
    (folder / "index.toml").write_text(index.replace("2026-04-2", "2046-04-2"), encoding="utf-8")
    board = checkout.query(BOARD)
    assert checkout.benchmart("land", "--recordings", "later").returncode == 0
    assert "Nothing changed" in checkout.benchmart("all", "--offline").stdout
    assert checkout.benchmart("all", "--offline", "--now", "2026-06-13T00:00:00Z").returncode == 0
    assert checkout.query(BOARD) == board


def index(text):
    def change(folder):
        (folder / "index.toml").write_text(text, encoding="utf-8")

    return change


def drop_a_row(folder):
    lines = (folder / "sonar.json").read_text("utf-8").splitlines(keepends=True)
    (folder / "sonar.json").write_text("".join(lines[:3] + lines[4:]), encoding="utf-8")


CASES = {
    "no folder is named": (None, (), 2, ("land: ", "Name it with --recordings")),
    "a folder without index": (
        lambda folder: (folder / "index.toml").unlink(),
        (),
        1,
        ("index.toml: ", "cannot be read"),
    ),
    "an index with a path for a source": (
        index('["../../gso"]\nrows = 1\n'),
        (),
        2,
        ("index.toml: '../../gso' is no source", "known are"),
    ),
    "an index of nothing": (index(""), (), 1, ("index.toml: names no source",)),
    "rows that are no number": (
        index('[gso]\nfile = "gso.json"\nurl = "u"\nrecorded_on = 2026-04-27\nrows = "many"\n'),
        (),
        1,
        ("index.toml: [gso] rows is 'many' and no number",),
    ),
    "a file that is missing": (
        lambda folder: (folder / "sonar.json").unlink(),
        (),
        1,
        ("sonar.json: the recording of sonar cannot be read",),
    ),
    "a file that lost a row": (
        drop_a_row,
        (),
        1,
        ("sonar: ", "57 rows, and 58 are stated", "Nothing was landed"),
    ),
    "a source that the folder has not": (
        lambda folder: None,
        ("--only", "bfcl"),
        1,
        ("index.toml: [bfcl] is missing", "--only"),
    ),
    "a source that is none": (lambda folder: None, ("--only", "nosuch"), 2, ("unknown source",)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_folder_that_is_no_history_is_named_and_changes_nothing(checkout, tmp_path, case):
    change, options, code, words = CASES[case]
    before = state(checkout.root)
    folder = tmp_path / "older"
    shutil.copytree(PROJECT / OLDER, folder)
    if change is not None:
        change(folder)
        options = ("--recordings", str(folder), *options)
    outcome = checkout.benchmart("land", *options)
    assert outcome.returncode == code and outcome.stderr.count("\n") == 1, outcome.stderr
    for word in words:
        assert word in outcome.stderr
    assert state(checkout.root) == before


def test_a_file_that_is_no_warehouse_is_left_alone(checkout):
    checkout.database.write_bytes(b"no database")
    outcome = checkout.benchmart("land", "--recordings", OLDER)
    assert outcome.returncode == 1 and outcome.stderr.count("\n") == 1, outcome.stderr
    digest = hashlib.sha256(checkout.database.read_bytes()).hexdigest()
    assert digest == hashlib.sha256(b"no database").hexdigest()
