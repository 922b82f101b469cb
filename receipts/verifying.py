"""Checks a snapshot, a receipt or the proof of one row from its own files and nothing else."""

import csv
import io
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import one_line
from receipts import merkle
from receipts.canonical import (
    canonical,
    check_bytes,
    check_shape,
    document,
    parse_document,
    parse_json,
    sha256,
)
from receipts.errors import InvalidReceipt
from receipts.receipt import (
    KEYS_FILE,
    RECEIPT,
    SUMS,
    UNSIGNED,
    Receipt,
    open_receipt,
    parse_receipt,
    shape_of,
)
from receipts.shapes import KEYS, PROOF
from receipts.signing import TrustedKey, parse_keys, trusted_keys
from receipts.tables import Shape, Table, differences, parse_table, query_table

# Far above any board, and below what would exhaust a laptop.
MOST_FILES = 400
MOST_BYTES = 128 * 1024**2
MOST_PROOF_BYTES = 8 * 1024**2
MOST_UNPACKED = 128 * 1024**2
SHOWN_FAULTS = 20
SHOWN_ROWS = 3
HASHES = ("columns_sha256", "row_count", "rows_sha256", "merkle_root")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a check found: `facts` in words, and `faults`, of which a good file has none."""

    facts: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def verify(path: Path, *, keys: Path | None = None) -> Verdict:
    """Check a snapshot's folder, its receipt.json (with the folder around it), or a row's proof.

    `keys` names the keys to trust; without it they are those that the files name themselves. What
    is wrong with the files becomes a fault. Raises InvalidReceipt when `keys` is no list of keys,
    and OSError.
    """
    trusted = None
    if keys is not None:
        trusted = trusted_keys(parse_keys(keys.read_bytes(), name=str(keys)), name=str(keys))
    facts: list[str] = []
    faults: list[str] = []
    try:
        if path.is_dir() or path.name == RECEIPT:
            folder = path if path.is_dir() else path.parent
            faults += _snapshot_faults(folder, trusted, facts)
        else:
            faults += _proof_faults(path, trusted, facts)
    except InvalidReceipt as error:
        faults.append(str(error))
    if len(faults) > SHOWN_FAULTS:
        faults[SHOWN_FAULTS:] = [f"... and {len(faults) - SHOWN_FAULTS} more"]
    return Verdict(facts=tuple(map(one_line, facts)), faults=tuple(map(one_line, faults)))


def hashes_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """The hash of each file but SHA256SUMS, by name."""
    return {name: sha256(data) for name, data in sorted(files.items()) if name != SUMS}


def sums_of(hashes: Mapping[str, str]) -> bytes:
    """SHA256SUMS over files, as `sha256sum -c` reads it, in the order of their names."""
    text = "".join(f"{sha}  {name}\n" for name, sha in hashes.items())
    return text.encode("utf-8", "surrogateescape")


def read_folder(folder: Path) -> dict[str, bytes]:
    """Every file of a snapshot by name. Raises InvalidReceipt for what no snapshot holds."""
    paths = sorted(folder.iterdir())
    if len(paths) > MOST_FILES:
        raise InvalidReceipt(f"{folder}: holds {len(paths)} files and is no snapshot.")
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    for path in paths:
        files[path.name] = _read(path, most=left)
        left -= len(files[path.name])
    if RECEIPT not in files or SUMS not in files:
        raise InvalidReceipt(f"{folder}: has no {RECEIPT} and {SUMS}, and is no snapshot.")
    return files


def signature_facts(
    receipt: Receipt, keys: Sequence[TrustedKey], *, are_own: bool
) -> Iterator[str]:
    """Who signed, and who says that the key is to be trusted.

    Raises InvalidReceipt, also for a receipt without a signature where a reader named keys: taking
    a signature away must not be a way past them.
    """
    key = receipt.signer(keys)
    if key is None:
        if not are_own:
            raise InvalidReceipt(f"{RECEIPT}: is {UNSIGNED}; none of the keys of --keys signed it")
        yield UNSIGNED
        return
    # What the snapshot's own list notes about a key is its maker's word, and no reader's.
    yield f"signed by key {key.key_id}" + (f" ({key.note})" if key.note and not are_own else "")
    if are_own:
        yield "the key is the one the snapshot itself names: compare it, or give a list with --keys"


def check_table(table: Table, mart: Mapping[str, Any]) -> Iterator[str]:
    """Say which hashes of the receipt the rows of a file do not reproduce."""
    if wrong := [name for name in HASHES if table.summary[name] != mart[name]]:
        yield f"{table.name}: does not reproduce {', '.join(wrong)} of {RECEIPT}"


def proof_text(receipt: Receipt, mart: str, index: int) -> str:
    """What the proof of a row proves, in words."""
    said = receipt.predicate
    count = receipt.mart(mart)["row_count"]
    return (
        f"This is row {index + 1} of {count} of the mart {mart} in the snapshot of "
        f"{said['snapshot_date']}, board {said['board_id']}: its leaf and the hashes in proof lead "
        "to the merkle_root that the receipt names."
    )


def proof_sum(proof: Mapping[str, Any]) -> str:
    """The hash of a proof over all of it but this hash."""
    return sha256(canonical({name: part for name, part in proof.items() if name != "sha256"}))


def _read(path: Path, *, most: int) -> bytes:
    """The bytes of a plain file. Raises InvalidReceipt before it opens anything else."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise InvalidReceipt(f"{path.name}: is no plain file. Fetch the snapshot again.")
    if status.st_size > most:
        raise InvalidReceipt(f"{path.name}: is larger than any snapshot.")
    return path.read_bytes()


