"""Nothing leaves a board silently: what the last snapshot had is there, or somebody says why not."""

import json
import shutil

import duckdb
import pytest

from tests.conftest import NOW, Checkout

LATER = "2026-06-20T12:00:00Z"
SEED = "seeds/audits/adjudications.csv"


@pytest.fixture(scope="module")
def kept(published, module_folder):
    """A checkout whose board of NOW is kept in a snapshot."""
    root = module_folder("kept") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = Checkout(root)
    outcome = checkout.benchmart("snapshot")
    assert outcome.returncode == 0, outcome.stderr
    return checkout


@pytest.fixture
def checkout(kept, lay_out):
    return lay_out(kept)


def without_a_figure(checkout):
    """GSO loses Claude Opus 4.6; the index says so."""
    path = checkout.root / "recordings" / "gso.json"
    gso = json.loads(path.read_text(encoding="utf-8"))
    rows = [row for row in gso["models"] if row["name"] != "Claude Opus 4.6"]
    lost = len(gso["models"]) - len(rows)
    path.write_text(json.dumps({**gso, "models": rows}), encoding="utf-8")
    head, tail = (checkout.root / "recordings/index.toml").read_text("utf-8").split("[gso]")
    tail = tail.replace("rows = 28", f"rows = {28 - lost}", 1)
    (checkout.root / "recordings/index.toml").write_text(f"{head}[gso]{tail}", encoding="utf-8")


def score(checkout, *arguments):
    when = () if "--now" in arguments else ("--now", LATER)
    return checkout.benchmart("all", "--offline", *when, *arguments)


def adjudicate(checkout, *rows):
    with (checkout.root / SEED).open("a", encoding="utf-8") as file:
        file.write("".join(f"{row}\n" for row in rows))


def board_of(checkout):
    return checkout.query("select board_id from marts.board"), (
        checkout.root / "out/scoreboard.toml"
    ).read_bytes()


def test_a_figure_that_left_is_named_until_somebody_answers(checkout):
    without_a_figure(checkout)
    before = board_of(checkout)
    outcome = score(checkout)
    assert outcome.returncode == 1
    assert outcome.stderr == (
        f"benchmart: {SEED}: anthropic/claude-opus-4.6, GSO, gso: the figure was in the snapshot of"
        " 2026-06-12 and is not on this board. Add a row that says why"
        " (figure,anthropic/claude-opus-4.6,gso,GSO,2026-06-12,...), or bring it back.\n"
    )
    assert board_of(checkout) == before
    # The day of another snapshot, another model, another kind: none of them answers.
    said = "2026-06-20,a person,the run was withdrawn,gso-bench.github.io"
    adjudicate(
        checkout,
        f"figure,anthropic/claude-opus-4.6,gso,GSO,2026-06-11,{said}",
        f"figure,anthropic/claude-opus-4.7,gso,GSO,2026-06-12,{said}",
        f"source,,gso,,2026-06-12,{said}",
    )
    assert score(checkout).returncode == 1
    adjudicate(checkout, f"figure,anthropic/claude-opus-4.6,gso,GSO,2026-06-12,{said}")
    outcome = score(checkout)
    assert outcome.returncode == 0, outcome.stderr
    assert checkout.query(
        "select what, model_id, metric_key, source_key, last_seen_on::varchar, reason, decided_by"
        " from marts.fct_departures"
    ) == [
        (
            "figure",
            "anthropic/claude-opus-4.6",
            "GSO",
            "gso",
            "2026-06-12",
            "the run was withdrawn",
            "a person",
        )
    ]
    # In the next snapshot it is not there, and nobody asks any more.
    assert checkout.benchmart("snapshot").returncode == 0
    assert score(checkout).returncode == 0
    assert checkout.query("select count(*) from marts.fct_departures") == [(0,)]


@pytest.mark.parametrize(
    "arguments", [("--prev", "out/scoreboard.toml"), ("--now", "2026-01-01T00:00:00Z")]
)
def test_no_option_and_no_clock_lets_a_figure_leave_silently(checkout, arguments):
    without_a_figure(checkout)
    outcome = score(checkout, *arguments)
    assert outcome.returncode == 1
    assert f"{SEED}: anthropic/claude-opus-4.6, GSO, gso: the figure was" in outcome.stderr


def test_a_board_of_an_earlier_clock_is_compared_with_the_last_snapshot(checkout):
    """Of older ones the figures are not kept: everything would seem to have come."""
    assert score(checkout).returncode == 0
    assert checkout.benchmart("snapshot").returncode == 0
    outcome = score(checkout, "--now", "2026-06-15T00:00:00Z")
    assert outcome.returncode == 0, outcome.stderr
    assert checkout.query("select compared_label from marts.board") == [(LATER[:10],)]
    assert checkout.query("select count(*) from marts.fct_score_changes") == [(0,)]
    assert checkout.query("select snapshot_date from marts.dim_snapshots order by all") == [
        (NOW[:10],),
        (LATER[:10],),
    ]


