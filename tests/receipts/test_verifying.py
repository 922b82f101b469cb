"""Every change to a snapshot or a proof is caught, named, and never a traceback."""

import json
import os
import random
import shutil

import pytest

from receipts.canonical import canonical, document, parse_json
from receipts.errors import InvalidReceipt
from receipts.proofs import mart_table, proof_at, read_receipt, row_proof
from receipts.receipt import open_receipt
from receipts.signing import seal
from receipts.snapshot import MARTS
from receipts.verifying import proof_sum, verify
from tests.receipts.conftest import (
    DAY,
    HOSTILE,
    KEYS_FILE,
    RECEIPT,
    SUMS,
    key_row,
    reseal,
    rewrite_parquet,
)

FLIPS = 2000
FORMS = ("json", "csv", "parquet")


@pytest.fixture
def unsigned(bench):
    return bench.write().folder


def faults_of(path, keys=None):
    faults = verify(path, keys=keys).faults
    assert all("\n" not in fault and len(fault) < 400 for fault in faults)
    return faults


def flipped(data, draw):
    """One bit or one whole byte changed."""
    place = draw.randrange(len(data))
    changed = data[place] ^ (
        1 << draw.randrange(8) if draw.random() < 0.5 else draw.randrange(1, 256)
    )
    return data[:place] + bytes([changed]) + data[place + 1 :]


def test_every_row_of_the_real_board_has_its_proof(real_snapshot, tmp_path):
    receipt = read_receipt(real_snapshot)
    path = tmp_path / "proof.json"
    count = 0
    for mart in receipt.predicate["marts"]:
        table = mart_table(real_snapshot, receipt, mart["mart"])
        for index, row in enumerate(table.rows):
            proof = proof_at(real_snapshot, receipt, table, index)
            assert proof["row"] == row
            # The whole way through a file costs 10 ms, most of it the receipt's; the path is new.
            if index % 50 == 0:
                path.write_bytes(document(proof))
                assert faults_of(path) == ()
            else:
                assert path_leads(proof, mart["merkle_root"])
            count += 1
    assert count > 8000


def path_leads(proof, root):
    from receipts import merkle

    steps = [bytes.fromhex(step) for step in proof["proof"]]
    found = merkle.root_of_proof(
        canonical(proof["row"]), index=proof["leaf_index"], size=proof["tree_size"], proof=steps
    )
    return found.hex() == root


def test_every_flip_in_the_published_files_is_caught(real_snapshot, tmp_path):
    folder = tmp_path / real_snapshot.name
    shutil.copytree(real_snapshot, folder)
    draw = random.Random(5)
    names = sorted(path.name for path in folder.iterdir())
    for number in range(FLIPS):
        path = folder / names[number % len(names)]
        good = path.read_bytes()
        path.write_bytes(flipped(good, draw))
        faults = faults_of(folder)
        path.write_bytes(good)
        assert faults, path.name
        assert any(path.name in fault or SUMS in fault for fault in faults)
    assert faults_of(folder) == ()


@pytest.mark.parametrize("subjects", [False, True], ids=["sums", "sums and subjects"])
def test_every_flip_that_is_sealed_again_is_caught(unsigned, subjects):
    draw = random.Random(6)
    data = [path for path in sorted(unsigned.iterdir()) if path.name not in (RECEIPT, SUMS)]
    kept = {path: path.read_bytes() for path in unsigned.iterdir()}
    for number in range(80):
        path = data[number % len(data)]
        path.write_bytes(flipped(kept[path], draw))
        reseal(unsigned, subjects=subjects)
        faults = faults_of(unsigned)
        is_idle = subjects and not faults and path.suffix == ".parquet"
        # Parquet has bytes that say nothing of a row: its writer's name, counts for readers.
        assert faults or is_idle, path.name
        assert is_idle or any(path.stem in fault for fault in faults), (path.name, faults)
        for other, good in kept.items():
            other.write_bytes(good)


