"""Past boards from today's file, and what moved from one board to another."""

import hashlib
import json
import re
import shutil
import tomllib
from datetime import date

import duckdb
import pytest
import tomli_w

from benchmart.history import open_history
from loaders.registry import SOURCES
from tests.conftest import NOW, PROJECT, Checkout

LATER = "2026-06-20T12:00:00Z"
GSO, PRO, ROUTER = "gso.json", "swebench_pro.html", "openrouter_models.json"
NEVER = ({"recorded_on": date.min},)
WEIGHTS = "seeds/coefficients/group_weights.csv"


def digests(out):
    """Every output by name; the database of a past board is no output of the others."""
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb" and "as-of" not in path.parts
    }


def replace_once(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def later_recordings(folder):
    """The bundled recordings of eight days later, with one change of every kind."""
    shutil.copytree(PROJECT / "recordings", folder)
    index = (folder / "index.toml").read_text(encoding="utf-8")
    for day in sorted({line for line in index.splitlines() if line.startswith("recorded_on")}):
        index = index.replace(day, "recorded_on = 2026-06-20")
    (folder / "index.toml").write_text(index, encoding="utf-8")
    gso = json.loads((folder / GSO).read_text(encoding="utf-8"))
    for row in gso["models"]:
        if row["name"] == "Claude Opus 4.7":
            row["score_hack_control"] = 15.0
        if row["name"] == "GPT 5.5":
            # No effort comes before the one that is stated: another row of the same model.
            gso["models"].append({**row, "reasoning_effort": "max", "score_hack_control": 20.0})
            break
    gso["models"] = [row for row in gso["models"] if row["name"] != "Claude Opus 4.6"]
    (folder / GSO).write_text(json.dumps(gso), encoding="utf-8")
    index = tomllib.loads((folder / "index.toml").read_text(encoding="utf-8"))
    text = (folder / "index.toml").read_text(encoding="utf-8")
    before = f"rows = {index['gso']['rows']}"
    head, tail = text.split("[gso]")
    tail = tail.replace(before, f"rows = {len(gso['models'])}", 1)
    (folder / "index.toml").write_text(f"{head}[gso]{tail}", encoding="utf-8")
    router = json.loads((folder / ROUTER).read_text(encoding="utf-8"))
    [dearer] = [row for row in router["data"] if row["id"] == "anthropic/claude-opus-4.7"]
    dearer["pricing"] = {key: str(float(price) * 2) for key, price in dearer["pricing"].items()}
    (folder / ROUTER).write_text(json.dumps(router), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def aged(published, module_folder):
    """A checkout with the board of NOW, and of eight days later with changed figures."""
    root = module_folder("aged") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = Checkout(root)
    recordings = later_recordings(root.parent / "later")
    outcome = checkout.benchmart(
        "all", "--offline", "--recordings", str(recordings), "--now", LATER
    )
    assert outcome.returncode == 0, outcome.stderr
    return checkout


@pytest.fixture(scope="module")
def changes(aged):
    outcome = aged.benchmart("diff", NOW, "now", "--json")
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def recordings_by(day, folder):
    """A folder with the newest recording of each source by a day, and the sources in it."""
    folder.mkdir()
    newest = {}
    for index in PROJECT.glob("recordings/**/index.toml"):
        for key, row in tomllib.loads(index.read_text(encoding="utf-8")).items():
            if day >= row["recorded_on"] > newest.get(key, NEVER)[0]["recorded_on"]:
                newest[key] = (row, index.parent)
    files = {source.source_key: source.file for source in SOURCES}
    for key, (_, home) in newest.items():
        shutil.copyfile(home / files[key], folder / files[key])
    text = tomli_w.dumps({key: row for key, (row, _) in newest.items()})
    (folder / "index.toml").write_text(text, encoding="utf-8")
    return sorted(newest)


@pytest.fixture(scope="module")
def remembering(published, module_folder):
    """The board of NOW, with what was recorded on 28 April landed as history."""
    root = module_folder("remembering") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = Checkout(root)
    outcome = checkout.benchmart("land", "--recordings", "recordings/2026-04-28")
    assert outcome.returncode == 0, outcome.stderr
    return checkout


@pytest.mark.parametrize(("day", "count"), [("2026-04-28", 11), ("2026-05-07", 12)])
def test_a_past_board_is_that_of_its_recordings_alone(remembering, lay_out, tmp_path, day, count):
    outcome = remembering.benchmart("all", "--as-of", day, "--out", str(tmp_path / "past"))
    assert outcome.returncode == 0, outcome.stderr
    alone = lay_out(None)
    known = recordings_by(date.fromisoformat(day), tmp_path / "recordings")
    assert len(known) == count
    arguments = ("--recordings", str(tmp_path / "recordings"), "--only", ",".join(known))
    outcome = alone.benchmart("all", "--offline", *arguments, "--now", f"{day}T23:59:59Z")
    assert outcome.returncode == 0, outcome.stderr
    assert digests(tmp_path / "past") == digests(alone.root / "out")


def test_real_changes_are_explained(remembering):
    outcome = remembering.benchmart("diff", "2026-04-28", "2026-05-07", "--json")
    assert outcome.returncode == 0, outcome.stderr
    changes = json.loads(outcome.stdout)
    assert changes["unexplained"] <= 1e-9
    assert len(changes["movers"]) == 200
    assert {part["cause"] for part in changes["parts"]} >= {"data", "price", "fill"}


def parts_of(changes, model, metric, role="B_raw"):
    return {
        part["cause"]: part
        for part in changes["parts"]
        if (part["model_id"], part["metric_key"], part["role_key"]) == (model, metric, role)
    }


@pytest.mark.parametrize("method", ["today", "then"])
def test_the_board_of_then_is_made_again_byte_for_byte(published, aged, tmp_path, method):
    arguments = ("all", "--as-of", NOW, "--method", method, "--out", str(tmp_path / "past"))
    outcome = aged.benchmart(*arguments)
    assert outcome.returncode == 0, outcome.stderr
    assert digests(tmp_path / "past") == digests(published.root / "out")
    with duckdb.connect(str(tmp_path / "past" / "board.duckdb"), read_only=True) as past:
        assert past.execute("select count(*) from marts.fct_role_scores").fetchone() == (200,)


def test_a_past_board_leaves_todays_alone(aged, tmp_path):
    before = hashlib.sha256(aged.database.read_bytes()).hexdigest()
    outputs = digests(aged.root / "out")
    outcome = aged.benchmart("all", "--as-of", "2026-06-01", "--out", str(tmp_path / "past"))
    assert outcome.returncode == 0, outcome.stderr
    assert hashlib.sha256(aged.database.read_bytes()).hexdigest() == before
    assert digests(aged.root / "out") == outputs
    board = tomllib.loads((tmp_path / "past" / "scoreboard.toml").read_text("utf-8"))
    assert board["generated_at"] == "2026-06-01T23:59:59Z"
    assert all(
        source["fetched_at"][:10] <= "2026-06-01"
        for source in board["sources"].values()
        if "fetched_at" in source
    )
    # HiL-Bench was recorded on the twelfth.
    assert board["sources"]["hil_bench"]["status"] == "skipped"


def test_the_method_of_then_is_the_seeds_of_then(published, checkout, tmp_path):
    checkout.edit(WEIGHTS, "BUILD,SWEComposite,0.31,", "BUILD,SWEComposite,0.41,")
    checkout.edit(WEIGHTS, "BUILD,SWEAtlasComposite,0.155,", "BUILD,SWEAtlasComposite,0.055,")
    assert checkout.benchmart("all", "--offline", "--now", LATER).returncode == 0
    made = {}
    for method in ("today", "then"):
        out = tmp_path / method
        outcome = checkout.benchmart("all", "--as-of", NOW, "--method", method, "--out", str(out))
        assert outcome.returncode == 0, outcome.stderr
        made[method] = digests(out)
        weights = tomllib.loads((out / "coefficients.toml").read_text("utf-8"))["group_weights"]
        assert weights["BUILD"]["SWEComposite"] == (0.41 if method == "today" else 0.31)
    assert made["then"] == digests(published.root / "out")
    assert made["today"] != made["then"]


def test_of_two_boards_of_one_moment_the_later_method_is_that_of_then(checkout, tmp_path):
    weights = "seeds/coefficients/role_weights.csv"
    text = (checkout.root / weights).read_text(encoding="utf-8")
    changed = text.replace("I_raw,CRE,0.62,", "I_raw,CRE,0.52,")
    changed = changed.replace("I_raw,GEN,0.3,", "I_raw,GEN,0.4,")
    (checkout.root / weights).write_text(changed, encoding="utf-8")
    assert checkout.benchmart("all", "--offline", "--now", NOW).returncode == 0
    (checkout.root / weights).write_text(text, encoding="utf-8")
    out = tmp_path / "past"
    outcome = checkout.benchmart("all", "--as-of", NOW, "--method", "then", "--out", str(out))
    assert outcome.returncode == 0, outcome.stderr
    weights = tomllib.loads((out / "coefficients.toml").read_text("utf-8"))["role_weights"]
    assert weights["I_raw"]["CRE"] == 0.52


def test_a_method_of_then_that_lacks_a_table_is_named(checkout, tmp_path):
    """As a method kept by a version before the table came."""
    described = "models/marts/validity/_validity_marts__models.yml"
    with duckdb.connect(str(checkout.database)) as connection:
        [(content,)] = connection.execute(
            "select content from history.files inner join history.methods using (file_sha256)"
            " where name = ?",
            [described],
        ).fetchall()
        text = bytes(content).decode("utf-8")
        start, end = (
            text.index(f"  - name: {name}\n") for name in ("fct_ability_pairs", "fct_rank_ranges")
        )
        lesser = (text[:start] + text[end:]).encode("utf-8")
        sha256 = hashlib.sha256(lesser).hexdigest()
        connection.execute(
            "insert into history.files (file_sha256, content) values (?, ?)", [sha256, lesser]
        )
        connection.execute(
            "update history.methods set file_sha256 = ? where name = ?", [sha256, described]
        )
        connection.execute(
            "delete from history.methods where name = 'models/marts/validity/fct_ability_pairs.sql'"
        )
        exposures = "models/_exposures.yml"
        connection.execute("delete from history.methods where name = ?", [exposures])
    out = tmp_path / "past"
    outcome = checkout.benchmart("all", "--as-of", NOW, "--method", "then", "--out", str(out))
    assert outcome.returncode == 1
    assert (
        "--method then: the method of then lacks a table that this version shows" in outcome.stderr
    )
    assert "fct_ability_pairs" in outcome.stderr and "Traceback" not in outcome.stderr
    assert not (out / "board.duckdb").exists()


@pytest.mark.parametrize("out", ["out", "warehouse", "."])
def test_a_past_board_never_lands_on_what_is_published(published, out):
    before = published.database.stat()
    outcome = published.benchmart("all", "--as-of", "2026-06-01", "--out", out)
    assert outcome.returncode == 2 and "holds what is published" in outcome.stderr
    assert published.database.stat() == before


def test_no_method_is_known_before_the_first_board(aged, tmp_path):
    arguments = ("--as-of", "2026-06-01", "--method", "then", "--out", str(tmp_path / "past"))
    outcome = aged.benchmart("all", *arguments)
    assert outcome.returncode == 1
    assert "no board was published by 2026-06-01T23:59:59Z" in outcome.stderr
    assert not (tmp_path / "past").exists()


def test_nothing_is_known_before_the_first_payload(aged, tmp_path):
    outcome = aged.benchmart("all", "--as-of", "2020-01-01", "--out", str(tmp_path / "past"))
    assert outcome.returncode == 1
    assert "no payload was fetched by 2020-01-01T23:59:59Z" in outcome.stderr
    assert not (tmp_path / "past").exists()


def test_every_change_is_explained(changes):
    assert changes["unexplained"] <= 1e-9
    moved = [mover for mover in changes["movers"] if mover["change"]]
    assert len(moved) > 40
    by_score = {}
    for part in changes["parts"]:
        key = (part["model_id"], part["role_key"])
        by_score.setdefault(key, []).append(part["points"])
    for mover in changes["movers"]:
        whole = mover["score_after"] - mover["score_before"]
        assert abs(whole - mover["change"]) <= 1e-9
        assert abs(whole - sum(by_score.get((mover["model_id"], mover["role_key"]), []))) <= 1e-9


def test_each_kind_of_change_has_its_cause(changes):
    [changed] = parts_of(changes, "anthropic/claude-opus-4.7", "GSO").values()
    assert (changed["cause"], changed["what_happened"]) == ("data", "figure_changed")
    assert (changed["raw_before"], changed["raw_after"]) == (42.16, 15.0)
    assert changed["points"] < 0
    other_row = parts_of(changes, "openai/gpt-5.5", "GSO")["selection"]
    assert other_row["what_happened"] == "row_changed" and other_row["points"] < 0
    left = parts_of(changes, "anthropic/claude-opus-4.6", "GSO")["data"]
    assert left["raw_before"] == 37.25 and left["what_happened"] == "figure_left"
    dearer = parts_of(changes, "anthropic/claude-opus-4.7", "BlendedCost")["price"]
    assert dearer["raw_after"] > dearer["raw_before"]
    assert dearer["points"] < 0
    # A model that no source of the changed ones knows anew still moves: the field did.
    causes = {part["cause"] for part in changes["parts"]}
    assert {"data", "selection", "price"} <= causes and "method" not in causes


def test_a_sibling_of_the_figure_that_moved_is_a_fill(aged, changes):
    filled = set(
        aged.query(
            "select model_id, metric_key from marts.fct_metric_scores"
            " where donor_model_id = 'anthropic/claude-opus-4.7' and metric_key = 'GSO'"
        )
    )
    assert filled
    for model, metric in filled:
        assert parts_of(changes, model, metric)["fill"]["what_happened"] == "estimate_changed"


def test_a_diff_changes_nothing(aged, changes):
    assert aged.benchmart(
        "all", "--offline", "--recordings", str(aged.root.parent / "later"), "--now", LATER
    ).stdout.startswith("Nothing changed")


def test_other_coefficients_are_the_method(published, checkout, tmp_path):
    text = (published.root / "out" / "coefficients.toml").read_text("utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(
        text.replace("trust_threshold = 0.7", "trust_threshold = 0.6")
        .replace('"pull.override" = 0.1', '"pull.override" = 0.3')
        .replace("synthesis_per_source_cap = 0.65", "synthesis_per_source_cap = 0.2"),
        encoding="utf-8",
    )
    assert file.read_text("utf-8").count("0.3\n") >= 1
    outcome = checkout.benchmart("diff", "now", str(file), "--json")
    assert outcome.returncode == 0, outcome.stderr
    changes = json.loads(outcome.stdout)
    assert changes["unexplained"] <= 1e-9
    assert {part["cause"] for part in changes["parts"]} == {"method"}
    scored = checkout.benchmart(
        "all", "--offline", "--now", NOW, "--coefficients", str(file), "--out", str(tmp_path / "o")
    )
    assert scored.returncode == 0, scored.stderr
    after = {
        (model, role): score
        for model, role, score in checkout.query(
            "select model_id, role_key, score from marts.fct_role_scores"
        )
    }
    assert len(after) == 200
    for mover in changes["movers"]:
        assert mover["score_after"] == after[mover["model_id"], mover["role_key"]]


def test_two_files_of_boards_are_compared(published, aged, tmp_path):
    """A board that is known from its file: same causes, to the decimals of the file."""
    outcome = aged.benchmart("diff", NOW, "now", "--json")
    from_history = json.loads(outcome.stdout)
    files = (published.root / "out/scoreboard.toml", aged.root / "out/scoreboard.toml")
    outcome = aged.benchmart("diff", *map(str, files), "--json")
    assert outcome.returncode == 0, outcome.stderr
    from_files = json.loads(outcome.stdout)
    assert from_files["unexplained"] <= 1e-9

    def told(changes):
        return {
            (part["model_id"], part["role_key"], part["metric_key"], part["cause"]): part["points"]
            for part in changes["parts"]
        }

    assert told(from_files) == pytest.approx(told(from_history), abs=1e-9)


def test_the_movers_are_told_in_words(aged):
    outcome = aged.benchmart("diff", NOW, "now", "--limit", "200")
    text = outcome.stdout
    assert "Claude Opus 4.7, Building: " in text
    assert "GSO 42.16 -> 15 (-" in text
    assert "GSO left, was 37.25 (-" in text
    assert "GSO 37.25 -> 20, now of 'GPT 5.5' (-" in text
    assert "GSO stayed, its field moved (+" in text
    assert "weighs differently beside what came or left (+" in text
    assert "figure anthropic/claude-opus-4.6, GSO, gso: nobody has said why yet" in text


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("diff", "yesterday", "now"), 2, "'yesterday' is no board"),
        (("diff", "nowhere.toml", "now"), 1, "nowhere.toml: cannot be read"),
        (("diff", "pyproject.toml", "now"), 2, "[build-system]"),
        (("diff", "now"), 2, "Missing argument"),
        (("diff", "now", "now", "--as-of", "2026-06-01"), 2, "takes two boards and no --as-of"),
        (("all", "--method", "then"), 2, "Add --as-of"),
        (("all", "--as-of", "2999-01-01"), 2, "is still to come"),
        (("all", "--as-of", "soon"), 2, "--as-of: 'soon' is no RFC 3339 moment"),
        (("all", "--offline", "--prev", "nowhere.toml"), 1, "nowhere.toml: cannot be read"),
        (("all", "--offline", "--prev", "README.md"), 1, "README.md: is no TOML"),
    ],
)
def test_what_is_no_board_is_named(published, arguments, code, message):
    outcome = published.benchmart(*arguments)
    assert outcome.returncode == code, outcome.stderr
    assert message in outcome.stderr and len(outcome.stderr.splitlines()) <= 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('generated_at = "2026', 'generated_at = "9999-12-31T23:59:59-14:00" #'),
        ("[models.scores]\nb_adj", "[models.scores]\nr = nan\nb_adj"),
        ("[models.scores]\nb_adj", "[models.scores]\nr = 1e30\nb_adj"),
        ("[models.scores]\nb_adj", f"[models.scores]\nr = 1{'0' * 400}\nb_adj"),
        ('"\nvalue = ', '"\nvalue = true #'),
        ('\ncanonical_id = "anthropic/claude-opus-4.7"', '\ncanonical_id = "openai/gpt-5.5"'),
        ("schema_version", "[" * 3000 + "schema_version"),
    ],
)
def test_a_file_that_says_nonsense_is_named(published, tmp_path, old, new):
    board = (published.root / "out/scoreboard.toml").read_text("utf-8")
    assert old in board
    file = tmp_path / "scoreboard.toml"
    said = board.replace(old, new, 1)
    if "scores" in old:
        head, tail = said.split(new, 1)
        said = head + new + re.sub(r"\nr = [0-9.]+", "", tail, count=1)
    file.write_text(said, encoding="utf-8")
    outcome = published.benchmart("diff", str(file), "now")
    assert outcome.returncode == 1
    assert outcome.stderr.startswith(f"benchmart: {file}: is no ")
    assert len(outcome.stderr.splitlines()) == 1