def _snapshot_faults(
    folder: Path, trusted: Sequence[TrustedKey] | None, facts: list[str]
) -> Iterator[str]:
    files = read_folder(folder)
    # Rows of files that did not arrive whole would tell of one fault in many words.
    hashes = hashes_of(files)
    if faults := list(_sum_faults(files[SUMS], hashes)):
        yield from faults
        return
    receipt = parse_receipt(files[RECEIPT])
    said = receipt.predicate
    count = sum(mart["row_count"] for mart in said["marts"])
    facts.append(
        f"snapshot of {said['snapshot_date']}: board {said['board_id']}, {len(said['marts'])} marts"
        f" of {count:,} rows in {len(receipt.subjects)} files"
    )
    yield from _subject_faults(receipt, hashes)
    try:
        own = trusted_keys(_own_keys(files), name=KEYS_FILE)
        facts += signature_facts(
            receipt, own if trusted is None else trusted, are_own=trusted is None
        )
    except InvalidReceipt as error:
        yield str(error)
    yield from _chain_faults(folder, said, facts)
    with tempfile.TemporaryDirectory() as space, _shut_database(space) as database:
        for mart in said["marts"]:
            try:
                yield from _mart_faults(mart, files, database, Path(space))
            except InvalidReceipt as error:
                yield str(error)
    yield from _board_faults(said, files)


def _sum_faults(listed: bytes, hashes: Mapping[str, str]) -> Iterator[str]:
    if listed == sums_of(hashes):
        return
    lines = [line.split("  ", 1) for line in listed.decode("utf-8", "replace").splitlines()]
    sums = {line[1]: line[0] for line in lines if len(line) == 2}
    yield from _unlike(sums, hashes, by=SUMS)
    if sums == hashes:
        yield f"{SUMS}: is not written as a snapshot writes it; it was changed"


def _subject_faults(receipt: Receipt, hashes: Mapping[str, str]) -> Iterator[str]:
    found = {name: sha for name, sha in hashes.items() if name != RECEIPT}
    yield from _unlike(receipt.subjects, found, by=RECEIPT)


def _unlike(named: Mapping[str, str], found: Mapping[str, str], *, by: str) -> Iterator[str]:
    """Say which files are not those that another file names by their hashes."""
    for name in sorted(named.keys() | found.keys()):
        if name not in found:
            yield f"{name}: is named by {by} and is not there. Fetch it again"
        elif name not in named:
            yield f"{name}: is not named by {by} and is no part of the snapshot"
        elif named[name] != found[name]:
            yield f"{name}: is not the file that {by} names; one of them was changed"


