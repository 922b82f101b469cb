"""Landing: every row once, history kept, nothing after a fault."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import yaml

from loaders.errors import LandingError, PayloadMissing, UnknownSource, UpstreamBroken
from loaders.landing import land, land_recordings, open_raw_schema
from loaders.payload import Fetched
from loaders.recordings import read_recording, recorded_sources
from loaders.registry import SOURCES, sources
from tests.conftest import PROJECT, ROWS
from tests.loaders.conftest import RECORDINGS, body_of


def test_every_recorded_row_lands(connection):
    reports = land_recordings(connection, RECORDINGS)
    assert {report.fetched.source_key: report.row_count for report in reports} == ROWS
    assert all(report.was_new for report in reports)
    for source in SOURCES:
        landed = sum(
            connection.execute(
                f"from raw.{source.source_key}__{endpoint} select count(*)"
            ).fetchone()[0]
            for endpoint in source.endpoints
        )
        assert landed == ROWS[source.source_key], source.source_key


def test_rows_land_untouched_and_in_order(connection):
    land_recordings(connection, RECORDINGS)
    upstream = json.loads(body_of("openrouter"))["data"]
    landed = connection.execute(
        "select payload::varchar from raw.openrouter__models order by row_ordinal"
    ).fetchall()
    assert [json.loads(payload) for (payload,) in landed] == upstream


def test_a_row_and_its_ledger_entry_say_where_they_are_from(connection):
    land_recordings(connection, RECORDINGS, only=["swebench_pro"])
    sha256 = hashlib.sha256(body_of("swebench_pro")).hexdigest()
    url = "https://labs.scale.com/leaderboard/swe_bench_pro_public"
    moment = datetime(2026, 5, 7)  # noqa: DTZ001 (the table holds UTC without a zone)
    payload = (
        '{"model":"gpt-5.4 (xHigh)*","version":"","rank":1,"score":59.1,'
        '"confidenceInterval_upper":3.56,"contaminationMessage":"","company":"openai",'
        '"isNew":false,"new":false,"createdAt":"2026-04-08T17:04:48.000Z","deprecated":false,'
        '"maxScore":64.5398}'
    )
    assert connection.execute(
        "select * replace (payload::varchar as payload) from raw.swebench_pro__entries limit 1"
    ).fetchall() == [("swebench_pro", "entries", 0, payload, sha256, url, moment)]
    assert connection.execute("select * from raw.payloads").fetchall() == [
        ("swebench_pro", sha256, url, moment, "recorded", len(body_of("swebench_pro")), 24, 0)
    ]
    assert connection.execute("select * exclude (decided_at) from raw.fetches").fetchall() == [
        (
            "swebench_pro", 0, "recorded", sha256, moment, None, 0,
            f"recorded {sha256} 2026-05-07T00:00:00+00:00 24",
        )
    ]  # fmt: skip


def test_labels_keep_their_outer_white_space(connection, land_body):
    body = body_of("bfcl").replace(b"Claude-Opus-4-5-20251101 (FC)", b" Claude-Opus-4-5 (FC) ")
    land_body("bfcl", body)
    [(label,)] = connection.execute(
        """select payload ->> '$."Model"' from raw.bfcl__rows where row_ordinal = 0"""
    ).fetchall()
    assert label == " Claude-Opus-4-5 (FC) "


def test_the_same_content_lands_once(connection):
    land_recordings(connection, RECORDINGS)
    again = land_recordings(connection, RECORDINGS)
    assert [report.was_new for report in again] == [False] * len(SOURCES)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (len(SOURCES),)
    assert connection.execute("select count(*) from raw.bfcl__rows").fetchone() == (109,)


def test_content_that_comes_back_is_a_new_moment_and_no_new_row(connection, land_body):
    first = body_of("bfcl")
    second = first.replace(b"77.47%", b"77.48%")
    for day, body in ((1, first), (2, second), (3, first)):
        land_body("bfcl", body, day=day)
    assert connection.execute("select count(*) from raw.bfcl__rows").fetchone() == (218,)
    assert connection.execute(
        "select count(*), count(distinct payload_sha256) from raw.payloads"
    ).fetchone() == (3, 2)


def test_a_recording_that_is_edited_and_put_back_counts_each_time(connection, land_body):
    first = body_of("bfcl")
    second = first.replace(b"77.47%", b"77.50%")
    for body in (first, second, second, first):
        land_body("bfcl", body)
    assert connection.execute(
        "select payload_bytes, landing_ordinal, payload_sha256 from raw.payloads order by 2"
    ).fetchall() == [
        (len(body), ordinal, hashlib.sha256(body).hexdigest())
        for ordinal, body in enumerate((first, second, first))
    ]
    assert connection.execute("select count(*) from raw.bfcl__rows").fetchone() == (218,)


def test_one_broken_recording_lands_nothing(connection, tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    whole = (folder / "bfcl.csv").read_bytes()
    (folder / "bfcl.csv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UpstreamBroken, match=r"bfcl\.csv is broken: .*Nothing was landed"):
        land_recordings(connection, folder)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (0,)
    assert connection.execute("select count(*) from raw.openrouter__models").fetchone() == (0,)


def test_a_missing_recording_is_named(connection, tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    (folder / "bfcl.csv").unlink()
    with pytest.raises(PayloadMissing, match=r"bfcl\.csv: .*Restore it"):
        land_recordings(connection, folder)


def test_an_unknown_source_lists_the_known_ones(connection):
    known = f"Known are {', '.join(sorted(ROWS))}."
    for options in ({"only": ["nosuch"]}, {"accept_shrink": ["nosuch"]}):
        with pytest.raises(UnknownSource) as refusal:
            land_recordings(connection, RECORDINGS, **options)
        assert str(refusal.value) == f"unknown source nosuch. {known}"


@pytest.mark.parametrize("index", ["", "bfcl = 3", "[bfcl]\nrecorded_on = 'May'", "[bfcl", None])
def test_an_index_without_the_day_is_named(connection, tmp_path, index):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    if index is None:
        (folder / "index.toml").unlink()
    else:
        (folder / "index.toml").write_text(index, encoding="utf-8")
    with pytest.raises(PayloadMissing, match=r"index\.toml: .*(TOML date|Restore it)"):
        land_recordings(connection, folder, only=["bfcl"])


def test_foreign_tables_are_refused_in_one_line(connection):
    connection.execute("create schema raw")
    connection.execute("create table raw.payloads (anything integer)")
    with pytest.raises(LandingError, match="schema raw of the database 'memory'") as refusal:
        land_recordings(connection, RECORDINGS)
    assert "\n" not in str(refusal.value)


def test_a_fault_while_landing_takes_everything_back(connection):
    connection.execute("create schema raw")
    connection.execute("create table raw.bfcl__rows (anything integer)")
    with pytest.raises(LandingError):
        land_recordings(connection, RECORDINGS)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (0,)
    assert connection.execute("select count(*) from raw.openrouter__models").fetchone() == (0,)
    assert connection.execute("select 1").fetchone() == (1,)


def test_every_table_is_there_before_anything_landed(connection):
    open_raw_schema(connection)
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'raw' order by all"
    ).fetchall()
    declared = yaml.safe_load((PROJECT / "models/staging/_raw__sources.yml").read_text("utf-8"))
    [raw] = [source for source in declared["sources"] if source["name"] == "raw"]
    assert {name for (name,) in tables} == {table["name"] for table in raw["tables"]}
    assert len(tables) == 30


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "loaders", *map(str, arguments)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_lands_and_says_what(tmp_path):
    outcome = run("--database", tmp_path / "deep" / "b.duckdb", "--only", "bfcl, swebench_pro")
    assert (outcome.returncode, outcome.stdout.split(), outcome.stderr) == (
        0,
        ["swebench_pro", "24", "rows", "bfcl", "109", "rows"],
        "",
    )


def test_the_command_stops_with_one_line(tmp_path):
    (tmp_path / "text.duckdb").write_text("no database", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    database = tmp_path / "b.duckdb"
    for arguments, code, words in (
        (("--database", database, "--only", "nosuch"), 2, "unknown source nosuch"),
        (("--database", database, "--recordings", tmp_path / "empty"), 1, "Restore it"),
        (("--database", tmp_path / "text.duckdb"), 1, "cannot be opened for writing"),
    ):
        outcome = run(*arguments)
        assert (outcome.returncode, outcome.stdout, outcome.stderr.count("\n")) == (code, "", 1)
        assert outcome.stderr.startswith("loaders: ") and words in outcome.stderr


def marks(folder):
    return {source.source_key: read_recording(source, folder).mark for source in SOURCES}


def test_a_mark_changes_with_one_byte_a_day_or_a_row_count(tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    before = marks(folder)
    (folder / "bfcl.csv").write_bytes(body_of("bfcl").replace(b"77.47%", b"77.48%"))
    index = (folder / "index.toml").read_text("utf-8")
    assert index.count("2026-02-26") == 1 and index.count("rows = 573") == 1
    changed = index.replace("2026-02-26", "2026-02-27").replace("rows = 573", "rows = 574")
    (folder / "index.toml").write_text(changed, encoding="utf-8")
    after = marks(folder)
    assert {key for key in before if before[key] != after[key]} == {"bfcl", "swebench", "arc_agi"}


def test_the_ledger_tells_an_outcome_once(connection, land_body):
    land_body("bfcl", body_of("bfcl"), day=1)
    land_body("bfcl", body_of("bfcl"), day=1)
    land_body("bfcl", body_of("bfcl"), day=2)
    kept = replace(read_recording(*sources(["bfcl"]), RECORDINGS).payload, status="verified")
    moment = datetime(2026, 5, 3, tzinfo=UTC)
    for problem in ("busy", "busy", "gone"):
        stale = Fetched(source_key="bfcl", status="stale", payload=kept, problem=problem)
        land(connection, [stale], now=moment)
    land(connection, [Fetched(source_key="bfcl", status="failed", payload=None)], now=moment)
    assert connection.execute(
        "select fetch_ordinal, status, problem, payload_sha256 is null from raw.fetches order by all"
    ).fetchall() == [
        (0, "recorded", None, False),
        (1, "recorded", None, False),
        (2, "stale", "busy", False),
        (3, "stale", "gone", False),
        (4, "failed", None, True),
    ]


def test_a_parser_that_reads_more_reads_landed_payloads_anew(connection, land_body, monkeypatch):
    rows = "select count(*), count(payload->>'added') from raw.gso__models"
    land_body("gso", body_of("gso"))
    assert connection.execute(rows).fetchone() == (28, 0)
    [source] = sources(["gso"])

    def more(body):
        return {"models": [{**row, "added": "1"} for row in source.parse(body)["models"]]}

    changed = tuple(replace(one, parse=more) if one.source_key == "gso" else one for one in SOURCES)
    monkeypatch.setattr("loaders.registry.SOURCES", changed)
    land_body("gso", body_of("gso"))
    assert connection.execute(rows).fetchone() == (28, 28)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (1,)


def test_a_board_may_not_shrink_unless_it_is_accepted(connection, land_body):
    body = body_of("bfcl").splitlines(keepends=True)
    header, lines = body[0], body[1:]
    land_body("bfcl", b"".join([header, *lines, *lines]), day=1)
    with pytest.raises(UpstreamBroken, match=r"109 rows, and the last good payload had 218"):
        land_body("bfcl", b"".join([header, *lines]), day=2)
    [report] = land_body("bfcl", b"".join([header, *lines]), day=2, accept_shrink=["bfcl"])
    assert (report.row_count, report.was_new) == (109, True)


def test_a_recording_cut_at_the_end_of_a_row_is_noticed(connection, tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    lines = (folder / "bfcl.csv").read_bytes().splitlines(keepends=True)
    (folder / "bfcl.csv").write_bytes(b"".join(lines[:99]))
    with pytest.raises(UpstreamBroken, match=r"98 rows, and 109 are stated"):
        land_recordings(connection, folder)


def small_gso(folder, *, runs, rows, setting="Opt@1", day="2025-05-30"):
    """A folder with a recording of GSO as small as the board was at first."""
    figures = [
        {"name": f"M{run}", "setting": setting, "score": 4.9, "date": "2025-05-30"}
        for run in range(runs)
    ]
    folder.mkdir()
    (folder / "gso.json").write_text(json.dumps({"models": figures}), encoding="utf-8")
    (folder / "index.toml").write_text(
        f'[gso]\nfile = "gso.json"\nurl = "https://gso.example"\nrecorded_on = {day}\nrows = {rows}\n',
        encoding="utf-8",
    )
    return folder


def test_a_recording_is_held_to_its_stated_rows_and_to_no_floor(connection, tmp_path):
    [report] = land_recordings(connection, small_gso(tmp_path / "a", runs=3, rows=3), only=["gso"])
    assert report.row_count == 3


@pytest.mark.parametrize(
    ("recording", "words"),
    [
        ({"runs": 2, "rows": 3}, "2 rows, and 3 are stated"),
        ({"runs": 4, "rows": 3}, "4 rows, and 3 are stated"),
        ({"runs": 0, "rows": 0}, "0 rows with the setting Opt@1, and at least 1"),
        ({"runs": 3, "rows": 3, "setting": "one"}, "0 rows with the setting Opt@1, and at least 1"),
        ({"runs": 3, "rows": '"3"'}, "rows is '3' and no number"),
        ({"runs": 3, "rows": 3.0}, "rows is 3.0 and no number"),
        ({"runs": 1, "rows": "true"}, "rows is True and no number"),
        ({"runs": 3, "rows": 3, "day": '"May"'}, "recorded_on is 'May' and no day"),
    ],
)
def test_a_recording_that_is_not_what_its_index_says_is_refused(
    connection, tmp_path, recording, words
):
    with pytest.raises((UpstreamBroken, PayloadMissing)) as refusal:
        land_recordings(connection, small_gso(tmp_path / "a", **recording), only=["gso"])
    assert words in str(refusal.value) and "\n" not in str(refusal.value)
    open_raw_schema(connection)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (0,)


def test_an_empty_recording_is_none_whatever_is_stated(connection, tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    (folder / "bfcl.csv").write_bytes(body_of("bfcl").splitlines(keepends=True)[0])
    index = (folder / "index.toml").read_text("utf-8")
    (folder / "index.toml").write_text(index.replace("rows = 109", "rows = 0"), encoding="utf-8")
    with pytest.raises(UpstreamBroken, match="0 rows, and at least 1 are expected"):
        land_recordings(connection, folder, only=["bfcl"])


def test_what_states_no_rows_keeps_its_floors(connection, land_body, tmp_path):
    small = (small_gso(tmp_path / "a", runs=14, rows=14) / "gso.json").read_bytes()
    with pytest.raises(UpstreamBroken, match="14 rows with the setting Opt@1, and at least 15"):
        land_body("gso", small)
    few = b"".join(body_of("bfcl").splitlines(keepends=True)[:80])
    with pytest.raises(UpstreamBroken, match="79 rows, and at least 80 are expected"):
        land_body("bfcl", few)


def test_a_recording_may_not_shrink_against_the_one_before_it(connection, tmp_path):
    def recorded(name, runs, day):
        folder = small_gso(tmp_path / name, runs=runs, rows=runs, day=day)
        return land_recordings(connection, folder, only=["gso"])

    recorded("a", 10, "2025-05-30")
    with pytest.raises(UpstreamBroken, match="5 rows, and the last good payload had 10"):
        recorded("b", 5, "2025-06-10")
    [older] = recorded("c", 5, "2025-05-01")
    assert older.is_change


@pytest.mark.parametrize("day", ["2025-05-30", "2025-06-10"])
def test_history_that_is_longer_does_not_put_what_is_landed_in_doubt(connection, tmp_path, day):
    mine = small_gso(tmp_path / "mine", runs=5, rows=5, day="2025-06-10")
    longer = small_gso(tmp_path / "longer", runs=10, rows=10, day=day)
    land_recordings(connection, mine, only=["gso"])
    land_recordings(connection, longer, only=["gso"])
    [again] = land_recordings(connection, mine, only=["gso"])
    assert (again.was_new, again.row_count) == (False, 5)


def test_history_is_landed_beside_the_ledger(connection, tmp_path):
    land_recordings(connection, RECORDINGS, only=["gso"])
    ledger = connection.execute("from raw.fetches").fetchall()
    old = small_gso(tmp_path / "old", runs=3, rows=3)
    history = [read_recording(source, old) for source in recorded_sources(old)]
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert [
        (report.was_new, report.is_change)
        for report in land(connection, history * 2, now=now, is_history=True)
    ] == [(True, True), (False, False)]
    assert connection.execute("from raw.fetches").fetchall() == ledger
    assert connection.execute(
        "select row_count, fetched_at from raw.payloads order by landing_ordinal"
    ).fetchall() == [(28, datetime(2026, 5, 7)), (3, datetime(2025, 5, 30))]  # noqa: DTZ001


def test_known_content_of_another_day_is_a_payload_and_no_rows(connection):
    land_recordings(connection, RECORDINGS, only=["gso"])
    [report] = land_recordings(connection, RECORDINGS / "2026-04-28", only=["gso"])
    assert (report.was_new, report.is_change) == (False, True)
    assert connection.execute("select count(*) from raw.gso__models").fetchone() == (28,)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (2,)


@pytest.mark.parametrize(
    ("index", "words"),
    [
        ('["../../etc/passwd"]\nrows = 1\n', "'../../etc/passwd' is no source"),
        ("[gso]\nrows = 1\n[nosuch]\n", "'nosuch' is no source. Correct it; known are arc_agi,"),
        ('["a\\nb"]\n', r"'a\nb' is no source"),
        ("rows = 3\n", "'rows' is no source"),
        ("", "names no source. Write a table"),
        ("[gso", "is no TOML"),
        ("a = " + "[" * 100_000, "is no TOML"),
        (None, "cannot be read (No such file or directory)"),
    ],
)
def test_an_index_of_something_else_is_named(tmp_path, index, words):
    if index is not None:
        (tmp_path / "index.toml").write_text(index, encoding="utf-8")
    with pytest.raises((PayloadMissing, UnknownSource)) as refusal:
        recorded_sources(tmp_path)
    message = str(refusal.value)
    assert message.startswith(f"{tmp_path / 'index.toml'}: ") and words in message
    assert "\n" not in message and len(message) < 600


def test_an_index_that_is_no_text_is_named(tmp_path):
    (tmp_path / "index.toml").write_bytes(b"[gso]\xff")
    with pytest.raises(PayloadMissing, match="is no TOML"):
        recorded_sources(tmp_path)