def test_a_kept_board_ends_with_its_own_scores(published, checkout):
    """Rescored under another method it would seem to have moved against itself."""
    path = checkout.root / "seeds/catalogue/metrics.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    [place] = [place for place, line in enumerate(lines) if line.startswith("Tau2Bench,")]
    lines[place] = lines[place].replace(",percentile,", ",as_score,")
    path.write_text("".join(lines), encoding="utf-8")
    board = str(published.root / "out/scoreboard.toml")
    outcome = checkout.benchmart("diff", board, board, "--json")
    assert outcome.returncode == 0, outcome.stderr
    changes = json.loads(outcome.stdout)
    assert {mover["change"] for mover in changes["movers"]} == {0.0}
    # What the other method makes of the figures is there, and taken back.
    assert changes["parts"] and {part["cause"] for part in changes["parts"]} == {"method"}


def test_a_board_without_its_figures_is_no_board_to_compare(published, tmp_path):
    board = (published.root / "out/scoreboard.toml").read_text("utf-8")
    old = tmp_path / "scoreboard.toml"
    old.write_text(board.replace(".figures.", ".pictures."), encoding="utf-8")
    outcome = published.benchmart("diff", str(old), "now")
    assert outcome.returncode == 1
    assert "is no scoreboard.toml of schema 1.4 or later" in outcome.stderr


