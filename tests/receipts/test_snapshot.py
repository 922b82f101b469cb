"""What is written into a snapshot, when nothing is, and that the same goes in again."""

import csv
import hashlib
import io
import json
import re
import subprocess
from dataclasses import replace

import duckdb
import pytest

from receipts import snapshot as writing
from receipts.canonical import canonical, parse_json
from receipts.errors import InvalidReceipt, SigningError, SnapshotError
from receipts.proofs import read_receipt
from receipts.snapshot import MARTS
from receipts.verifying import verify
from tests.receipts.conftest import DAY, HOSTILE, KEYS_FILE, RECEIPT, SUMS, key_row, pem_of


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def rows(folder, mart):
    return parse_json((folder / f"{mart}.json").read_bytes(), name=mart)


FIRST_OF_ITS_CHAIN = {"dim_snapshots", "fct_departures", "fct_role_changes", "fct_score_changes"}
# Nobody decided anything about the samples, nothing in them goes against itself.
WITHOUT_ROWS = {"fct_run_adjudications", "fct_run_contradictions", "dim_run_exploits"}


def test_the_real_board_is_whole_and_verifies(real, real_snapshot):
    files = {f"{mart}.{form}" for mart in MARTS for form in ("parquet", "csv", "json")}
    assert {path.name for path in real_snapshot.iterdir()} == files | {KEYS_FILE, RECEIPT, SUMS}
    verdict = verify(real_snapshot)
    assert verdict.faults == ()
    assert verdict.facts[1] == "unsigned: nothing says who made it"
    with duckdb.connect(str(real.database), read_only=True) as connection:
        for mart in MARTS:
            [count] = connection.execute(f"select count(*) from marts.{mart}").fetchone()
            assert len(rows(real_snapshot, mart)) == count, mart
            # A first board has nothing before it.
            assert (count == 0) == (mart in FIRST_OF_ITS_CHAIN | WITHOUT_ROWS), mart
    said = read_receipt(real_snapshot).predicate
    assert said["snapshot_date"] == real_snapshot.name == "2026-06-12"
    assert len(said["inputs"]) == 18
    done = subprocess.run(["sha256sum", "-c", "--strict", SUMS], cwd=real_snapshot, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize("threads", [1, 4])
def test_the_same_board_gives_the_same_bytes(real, real_snapshot, tmp_path, monkeypatch, threads):
    monkeypatch.setattr(writing, "THREADS", threads)
    again = replace(real, snapshots=tmp_path).write()
    assert content(again.folder) == content(real_snapshot)


def test_the_same_board_and_key_give_the_same_signed_bytes(bench, signed, key_file, tmp_path):
    again = replace(bench, snapshots=tmp_path / "again").write(signing_key=key_file)
    assert content(again.folder) == content(signed)


def test_what_the_rows_are_in_each_form(bench):
    folder = bench.write().folder
    receipt = read_receipt(folder)
    mart = receipt.mart("scoreboard")
    columns = [column["name"] for column in mart["columns"]]
    table = rows(folder, "scoreboard")
    by_key = {row["model_id"]: row for row in table}
    assert [row["model_id"] for row in table] == sorted(by_key)
    assert by_key[HOSTILE[1]] == {
        "model_id": HOSTILE[1], "label": HOSTILE[1], "score": -(10.0**-2) / 3, "cost": "-1.125",
        "n": 1, "is_ranked": False, "seen": "2026-01-02", "at": "2026-01-02T03:04:05.678000Z",
        "names": [HOSTILE[1], None], "big": 2**53 - 1, "=evil": None,
    }  # fmt: skip
    assert by_key["whole"]["cost"] == "7.000"
    assert by_key["whole"]["at"] == f"{DAY}T00:00:00Z"
    assert set(by_key["nulls"].values()) == {"nulls", None}
    assert len((folder / "scoreboard.json").read_text("utf-8").split("\n")) == len(table) + 3
    arrays = [canonical([row[name] for name in columns]) for row in table]
    joined = b"".join(line + b"\n" for line in arrays)
    assert mart["rows_sha256"] == hashlib.sha256(joined).hexdigest()
    assert mart["columns_sha256"] == hashlib.sha256(canonical(mart["columns"])).hexdigest()


def test_hostile_texts_stay_in_their_cells_and_are_no_formulas(bench):
    folder = bench.write().folder
    text = (folder / "scoreboard.csv").read_bytes().decode("utf-8")
    header, *found = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header[-1] == "'=evil"
    by_key = {row[0].removeprefix("'") if len(row[0]) > 1 else row[0]: row for row in found}
    assert len(found) == len(HOSTILE) + 4
    for label in HOSTILE:
        guarded = f"'{label}" if label[:1] in tuple("=+-@\t\r") and label else label
        row = by_key.get(label) or next(row for row in found if row[0] == guarded)
        assert row[:2] == [guarded, guarded]
        assert row[3].startswith("-")
        assert not any(cell[:1] in tuple("=+@\t\r") and cell for cell in row)
    assert verify(folder).faults == ()


def test_a_mart_is_left_out_only_where_that_is_said(bench):
    bench.sql("create table marts.audit_gaps as select 1 as x")
    assert bench.write().mart_count == len(MARTS)
    bench.sql("create table marts.fct_new as select 1 as x")
    with pytest.raises(SnapshotError, match=r"marts.fct_new is in no snapshot yet. Add it"):
        bench.write()


@pytest.mark.parametrize(
    "change, error, said",
    [
        ("insert into marts.dim_roles select * from marts.dim_roles limit 1", InvalidReceipt,
         r"marts.dim_roles: row \['role_key 0'\] has the key of another"),
        ("drop table marts.dim_roles", SnapshotError, "lacks marts.dim_roles"),
        ("alter table marts.dim_roles rename role_key to x", SnapshotError,
         "marts.dim_roles: cannot be read by its key"),
        ("update marts.dim_roles set score = 'nan'", InvalidReceipt,
         r"marts.dim_roles: row \['role_key 0'\]: nan is not representable"),
        ("update marts.dim_roles set score = '-inf'", InvalidReceipt, "inf is not"),
        ("update marts.scoreboard set big = 9007199254740993", InvalidReceipt, "exceeds safe"),
        ("alter table marts.dim_roles alter score type hugeint", InvalidReceipt,
         "column 'score' is of type HUGEINT. Cast it"),
        ("alter table marts.dim_roles alter role_key type double using 1", InvalidReceipt,
         "no column 'role_key' by which rows can be ordered"),
        ("delete from marts.board", SnapshotError, "marts.board is not one row"),
    ],
)  # fmt: skip
def test_a_mart_that_no_snapshot_can_hold_is_named(bench, change, error, said):
    bench.sql(change)
    with pytest.raises(error, match=said):
        bench.write()
    assert not bench.snapshots.exists() or list(bench.snapshots.iterdir()) == []


def test_a_snapshot_is_never_overwritten(bench):
    first = bench.write()
    before = content(first.folder)
    assert first.was_new
    assert bench.write() == replace(first, was_new=False)
    bench.sql("update marts.dim_roles set score = 7 where role_key = 'role_key 1'")
    with pytest.raises(SnapshotError, match=r"holds other rows of board one. A snapshot is never"):
        bench.write()
    bench.board("two", DAY)
    with pytest.raises(SnapshotError, match=r"holds board one, and this is two. A snapshot is"):
        bench.write()
    assert content(first.folder) == before
    (first.folder / RECEIPT).unlink()
    with pytest.raises(SnapshotError, match=r"is no whole snapshot. A snapshot is never"):
        bench.write()


@pytest.mark.parametrize("nth", range(0, 42, 5))
def test_a_crash_between_files_leaves_nothing(bench, monkeypatch, nth):
    calls = iter(range(1000))
    write = writing.Path.write_bytes

    def failing(path, data):
        if next(calls) == nth:
            raise OSError(28, "No space left on device", str(path))
        return write(path, data)

    monkeypatch.setattr(writing.Path, "write_bytes", failing)
    with pytest.raises(OSError, match="No space left"):
        bench.write()
    assert list(bench.snapshots.iterdir()) == []


def test_what_a_killed_run_left_is_no_snapshot_and_goes_away(bench):
    left = bench.snapshots / f".{DAY}.staged"
    left.mkdir(parents=True)
    (left / "half").write_text("x")
    bench.board("zero", "2026-05-06")
    assert bench.write().was_new
    bench.board("one", DAY)
    folder = bench.write().folder
    assert [path.name for path in sorted(bench.snapshots.iterdir())] == ["2026-05-06", DAY]
    assert verify(folder).faults == ()


def test_a_snapshot_that_would_not_verify_is_not_published(bench, monkeypatch):
    monkeypatch.setattr(writing, "sums_of", lambda files: b"")
    with pytest.raises(SnapshotError, match="would not verify"):
        bench.write()
    assert list(bench.snapshots.iterdir()) == []


@pytest.mark.parametrize(
    "row, said",
    [
        (None, "is not among the trusted keys"),
        ({"since": "2026-05-08T00:00:00Z"}, "counts from 2026-05-08"),
        ({"until": "2026-05-07T12:00:00Z"}, "was retired at 2026-05-07T12:00:00Z"),
    ],
)
def test_a_key_that_readers_would_refuse_signs_nothing(bench, key, other_key, key_file, row, said):
    listed = key_row(other_key) if row is None else key_row(key, **row)
    bench.keys.write_text(json.dumps([listed]), "utf-8")
    with pytest.raises(SigningError, match=said) as caught:
        bench.write(signing_key=key_file)
    assert not bench.snapshots.exists()
    remedy = json.loads(re.search(r"\{.*\}", str(caught.value))[0])
    assert remedy == key_row(key, f"{DAY}T12:00:00Z", note="")
    bench.keys.write_text(json.dumps([remedy]), "utf-8")
    assert bench.write(signing_key=key_file).key_id == remedy["key_id"]


def test_receipts_follow_one_another(bench):
    bench.board("two", "2026-05-09")
    second = bench.write().folder
    bench.board("three", "2026-05-12")
    third = bench.write().folder
    assert verify(second).facts[2] == "it is the first of its chain"
    assert (
        "it follows the snapshot of 2026-05-09, whose receipt is beside it" in verify(third).facts
    )
    # One of a day between does not come between them.
    bench.board("between", "2026-05-10")
    assert verify(bench.write().folder).faults == verify(third).faults == ()
    second.rename(bench.snapshots / "away")
    assert "the snapshot before it, of 2026-05-09, is not at hand" in verify(third).facts
    bench.board("other", "2026-05-09")
    bench.write()
    assert verify(third).faults == (
        "2026-05-09/receipt.json: is not the receipt that this one follows",
    )


def test_hashes_that_the_board_knows_are_taken_from_it(bench):
    bench.sql(
        "alter table marts.board add column seeds_sha256 varchar",
        "update marts.board set seeds_sha256 = repeat('c', 64)",
    )
    said = read_receipt(bench.write(method_sha256="d" * 64, code_commit="e" * 40).folder).predicate
    assert said["seeds_sha256"] == "c" * 64
    assert said["method_sha256"] == "d" * 64
    assert said["code_commit"] == "e" * 40


def test_an_encrypted_key_stops_before_anything(bench, key, tmp_path):
    path = tmp_path / "locked.pem"
    path.write_bytes(pem_of(key, b"secret"))
    with pytest.raises(SigningError, match="is encrypted"):
        bench.write(signing_key=path)
    assert not bench.snapshots.exists()
