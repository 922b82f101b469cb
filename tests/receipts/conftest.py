"""Small warehouses, keys, and the ways in which a stranger would mend a changed snapshot."""

import base64
import hashlib
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from receipts.canonical import canonical, document
from receipts.receipt import KEYS_FILE, RECEIPT, SUMS, parse_receipt
from receipts.signing import key_id_of, public_bytes, seal
from receipts.snapshot import MARTS, Written, write_snapshot
from receipts.verifying import hashes_of, sums_of

DAY = "2026-05-07"
HOSTILE = (
    "=HYPERLINK(\"http://evil\",\"x\")",
    "+1", "-1", "@sum(a)", "\tx", "\rx",
    'quote " and, comma', "line\r\nbreak\nand\rmore", "<script>alert(1)</script>",
    "left \u202etfel", "nul \x00 and \x1b[31mred", "", " ", "'", "ü" * 3000, "\u2028", "\ufeff", "😀",
    '"},{"model_id":"x"}', "../../etc/passwd", "null", "0", "-",
)  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """A small warehouse and where its snapshots go."""

    database: Path
    snapshots: Path
    keys: Path

    def sql(self, *statements: str) -> None:
        with duckdb.connect(str(self.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def board(self, board_id: str, day: str) -> None:
        self.sql(f"update marts.board set board_id = '{board_id}', generated_at = '{day} 12:00:00'")

    def write(self, **options) -> Written:
        given = {"keys": self.keys, "generator": "tests 1", **options}
        return write_snapshot(self.database, self.snapshots, **given)


def make_warehouse(database: Path) -> None:
    """Every mart with a few rows; scoreboard has hostile texts and every type."""
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema marts")
        for mart, key in MARTS.items():
            columns = ", ".join(f"'{name} ' || i as {name}" for name in key)
            connection.execute(
                f"create table marts.{mart} as select {columns}, i / 8 as score from range(5) t(i)"
            )
        connection.execute(
            "create or replace table marts.board as select 'one' as board_id,"
            f" timestamp '{DAY} 12:00:00' as generated_at, '1.1.0' as method_version"
        )
        connection.execute(
            "create or replace table marts.dim_sources as select 's' || i as source_key,"
            " 'https://example.org/' || i as url, 'recorded' as status,"
            " timestamp '2026-05-06 08:30:00' as fetched_at,"
            " if(i = 2, null, repeat('ab', 32)) as payload_sha256 from range(3) t(i)"
        )
        connection.execute(
            "create or replace table marts.scoreboard (model_id varchar, label varchar,"
            " score double, cost decimal(18, 3), n integer, is_ranked boolean, seen date,"
            ' "at" timestamp, names varchar[], big bigint, "=evil" varchar)'
        )
        rows = [
            (text, text, (-1) ** i * 10.0 ** (i - 3) / 3, f"-{i}.125", i, i % 2 == 0,
             "2026-01-02", "2026-01-02 03:04:05.678", [text, None], 2**53 - 1, None)
            for i, text in enumerate(HOSTILE)
        ]  # fmt: skip
        rows += [("nulls", *[None] * 10), ("whole", "", 100.0, "7", 0, False, DAY, DAY, [], -1, "")]
        rows += [("large", None, 1e20, None, None, None, None, None, None, None, None)]
        rows += [("tiny", None, -0.0, None, None, None, None, None, None, None, None)]
        places = ", ".join("?" * 11)
        connection.executemany(f"insert into marts.scoreboard values ({places})", rows)


@pytest.fixture(scope="session")
def small_database(tmp_path_factory) -> Path:
    database = tmp_path_factory.mktemp("small") / "small.duckdb"
    make_warehouse(database)
    return database


@pytest.fixture
def bench(small_database, tmp_path) -> Bench:
    database = tmp_path / "small.duckdb"
    shutil.copyfile(small_database, database)
    return Bench(database, tmp_path / "snapshots", tmp_path / "receipt_keys.json")


@pytest.fixture(scope="session")
def real(published) -> Bench:
    root = published.root
    return Bench(published.database, root / "snapshots", root / "keys" / "receipt_keys.json")


@pytest.fixture(scope="session")
def real_snapshot(real, tmp_path_factory) -> Path:
    snapshots = tmp_path_factory.mktemp("real") / "snapshots"
    return replace(real, snapshots=snapshots).write().folder


def pem_of(key: Ed25519PrivateKey, password: bytes | None = None) -> bytes:
    how = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


def key_row(key: Ed25519PrivateKey, since="2026-01-01T00:00:00Z", until=None, **changes) -> dict:
    public = public_bytes(key)
    return {
        "key_id": key_id_of(public),
        "public_key": base64.b64encode(public).decode(),
        "valid_from": since,
        "valid_until": until,
        "note": "test",
        **changes,
    }


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def other_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


@pytest.fixture
def key_file(key, tmp_path) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(pem_of(key))
    return path


@pytest.fixture
def signed(bench, key, key_file) -> Path:
    bench.keys.write_text(json.dumps([key_row(key)]), "utf-8")
    return bench.write(signing_key=key_file).folder


def reseal(folder: Path, *, subjects: bool = False, edit=None, key=None) -> None:
    """Recompute what a stranger can: the sums, and with `subjects` or `edit` the receipt.

    Signatures stay as they were, and so fit no longer, unless there is a key to sign with.
    """
    if subjects or edit:
        receipt = parse_receipt((folder / RECEIPT).read_bytes())
        statement = json.loads(receipt.payload)
        for file in statement["subject"]:
            if subjects and (folder / file["name"]).exists():
                data = (folder / file["name"]).read_bytes()
                file["digest"]["sha256"] = hashlib.sha256(data).hexdigest()
        if edit:
            edit(statement)
        envelope = seal(canonical(statement), key)
        if not key:
            envelope["signatures"] = receipt.envelope["signatures"]
        (folder / RECEIPT).write_bytes(document(envelope))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != SUMS}
    (folder / SUMS).write_bytes(sums_of(hashes_of(files)))


def rewrite_parquet(path: Path, query: str) -> None:
    """Write a Parquet file again as a query over it (`rows`) says."""
    with duckdb.connect() as connection:
        connection.execute(f"create table rows as select * from '{path}'")
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")


__all__ = ["KEYS_FILE", "RECEIPT", "SUMS"]