def test_a_snapshot_that_was_moved_away_and_made_anew_is_one(checkout, tmp_path):
    assert score(checkout, "--now", "2026-06-12T13:00:00Z").returncode == 0
    refused = checkout.benchmart("snapshot")
    assert refused.returncode == 1 and "never overwritten" in refused.stderr
    (checkout.root / "snapshots" / NOW[:10]).rename(tmp_path / "elsewhere")
    for _ in range(2):
        outcome = checkout.benchmart("snapshot")
        assert outcome.returncode == 0, outcome.stderr
        assert score(checkout).returncode == 0
    assert checkout.query("select snapshot_date from marts.dim_snapshots order by all") == [
        (NOW[:10],),
        (LATER[:10],),
    ]


def test_a_snapshot_under_another_name_is_refused(checkout):
    folder = checkout.root / "snapshots"
    shutil.copytree(folder / NOW[:10], folder / "2027-01-01")
    outcome = score(checkout)
    assert outcome.returncode == 1
    assert f"2027-01-01: is the snapshot of {NOW[:10]}" in outcome.stderr


def test_a_standing_rule_answers_for_every_figure_of_a_source(checkout):
    without_a_figure(checkout)
    adjudicate(
        checkout, "figure,,gso,,,2026-06-20,a person,GSO delists old runs,gso-bench.github.io"
    )
    outcome = score(checkout)
    assert outcome.returncode == 0, outcome.stderr
    assert checkout.query("select reason from marts.fct_departures") == [("GSO delists old runs",)]


def test_a_source_that_left_is_named_and_its_figures_are_not(checkout):
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute(
            "insert into raw.fetches select source_key, fetch_ordinal + 1, decided_at, 'failed',"
            " null, null, 'gone', 0, 'failed' from raw.fetches where source_key = 'gso'"
        )
    outcome = score(checkout, "--only", "bfcl")
    assert outcome.returncode == 1
    assert f"{SEED}: gso: the source was in the snapshot of 2026-06-12" in outcome.stderr
    assert outcome.stderr.count(SEED) == 1
    adjudicate(
        checkout, "source,,gso,,2026-06-12,2026-06-20,a person,the site closed,its last page"
    )
    outcome = score(checkout, "--only", "bfcl")
    assert outcome.returncode == 0, outcome.stderr


def test_a_model_that_left_is_named_and_its_figures_are_not(checkout):
    model = "meta/muse-spark"
    names = ("identity/models", "identity/aliases", "overrides/score_overrides")
    for name in (*names, "synthesis/synthesis_pairs"):
        path = checkout.root / "seeds" / f"{name}.csv"
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        left = [line for line in lines if f"{model}," not in line]
        assert len(left) < len(lines) or name != "identity/models"
        path.write_text("".join(left), encoding="utf-8")
    outcome = score(checkout)
    assert outcome.returncode == 1
    assert f"{SEED}: {model}: the model was in the snapshot of 2026-06-12" in outcome.stderr
    assert outcome.stderr.count(SEED) == 1
    adjudicate(
        checkout, f"model,{model},,,2026-06-12,2026-06-20,a person,retired,its maker says so"
    )
    outcome = score(checkout)
    assert outcome.returncode == 0, outcome.stderr
    changes = checkout.query(
        "select distinct change, score_after from marts.fct_role_changes"
        f" where model_id = '{model}'"
    )
    assert changes == [(None, None)]


def test_a_broken_snapshot_stops_the_run_by_name(checkout):
    folder = checkout.root / "snapshots" / NOW[:10]
    text = (folder / "scoreboard.csv").read_text(encoding="utf-8")
    (folder / "scoreboard.csv").write_text(text.replace("9", "8", 1), encoding="utf-8")
    before = board_of(checkout)
    outcome = score(checkout)
    assert outcome.returncode == 1
    assert f"{folder}: its receipt does not hold" in outcome.stderr
    assert board_of(checkout) == before


def test_no_decision_is_half_a_decision(checkout):
    adjudicate(checkout, "figure,anthropic/claude-opus-4.6,gso,GSO,2026-06-12,2026-06-20,,,")
    outcome = score(checkout)
    assert outcome.returncode == 1
    for column in ("decided_by", "reason", "evidence"):
        assert f"{SEED}: {column}: is empty" in outcome.stderr