def test_deltas_are_told_against_the_file_that_is_named(published, aged, lay_out):
    before = published.root / "out/scoreboard.toml"
    arguments = ("all", "--offline", "--recordings", str(aged.root.parent / "later"))
    checkout = lay_out(aged)
    outcome = checkout.benchmart(*arguments, "--now", LATER, "--prev", str(before))
    assert outcome.returncode == 0, outcome.stderr
    [(label, count)] = checkout.query(
        "select compared_label, (select count(*) from marts.fct_role_changes where change <> 0)"
        " from marts.board"
    )
    assert label == f"scoreboard.toml of {date.fromisoformat(NOW[:10])}" and count > 40
    # The same file again, and the board's own file, are no reason to work.
    for file in (before, checkout.root / "out/scoreboard.toml"):
        again = checkout.benchmart(*arguments, "--now", LATER, "--prev", str(file))
        assert again.stdout.startswith("Nothing changed"), again.stdout
    # Of the file nothing is kept: it was for this board alone.
    assert checkout.query("select count(*) from history.boards") == [(0,)]


HISTORY = (
    "select label, board_key = 'current', is_current, count(*), count(change),"
    " count(*) filter (change <> 0), round(sum(abs(change)), 9), round(sum(abs(data_points)), 9)"
    " from marts.fct_score_history group by all order by all"
)
COLUMNS = (
    "select column_name, data_type from information_schema.columns"
    " where table_schema = 'history' and table_name = 'role_changes' order by ordinal_position"
)


