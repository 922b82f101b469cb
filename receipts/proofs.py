"""The proof of one row, and what a receipt says, in words."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from receipts.canonical import canonical, document
from receipts.errors import InvalidReceipt, SnapshotError
from receipts.receipt import KEYS_FILE, RECEIPT, UNSIGNED, Receipt, parse_receipt, shape_of
from receipts.signing import parse_keys
from receipts.tables import Table, parse_table, shown_key
from receipts.verifying import check_table, proof_sum, proof_text


def read_receipt(snapshot: Path) -> Receipt:
    """The receipt of a snapshot's folder. Raises InvalidReceipt."""
    path = snapshot / RECEIPT if snapshot.is_dir() else snapshot
    if not path.is_file():
        raise InvalidReceipt(f"{path}: there is no receipt. Write one with `benchmart snapshot`.")
    return parse_receipt(path.read_bytes())


def row_proof(snapshot: Path, mart: str, key: tuple[str, ...]) -> dict[str, Any]:
    """The proof of the row with that key, as CSV writes its cells. Raises InvalidReceipt.

    Written as `document`, it is a file that `verify` checks alone.
    """
    receipt = read_receipt(snapshot)
    table = mart_table(snapshot, receipt, mart)
    shape = table.shape
    texts = [tuple(_text(row[place]) for place in shape.key_places) for row in table.rows]
    if key not in texts:
        raise InvalidReceipt(
            f"{table.name}: has no row {shown_key(key)}. "
            f"Name {', '.join(shape.key)} as the CSV file has them."
        )
    return proof_at(snapshot, receipt, table, texts.index(key))


def mart_table(snapshot: Path, receipt: Receipt, mart: str) -> Table:
    """The rows of a mart that reproduce what the receipt says. Raises InvalidReceipt."""
    said = receipt.mart(mart)
    name = f"{mart}.json"
    table = parse_table((snapshot / name).read_bytes(), shape_of(said), name=name)
    for fault in check_table(table, said):
        raise InvalidReceipt(f"{fault}. Fetch the snapshot again.")
    return table


def proof_at(snapshot: Path, receipt: Receipt, table: Table, index: int) -> dict[str, Any]:
    """The proof of the row at a place of a mart that reproduces what the receipt says."""
    proof: dict[str, Any] = {
        "about": proof_text(receipt, table.shape.mart, index),
        "mart": table.shape.mart,
        "columns": table.shape.listed,
        "row": table.rows[index],
        "leaf_index": index,
        "tree_size": len(table.rows),
        "proof": [step.hex() for step in table.proof(index)],
        "merkle_root": table.summary["merkle_root"],
        "receipt": receipt.envelope,
        "keys": parse_keys((snapshot / KEYS_FILE).read_bytes(), name=KEYS_FILE),
    }
    return {**proof, "sha256": proof_sum(proof)}


def write_proof(snapshot: Path, mart: str, key: str, *, to: Path) -> None:
    """Write the proof of a row, whose key is one line of CSV, into a new file."""
    try:
        cells = tuple(next(csv.reader([key], strict=True), []))
    except csv.Error as error:
        raise SnapshotError(
            f"--key {key!r}: is no line of CSV ({error}). Quote its cells."
        ) from error
    proof = row_proof(snapshot, mart, cells)
    try:
        with to.open("xb") as file:
            file.write(document(proof))
    except FileExistsError as error:
        raise SnapshotError(f"{to}: is there already. Name a new file.") from error


def describe(receipt: Receipt) -> Iterator[str]:
    """What a receipt covers, line by line; nothing is checked here."""
    said = receipt.predicate
    yield f"Receipt {receipt.sha256}"
    yield f"Board {said['board_id']} of {said['generated_at']}, by {said['generator']}"
    yield f"Method {said['methodology_version']}, " + ", ".join(
        f"{what} {said[name] or 'unknown'}"
        for what, name in (
            ("its hash", "method_sha256"),
            ("seeds", "seeds_sha256"),
            ("commit", "code_commit"),
        )
    )
    signature = receipt.signature
    yield f"Signed by key {signature.key_id}" if signature else UNSIGNED.capitalize()
    if said["prev_snapshot_date"] is None:
        yield "The first of its chain"
    else:
        yield f"After {said['prev_snapshot_date']}, receipt {said['prev_receipt_sha256']}"
    yield f"Attests {len(receipt.subjects)} files, and each row of"
    for mart in said["marts"]:
        yield f"  {mart['mart']:<20} {mart['row_count']:>6,} rows  {mart['merkle_root']}"
    yield f"Made from what {len(said['inputs'])} sources gave; that they are right is their word"
    for source in said["inputs"]:
        yield f"  {source['source']:<20} {source['fetched_at']}  {source['sha256']}"
    yield "Covers no payload's content, and no figure that was cited by hand beyond its citation"


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else canonical(cell).decode()