def test_a_signature_catches_what_is_sealed_again(signed):
    draw = random.Random(7)
    kept = {path: path.read_bytes() for path in signed.iterdir()}
    for path, good in sorted(kept.items()):
        if path.name in (RECEIPT, SUMS):
            continue
        path.write_bytes(flipped(good, draw))
        reseal(signed, subjects=True)
        faults = faults_of(signed)
        # A flip in the list of keys may leave it sound, with a key that does not count.
        said = "one of them was changed" if path.name != KEYS_FILE else "key"
        assert any(said in fault for fault in faults), (path.name, faults)
        for other, data in kept.items():
            other.write_bytes(data)
    assert faults_of(signed) == ()


def test_flips_in_the_receipt_are_caught_where_the_sums_are_mended(unsigned, signed, tmp_path):
    draw = random.Random(8)
    path = signed / RECEIPT
    good = path.read_bytes()
    for _ in range(300):
        path.write_bytes(flipped(good, draw))
        reseal(signed)
        assert faults_of(signed)
    path.write_bytes(good)
    for more in (good + b"\n", b" " + good, good[:-1], good[:9] + b" " + good[9:]):
        path.write_bytes(more)
        reseal(signed)
        assert faults_of(signed)


def edit_rows(path, change):
    """Change the rows of a JSON or CSV file of dim_roles, and keep its form."""
    text = path.read_bytes().decode()
    is_json = path.suffix == ".json"
    head, end = ("[\n", "\n]\n") if is_json else (text.split("\r\n")[0] + "\r\n", "\r\n")
    between = ",\n" if is_json else "\r\n"
    rows = text.removeprefix(head).removesuffix(end).split(between)
    path.write_bytes((head + between.join(change(rows, is_json)) + end).encode())


def changed(rows, is_json):
    return [*rows[:2], rows[2].replace("0.25", "0.75"), *rows[3:]]


def added(rows, is_json):
    return [*rows, rows[2].replace("role_key 2", "role_key 9")]


def removed(rows, is_json):
    return rows[:2] + rows[3:]


def swapped(rows, is_json):
    return [*rows[:2], rows[3], rows[2], rows[4]]


def doubled(rows, is_json):
    return [*rows[:3], *rows[2:]]


