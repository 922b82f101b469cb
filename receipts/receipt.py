"""A receipt: what a snapshot holds, stated in one signed or honestly unsigned file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from receipts.canonical import check_bytes, document, moment_of, parse_document, parse_json, sha256
from receipts.canonical import check_shape as require_shape
from receipts.errors import InvalidReceipt
from receipts.shapes import ENVELOPE, STATEMENT
from receipts.signing import Signature, TrustedKey, check_signature, unseal
from receipts.tables import Shape

RECEIPT, KEYS_FILE, SUMS = "receipt.json", "keys.json", "SHA256SUMS"
FORMATS = ("parquet", "csv", "json")
UNSIGNED = "unsigned: nothing says who made it"


@dataclass(frozen=True)
class Receipt:
    """A receipt that has its form; `payload` are the bytes of its statement, which are signed."""

    envelope: dict[str, Any]
    payload: bytes
    statement: dict[str, Any]
    signature: Signature | None

    @property
    def predicate(self) -> dict[str, Any]:
        """What the receipt says beside the files' hashes."""
        found: dict[str, Any] = self.statement["predicate"]
        return found

    @property
    def subjects(self) -> dict[str, str]:
        """The hash of each published file, by name."""
        return {file["name"]: file["digest"]["sha256"] for file in self.statement["subject"]}

    @cached_property
    def sha256(self) -> str:
        """The hash of the receipt's file, by which the next one names it."""
        return sha256(document(self.envelope))

    @property
    def moment(self) -> datetime:
        """The moment of the board, which decides about keys."""
        return moment_of(self.predicate["generated_at"], name=RECEIPT)

    def signer(self, keys: Sequence[TrustedKey]) -> TrustedKey | None:
        """The trusted key that signed; None if nobody did. Raises InvalidReceipt."""
        if self.signature is None:
            return None
        return check_signature(self.payload, self.signature, keys, moment=self.moment, name=RECEIPT)

    def mart(self, name: str) -> dict[str, Any]:
        """What the receipt says of one mart. Raises InvalidReceipt."""
        for mart in self.predicate["marts"]:
            if mart["mart"] == name:
                found: dict[str, Any] = mart
                return found
        known = ", ".join(mart["mart"] for mart in self.predicate["marts"])
        raise InvalidReceipt(f"{RECEIPT}: names no mart {name!r}. It has {known}.")


def shape_of(mart: dict[str, Any]) -> Shape:
    """Columns and key of a mart as the receipt says them. Raises InvalidReceipt."""
    columns = tuple((column["name"], column["type"]) for column in mart["columns"])
    shape = Shape(mart=mart["mart"], columns=columns, key=tuple(mart["key"]))
    shape.check(name=f"{RECEIPT}: {mart['mart']}")
    return shape


def parse_receipt(data: bytes) -> Receipt:
    """Read the file of a receipt. Raises InvalidReceipt."""
    return open_receipt(parse_document(data, ENVELOPE, name=RECEIPT))


def open_receipt(envelope: dict[str, Any]) -> Receipt:
    """Open an envelope that has its shape. Raises InvalidReceipt."""
    payload, signature = unseal(envelope, name=RECEIPT)
    statement = parse_json(payload, name=RECEIPT)
    require_shape(statement, STATEMENT, name=RECEIPT)
    check_bytes(payload + b"\n", statement, name=RECEIPT)
    receipt = Receipt(envelope, payload, statement, signature)
    predicate = receipt.predicate
    if receipt.moment.date().isoformat() != predicate["snapshot_date"]:
        raise InvalidReceipt(f"{RECEIPT}: its snapshot_date is not the day of its generated_at.")
    names = [mart["mart"] for mart in predicate["marts"]]
    files = {f"{name}.{form}" for name in names for form in FORMATS} | {KEYS_FILE}
    if len(set(names)) < len(names) or [s["name"] for s in statement["subject"]] != sorted(files):
        raise InvalidReceipt(f"{RECEIPT}: its files are not those of its marts and {KEYS_FILE}.")
    return receipt


def snapshot_folders(snapshots: Path) -> list[Path]:
    """The folders of snapshots that are there, oldest first."""
    pattern = "[0-9]" * 4 + "-" + "[0-9]" * 2 + "-" + "[0-9]" * 2
    return sorted(folder for folder in snapshots.glob(pattern) if (folder / RECEIPT).is_file())