def _own_keys(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parse_document(files.get(KEYS_FILE, b""), KEYS, name=KEYS_FILE)
    return rows


def _chain_faults(folder: Path, said: Mapping[str, Any], facts: list[str]) -> Iterator[str]:
    day, expected = said["prev_snapshot_date"], said["prev_receipt_sha256"]
    if (day is None) != (expected is None) or (day is not None and day >= said["snapshot_date"]):
        yield f"{RECEIPT}: names no earlier snapshot as the one before it"
    elif day is None:
        facts.append("it is the first of its chain")
    elif not (before := folder.resolve().parent / day / RECEIPT).is_file():
        facts.append(f"the snapshot before it, of {day}, is not at hand")
    elif sha256(_read(before, most=MOST_BYTES)) != expected:
        yield f"{day}/{RECEIPT}: is not the receipt that this one follows"
    else:
        facts.append(f"it follows the snapshot of {day}, whose receipt is beside it")


def _mart_faults(
    mart: Mapping[str, Any],
    files: Mapping[str, bytes],
    database: duckdb.DuckDBPyConnection,
    space: Path,
) -> Iterator[str]:
    """Check the three files of a mart against the receipt and against each other."""
    shape = shape_of(dict(mart))
    tables: list[Table] = []
    faults: dict[str, list[str]] = {}
    for form in ("json", "parquet"):
        name = f"{shape.mart}.{form}"
        data = files.get(name, b"")
        try:
            if form == "json":
                table = parse_table(data, shape, name=name)
            else:
                # A copy under a plain name: DuckDB takes some characters of a path for a pattern.
                (space / name).write_bytes(data)
                table = _parquet_table(database, space / name, shape)
            faults[name] = list(check_table(table, mart))
            tables.append(table)
            table.check_order()
        except InvalidReceipt as error:
            yield str(error)
    good = [table for table in tables if not faults[table.name]]
    for table in tables:
        yield from faults[table.name]
        for right in (good or tables)[:1]:
            if faults[table.name] and right is not table and right.shape == table.shape:
                for said in _first(differences(table.rows, right.rows, shape)):
                    yield f"{table.name}: {said}, by {right.name}"
    for right in (good or tables)[:1]:
        yield from _csv_faults(files.get(f"{shape.mart}.csv", b""), right)


def _shut_database(space: str) -> duckdb.DuckDBPyConnection:
    """An empty database that can open the files of one folder and nothing else."""
    connection = duckdb.connect(
        config={
            "threads": 1,
            "memory_limit": "1GB",
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("set allowed_directories = ?", [[space]])
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _parquet_table(database: duckdb.DuckDBPyConnection, path: Path, shape: Shape) -> Table:
    """Read a Parquet file that has the columns it should have. Raises InvalidReceipt."""
    name = path.name
    rows = "from read_parquet(?, hive_partitioning = false)"

    def read(query: str) -> Table:
        return query_table(
            database, query, mart=shape.mart, key=shape.key, name=name, values=[str(path)]
        )

    try:
        if read(f"select * {rows} limit 0").shape != shape:
            raise InvalidReceipt(f"{name}: has other columns than {RECEIPT} says")
        size = " + ".join(_size_of(column, kind) for column, kind in shape.columns)
        found = database.execute(f"select sum({size}) {rows}", [str(path)]).fetchone()
        if found and (found[0] or 0) > MOST_UNPACKED:
            raise InvalidReceipt(f"{name}: unpacks to more than any snapshot holds")
        return read(f"select * {rows}")
    except (duckdb.Error, ValueError, OverflowError, RuntimeError) as error:
        raise InvalidReceipt(f"{name}: cannot be read as Parquet ({_reason(error)})") from error


def _size_of(column: str, kind: str) -> str:
    """SQL for the bytes that a cell takes when it is unpacked; every cell counts for 8."""
    if kind == "VARCHAR":
        return f'8 + coalesce(strlen("{column}"), 0)'
    if kind == "VARCHAR[]":
        return f'8 + coalesce(list_sum(list_transform("{column}", lambda x: 8 + strlen(x))), 0)'
    return f'8 + 8 * coalesce(len("{column}"), 0)' if kind.endswith("[]") else "8"


def _csv_faults(data: bytes, right: Table) -> Iterator[str]:
    name = f"{right.shape.mart}.csv"
    if data == right.as_csv():
        return
    try:
        text = io.StringIO(data.decode("utf-8"), newline="")
        header, *found = list(csv.reader(text, strict=True))
        wanted, *records = list(right.records())
        if header != wanted or any(len(row) != len(wanted) for row in found):
            yield f"{name}: has other columns than {RECEIPT} says"
            return
        said = _first(differences(found, records, right.shape))
    except (ValueError, csv.Error) as error:
        yield f"{name}: cannot be read as CSV ({_reason(error)})"
        return
    yield from (f"{name}: {one}, by {right.name}" for one in said)
    if not said:
        yield f"{name}: is not written as a snapshot writes it; it was changed"


def _board_faults(said: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    """What the receipt says of the board must be what the published board says."""
    try:
        [board] = parse_json(files.get("board.json", b""), name="board.json")
        sources = parse_json(files.get("dim_sources.json", b""), name="dim_sources.json")
        inputs = [
            (source["source_key"], source["url"], source["fetched_at"], source["status"], sum_)
            for source in sources
            if (sum_ := source["payload_sha256"]) is not None
        ]
        pairs = {
            "board_id": board["board_id"],
            "generated_at": board["generated_at"],
            "methodology_version": board["method_version"],
        }
    except (InvalidReceipt, ValueError, KeyError, TypeError):
        yield "board.json, dim_sources.json: do not say which board this is"
        return
    for name, value in pairs.items():
        if said[name] != value:
            yield f"{RECEIPT}: its {name} is not the one of board.json"
    order = ("source", "url", "fetched_at", "status", "sha256")
    if inputs != [tuple(row[part] for part in order) for row in said["inputs"]]:
        yield f"{RECEIPT}: its inputs are not the payloads of dim_sources.json"


def _proof_faults(
    path: Path, trusted: Sequence[TrustedKey] | None, facts: list[str]
) -> Iterator[str]:
    name = path.name
    data = _read(path.resolve(), most=MOST_PROOF_BYTES)
    proof = parse_json(data, name=name)
    check_shape(proof, PROOF, name=name)
    check_bytes(data, proof, name=name)
    if proof_sum(proof) != proof["sha256"]:
        yield f"{name}: its sha256 is not the one of the rest; it was changed"
    receipt = open_receipt(proof["receipt"])
    mart = receipt.mart(proof["mart"])
    if proof["columns"] != mart["columns"] or len(proof["row"]) != len(proof["columns"]):
        yield f"{name}: has other columns than its receipt says"
    if sha256(canonical(proof["columns"])) != mart["columns_sha256"]:
        yield f"{name}: its columns do not reproduce columns_sha256 of its receipt"
    if proof["tree_size"] != mart["row_count"] or proof["merkle_root"] != mart["merkle_root"]:
        yield f"{name}: is of another tree than its receipt names"
    found = merkle.root_of_proof(
        canonical(proof["row"]),
        index=proof["leaf_index"],
        size=proof["tree_size"],
        proof=[bytes.fromhex(step) for step in proof["proof"]],
    )
    if found is None or found.hex() != mart["merkle_root"]:
        yield f"{name}: its row is not in the mart {mart['mart']} of its receipt"
    if proof["about"] != proof_text(receipt, mart["mart"], proof["leaf_index"]):
        yield f"{name}: says in words what it does not prove"
    if sha256(document(proof["keys"])) != receipt.subjects[KEYS_FILE]:
        yield f"{name}: its keys are not those of its receipt"
    facts += [proof["about"], f"the receipt is {receipt.sha256}"]
    own = trusted_keys(proof["keys"], name=name)
    facts += signature_facts(receipt, own if trusted is None else trusted, are_own=trusted is None)


def _first(texts: Iterator[str]) -> list[str]:
    return [text for text, _ in zip(texts, range(SHOWN_ROWS), strict=False)]


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