IN_PARQUET = {
    changed: "select role_key, if(role_key = 'role_key 2', 0.75, score)::double as score from rows",
    added: "from rows union all select 'role_key 9', 0.25",
    removed: "from rows where role_key <> 'role_key 2'",
    swapped: "from rows order by role_key = 'role_key 4', role_key = 'role_key 2', role_key",
    doubled: "from rows union all from rows where role_key = 'role_key 2' order by 1",
}
SAID = {
    changed: "row ['role_key 2'] differs in score",
    added: "row ['role_key 9'] was added",
    removed: "row ['role_key 2'] is missing",
    swapped: "row ['role_key 2'] is not in its place",
    doubled: "a key stands in it twice",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", SAID, ids=lambda change: change.__name__)
def test_a_row_is_named_whichever_file_it_was_touched_in(unsigned, form, change):
    path = unsigned / f"dim_roles.{form}"
    if form == "parquet":
        rewrite_parquet(path, IN_PARQUET[change])
    else:
        edit_rows(path, change)
    [fault] = faults_of(unsigned)
    assert fault.startswith(f"dim_roles.{form}: is not the file that SHA256SUMS names")
    reseal(unsigned)
    faults = faults_of(unsigned)
    assert f"dim_roles.{form}: is not the file that receipt.json names" in " ".join(faults)
    reseal(unsigned, subjects=True)
    faults = faults_of(unsigned)
    said = SAID[change]
    assert any(f"dim_roles.{form}: {said}" in fault for fault in faults), faults
    assert all(fault.startswith(f"dim_roles.{form}: ") for fault in faults), faults
    if form != "csv":
        assert any("does not reproduce" in fault and "merkle_root" in fault for fault in faults)


def test_all_three_files_changed_alike_are_still_not_what_the_receipt_says(unsigned):
    for form in ("json", "csv"):
        edit_rows(unsigned / f"dim_roles.{form}", changed)
    rewrite_parquet(unsigned / "dim_roles.parquet", IN_PARQUET[changed])
    reseal(unsigned, subjects=True)
    assert faults_of(unsigned) == tuple(
        f"dim_roles.{form}: does not reproduce rows_sha256, merkle_root of receipt.json"
        for form in ("json", "parquet")
    )


def test_faults_of_all_files_are_told_and_not_more_than_a_person_reads(unsigned):
    for path in unsigned.glob("*.csv"):
        path.write_bytes(b"x")
    for path in unsigned.glob("*.json"):
        if path.name != RECEIPT:
            path.write_bytes(b"[]\n")
    faults = faults_of(unsigned)
    assert len(faults) == 21
    assert faults[-1] == f"... and {2 * len(MARTS) - 20} more"
    reseal(unsigned)
    assert len(faults_of(unsigned)) == 21


def test_a_file_more_or_less_is_named(unsigned):
    (unsigned / "more.txt").write_text("x")
    assert faults_of(unsigned) == (
        "more.txt: is not named by SHA256SUMS and is no part of the snapshot",
    )
    reseal(unsigned)
    assert faults_of(unsigned) == (
        "more.txt: is not named by receipt.json and is no part of the snapshot",
    )
    (unsigned / "more.txt").unlink()
    reseal(unsigned)
    odd = os.fsencode(unsigned) + b"/odd \xff\n\x1b[31m"
    with open(odd, "wb"):  # noqa: PTH123
        pass
    [fault] = faults_of(unsigned)
    assert "is not named by SHA256SUMS" in fault
    reseal(unsigned)
    assert faults_of(unsigned)
    os.unlink(odd)  # noqa: PTH108
    reseal(unsigned)
    (unsigned / "board.csv").unlink()
    [fault] = [fault for fault in faults_of(unsigned) if "board.csv" in fault]
    assert fault == "board.csv: is named by SHA256SUMS and is not there. Fetch it again"
    reseal(unsigned)
    assert "board.csv: is named by receipt.json and is not there" in faults_of(unsigned)[0]
    (unsigned / "board.csv").symlink_to("/etc/hostname")
    assert faults_of(unsigned) == ("board.csv: is no plain file. Fetch the snapshot again.",)
    (unsigned / "board.csv").unlink()
    os.mkfifo(unsigned / "board.csv")
    assert faults_of(unsigned) == ("board.csv: is no plain file. Fetch the snapshot again.",)


def edits():
    """Claims of a receipt that its own files contradict, and what is said."""

    def put(*path, value):
        def edit(statement):
            at = statement
            for part in path[:-1]:
                at = at[part]
            at[path[-1]] = value

        return edit

    said = "predicate"
    return {
        "board": (put(said, "board_id", value="x"), "its board_id is not the one of board.json"),
        "method": (put(said, "methodology_version", value="x"), "its methodology_version is not"),
        "day": (put(said, "snapshot_date", value="2026-05-08"), "is not the day of"),
        "month 13": (put(said, "generated_at", value="2026-13-07T12:00:00Z"), "is no moment"),
        "inputs": (put(said, "inputs", 0, "sha256", value="0" * 64), "its inputs are not"),
        "less inputs": (put(said, "inputs", value=[]), "its inputs are not"),
        "rows": (put(said, "marts", 3, "row_count", value=7), "does not reproduce row_count"),
        "columns": (put(said, "marts", 3, "columns_sha256", value="0" * 64), "columns_sha256"),
        "type": (put(said, "marts", 3, "columns", 1, "type", value="DATE"), "has other columns"),
        "evil type": (put(said, "marts", 3, "columns", 1, "type", value="x); drop"), "is of type"),
        "evil name": (put(said, "marts", 3, "columns", 1, "name", value='a" or'), "$.predicate"),
        "no key": (put(said, "marts", 3, "key", value=["nothing"]), "no column 'nothing'"),
        "weak key": (put(said, "marts", 3, "key", value=["score"]), "no column 'score' by which"),
        "path": (put("subject", 0, "name", value="../board.csv"), "$.subject[0].name"),
        "mart path": (put(said, "marts", 3, "mart", value="../../x"), "$.predicate.marts[3].mart"),
        "twice": (put(said, "marts", 3, "mart", value="board"), "its files are not those"),
        "subject gone": (lambda s: s["subject"].pop(), "its files are not those"),
        "no marts": (put(said, "marts", value=[]), "$.predicate.marts"),
        "type of file": (put("predicateType", value="x"), "$.predicateType"),
        "chain": (put(said, "prev_snapshot_date", value="2026-05-01"), "names no earlier snapshot"),
        "future": (
            lambda s: s[said].update(
                prev_snapshot_date="2027-01-01", prev_receipt_sha256="0" * 64
            ),
            "names no earlier snapshot",
        ),
        "extra": (put(said, "extra", value=1), "extra"),
        "deep": (put(said, "inputs", value=[[[[]]]]), "$.predicate.inputs"),
    }  # fmt: skip


@pytest.mark.parametrize("name", edits())
def test_a_receipt_that_says_what_its_files_do_not_is_refused(unsigned, name):
    edit, said = edits()[name]
    reseal(unsigned, edit=edit)
    faults = faults_of(unsigned)
    assert any(said in fault for fault in faults), faults


DEEP, LESS_DEEP = (b"[" * depth + b"]" * depth for depth in (100_000, 900))
NONSENSE = {
    "empty": b"", "text": b"hello", "deep": DEEP, "less deep": LESS_DEEP, "number": b"1" * 10_000, "nan": b"[NaN]\n",
    "latin": b'"\xff"', "bom": b"\xef\xbb\xbf[]\n", "utf-16": "[]".encode("utf-16"), "null": b"null",
    "surrogate": b'[{"role_key":"\\ud800","score":1}]', "objects": b'[{"role_key":{},"score":[]}]',
    "wrong rows": b'[\n{"role_key":1,"score":1},\n{"role_key":"a","score":1}\n]\n',
    "nul": b"\x00" * 1000, "parquet": b"PAR1" + b"\xff" * 100 + b"PAR1", "csv": b'a,"b\r\n"c"d',
    "exponent": b'[\n{"role_key":"a","score":1e999}\n]\n',
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_in_any_file_is_one_clean_message(unsigned, name):
    for path in (*(unsigned / f"dim_roles.{form}" for form in FORMS), unsigned / KEYS_FILE):
        good = path.read_bytes()
        path.write_bytes(NONSENSE[name])
        for subjects in (False, True):
            reseal(unsigned, subjects=subjects)
            faults = faults_of(unsigned)
            assert any(path.name in fault for fault in faults), (path.name, faults)
        path.write_bytes(good)
        reseal(unsigned, subjects=True)
    assert faults_of(unsigned) == ()
    for name_ in ("board.json", "dim_sources.json", RECEIPT):
        kept = (unsigned / RECEIPT).read_bytes()
        good = (unsigned / name_).read_bytes()
        (unsigned / name_).write_bytes(NONSENSE[name])
        reseal(unsigned)
        assert faults_of(unsigned)
        assert faults_of(unsigned / name_)
        (unsigned / name_).write_bytes(good)
        (unsigned / RECEIPT).write_bytes(kept)


def test_parquet_that_unpacks_without_end_is_refused(unsigned):
    path = unsigned / "dim_roles.parquet"
    for query in (
        "select 'a' || (i // 1000) as role_key, 0.5::double as score from range(8_000_000) t(i)",
        "select repeat('x', 4_000_000) as role_key, 0.5::double as score from range(200)",
    ):
        rewrite_parquet(path, query)
        assert path.stat().st_size < 20_000_000
        reseal(unsigned, subjects=True)
        [fault] = [fault for fault in faults_of(unsigned) if fault.startswith("dim_roles.parquet")]
        assert "unpacks to more" in fault or "cannot be read" in fault


def test_a_receipt_verifies_with_the_folder_around_it(unsigned):
    assert verify(unsigned / RECEIPT) == verify(unsigned)
    (unsigned / "board.csv").write_bytes(b"")
    assert faults_of(unsigned / RECEIPT)


def test_a_signature_that_was_taken_away_gets_past_no_keys(unsigned, key, tmp_path):
    keys, proof = tmp_path / "keys.json", tmp_path / "proof.json"
    keys.write_bytes(document([key_row(key)]))
    proof.write_bytes(document(row_proof(unsigned, "dim_roles", ("role_key 1",))))
    for path in (unsigned, unsigned / RECEIPT, proof):
        assert faults_of(path) == ()
        [fault] = faults_of(path, keys=keys)
        assert "none of the keys of --keys signed it" in fault


def test_unsigned_says_unsigned(unsigned, tmp_path):
    assert "unsigned: nothing says who made it" in verify(unsigned).facts
    path = tmp_path / "proof.json"
    path.write_bytes(document(row_proof(unsigned, "dim_roles", ("role_key 1",))))
    assert "unsigned: nothing says who made it" in verify(path).facts
    assert parse_json((unsigned / RECEIPT).read_bytes(), name="x")["signatures"] == []


def test_trust_comes_from_the_readers_list_where_there_is_one(signed, key, other_key, tmp_path):
    facts = verify(signed).facts
    [id_] = [row["key_id"] for row in json.loads((signed / KEYS_FILE).read_bytes())]
    assert facts[1] == f"signed by key {id_}"
    assert facts[2].startswith("the key is the one the snapshot itself names")
    mine = tmp_path / "mine.json"
    proof = tmp_path / "proof.json"
    proof.write_bytes(document(row_proof(signed, "dim_roles", ("role_key 1",))))
    for listed, said in (
        ([key_row(key)], None),
        ([key_row(key, note="a retired name"), key_row(other_key)], None),
        ([key_row(other_key)], "is not among the trusted keys"),
        ([], "is not among the trusted keys"),
        ([key_row(key, until="2026-05-01T00:00:00Z")], "was retired at 2026-05-01"),
        ([key_row(key, "2026-06-01T00:00:00Z")], "counts from 2026-06-01"),
    ):
        mine.write_text(json.dumps(listed, indent=2), "utf-8")
        for path in (signed, proof):
            verdict = verify(path, keys=mine)
            assert not any("itself names" in fact for fact in verdict.facts)
            if said is None:
                assert verdict.faults == ()
                assert f"signed by key {id_} ({listed[0]['note']})" in verdict.facts
            else:
                [fault] = verdict.faults
                assert said in fault
    mine.write_text(json.dumps([key_row(key, key_id="0" * 64)]), "utf-8")
    with pytest.raises(InvalidReceipt, match=r"mine.json: key_id 0+ is not the SHA-256"):
        verify(signed, keys=mine)


def test_old_receipts_verify_after_the_key_is_changed(bench, signed, key, other_key, tmp_path):
    from tests.receipts.conftest import pem_of

    rotated = [
        key_row(key, until="2026-05-20T00:00:00Z"),
        key_row(other_key, "2026-05-20T00:00:00Z"),
    ]
    bench.keys.write_text(json.dumps(rotated), "utf-8")
    bench.board("two", "2026-05-21")
    new_key = tmp_path / "new.pem"
    new_key.write_bytes(pem_of(other_key))
    later = bench.write(signing_key=new_key)
    assert later.key_id == rotated[1]["key_id"]
    for folder in (signed, later.folder):
        for keys in (None, bench.keys):
            assert faults_of(folder, keys) == ()
    # The old key signs a board of after its end, whoever holds it.
    reseal(later.folder, edit=lambda statement: None, key=key)
    for keys in (None, bench.keys):
        [fault] = faults_of(later.folder, keys)
        assert "was retired at 2026-05-20T00:00:00Z" in fault


def test_a_snapshot_cannot_make_itself_trusted(signed, other_key, bench):
    (signed / KEYS_FILE).write_bytes(document([key_row(other_key)]))
    reseal(signed, subjects=True, edit=lambda s: None, key=other_key)
    verdict = verify(signed)
    assert verdict.faults == ()
    assert verdict.facts[2].startswith("the key is the one the snapshot itself names")
    [fault] = faults_of(signed, bench.keys)
    assert "is not among the trusted keys" in fault


def test_hostile_keys_have_their_proofs(unsigned, tmp_path):
    path = tmp_path / "proof.json"
    for label in (*HOSTILE, "large", "nulls", "tiny"):
        path.write_bytes(document(row_proof(unsigned, "scoreboard", (label,))))
        verdict = verify(path)
        assert verdict.faults == ()
        assert all(fact.isprintable() for fact in verdict.facts)
    with pytest.raises(InvalidReceipt, match=r"scoreboard.json: has no row \['nobody'\]. Name"):
        row_proof(unsigned, "scoreboard", ("nobody",))
    with pytest.raises(InvalidReceipt, match=r"names no mart 'x'. It has board,"):
        row_proof(unsigned, "x", ("nobody",))


def test_every_flip_in_a_proof_is_caught(signed, tmp_path):
    path = tmp_path / "proof.json"
    good = document(row_proof(signed, "scoreboard", ("whole",)))
    draw = random.Random(9)
    for _ in range(500):
        path.write_bytes(flipped(good, draw))
        assert faults_of(path)
    for more in (good + b"\n", b" " + good, good[:-1], good[:1], b"", DEEP, LESS_DEEP):
        path.write_bytes(more)
        assert faults_of(path)
    path.write_bytes(good)
    assert faults_of(path) == ()


CHANGES = {
    "about": "This row is right.",
    "mart": "dim_groups",
    "columns": [{"name": "role_key", "type": "VARCHAR"}],
    "row": ["role_key 1", 0.5],
    "leaf_index": 2,
    "tree_size": 6,
    "proof": ["0" * 64],
    "merkle_root": "0" * 64,
    "keys": [],
}


@pytest.mark.parametrize("part", CHANGES)
def test_no_part_of_a_proof_can_be_exchanged(signed, tmp_path, part):
    path = tmp_path / "proof.json"
    proof = row_proof(signed, "dim_roles", ("role_key 1",))
    assert proof[part] != CHANGES[part]
    proof[part] = CHANGES[part]
    path.write_bytes(document(proof))
    assert any("its sha256 is not the one of the rest" in fault for fault in faults_of(path))
    path.write_bytes(document({**proof, "sha256": proof_sum(proof)}))
    faults = faults_of(path)
    assert faults
    assert not any("sha256 is not the one" in fault for fault in faults)


def test_a_row_cannot_borrow_the_receipt_of_another_board(bench, signed, key, tmp_path):
    path = tmp_path / "proof.json"
    proof = row_proof(signed, "dim_roles", ("role_key 1",))
    statement = json.loads(open_receipt(proof["receipt"]).payload)
    [mart] = [m for m in statement["predicate"]["marts"] if m["mart"] == "dim_roles"]
    mart["row_count"] = 3
    for signer in (None, key):
        forged = {**proof, "receipt": seal(canonical(statement), signer)}
        path.write_bytes(document({**forged, "sha256": proof_sum(forged)}))
        assert any("is of another tree" in fault for fault in faults_of(path))
    # A receipt whose signature was taken away is an unsigned one, and says so.
    bare = {**proof, "receipt": {**proof["receipt"], "signatures": []}}
    path.write_bytes(document({**bare, "sha256": proof_sum(bare)}))
    assert "unsigned: nothing says who made it" in verify(path).facts


def test_a_folder_of_other_things_is_no_snapshot(tmp_path):
    [fault] = faults_of(tmp_path)
    assert "is no snapshot" in fault
    (tmp_path / RECEIPT).write_text("{}")
    (tmp_path / DAY).mkdir()
    [fault] = faults_of(tmp_path)
    assert fault == f"{DAY}: is no plain file. Fetch the snapshot again."