def test_the_history_of_scores_has_every_board_once(checkout, tmp_path):
    first, second = NOW[:10], LATER[:10]
    assert checkout.query(HISTORY) == [(first, True, True, 200, 0, 0, None, None)]
    assert checkout.benchmart("snapshot").returncode == 0
    gso = json.loads((checkout.root / "recordings" / GSO).read_text(encoding="utf-8"))
    for row in gso["models"]:
        if row["name"] == "Claude Opus 4.7":
            row["score_hack_control"] = 15.0
    (checkout.root / "recordings" / GSO).write_text(json.dumps(gso), encoding="utf-8")
    later = ("all", "--offline", "--now", LATER)
    assert checkout.benchmart(*later).returncode == 0
    [moved] = checkout.query(
        "select count(*) filter (change <> 0), round(sum(abs(change)), 9),"
        " round(sum(abs(data_points)), 9) from marts.fct_role_changes"
    )
    assert moved[0] > 10
    before = (first, False, False, 200, 0, 0, None, None)
    assert checkout.query(HISTORY) == [before, (second, True, True, 200, 200, *moved)]

    # The same board again: compared with its own snapshot it moved nothing, and that is not told.
    assert checkout.benchmart("snapshot").returncode == 0
    again = checkout.benchmart(*later)
    assert again.returncode == 0 and not again.stdout.startswith("Nothing changed"), again.stderr
    kept = [before, (second, False, True, 200, 200, *moved)]
    assert checkout.query("select count(*) from marts.fct_role_changes where change <> 0") == [(0,)]
    assert checkout.query(HISTORY) == kept
    # A month on, the snapshot still tells what moved.
    assert checkout.benchmart("all", "--offline", "--now", "2026-07-20T12:00:00Z").returncode == 0
    [*snapshots, (label, *_)] = checkout.query(HISTORY)
    assert snapshots == [before, (second, False, False, 200, 200, *moved)]
    assert label == "2026-07-20"

    out = tmp_path / "past"
    assert checkout.benchmart("all", "--as-of", LATER, "--out", str(out)).returncode == 0
    with duckdb.connect(str(out / "board.duckdb"), read_only=True) as past:
        rows = past.execute(HISTORY).fetchall()
    assert rows == [(second, True, True, 200, 0, 0, None, None)]

    # As in a file of a version that did not keep what moved a score.
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute("drop table history.role_changes")
    outcome = checkout.dbt("build", "-s", "fct_score_history")
    assert outcome.returncode == 0, outcome.stdout
    assert checkout.query(HISTORY)[1] == (second, False, False, 200, 0, 0, None, None)
    with duckdb.connect() as fresh:
        open_history(fresh)
        assert checkout.query(COLUMNS) == fresh.execute(COLUMNS).fetchall()
