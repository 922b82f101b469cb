"""Signatures of runs: who vouches for one, by a key that the project lists.

Only a signature makes a run one of the lab; what a run says about itself does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from loaders.errors import SeedUnusable, one_line
from loaders.runs.seeds import SeedRow, read_seed
from loaders.runs.shapes import RUN_FORMAT, RunSignature
from receipts.canonical import canonical, check_shape
from receipts.errors import InvalidReceipt
from receipts.shapes import KEYS
from receipts.signing import key_id_of, public_bytes, trusted_keys

Role = Literal["lab", "team"]
SignatureCheck = Literal["unsigned", "valid", "unknown_key", "bad_signature", "retired_key"]

REFUSED: frozenset[SignatureCheck] = frozenset({"unknown_key", "bad_signature", "retired_key"})
COLUMNS = ("key_id", "public_key", "role", "valid_from", "valid_until", "rationale")
# So that no signature of something else, such as a receipt, is ever one of a run.
DOMAIN = f"{RUN_FORMAT}\n".encode("ascii")


@dataclass(frozen=True, kw_only=True)
class TrustedRunKey:
    """A public key (32 bytes), whose it is, and when it counts: the end is excluded."""

    key_id: str
    public_key: bytes
    role: Role
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class SignatureVerdict:
    """What the signature of a run is worth; `key_id` is the one it claims, if it is readable."""

    verdict: SignatureCheck
    key_id: str | None = None
    is_lab: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether the run is not taken in: one without a signature is."""
        return self.verdict in REFUSED


def signed_bytes(document: dict[str, Any]) -> bytes:
    """What is signed of a run: its format, a line feed, and its canonical JSON without signature.

    Read the run with `receipts.canonical.parse_json`, or large numbers come out as other ones.
    Raises ValueError for what JSON cannot say exactly, RecursionError for what is nested too deep.
    """
    unsigned = {key: value for key, value in document.items() if key != "signature"}
    return DOMAIN + canonical(unsigned)


def sign_run(document: dict[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """The run with its signature, in the place of any it had. Raises as `signed_bytes`."""
    value = key.sign(signed_bytes(document)).hex()
    return {**document, "signature": {"key_id": key_id_of(public_bytes(key)), "value": value}}


def signature_verdict(
    document: dict[str, Any], keys: Sequence[TrustedRunKey], *, moment: datetime
) -> SignatureVerdict:
    """Check the signature of a run that came in at a moment.

    `unknown_key` is also a key that does not count yet. `retired_key` is a good signature of a key
    that no longer counts. Take the moment from our clock: who signs can write any `started_at`.
    """
    if document.get("signature") is None:
        return SignatureVerdict(verdict="unsigned")
    try:
        signature = msgspec.convert(document["signature"], RunSignature)
    except msgspec.ValidationError:
        return SignatureVerdict(verdict="bad_signature")
    key = next((key for key in keys if key.key_id == signature.key_id), None)
    if key is None or moment < key.valid_from:
        return SignatureVerdict(verdict="unknown_key", key_id=signature.key_id)
    if not _is_signed(document, signature, key):
        return SignatureVerdict(verdict="bad_signature", key_id=key.key_id)
    if key.valid_until is not None and moment >= key.valid_until:
        return SignatureVerdict(verdict="retired_key", key_id=key.key_id)
    return SignatureVerdict(verdict="valid", key_id=key.key_id, is_lab=key.role == "lab")


def read_trusted_keys(path: Path) -> tuple[TrustedRunKey, ...]:
    """Read the seed run_trusted_keys. Raises SeedUnusable: file, row, remedy."""
    keys: dict[str, TrustedRunKey] = {}
    for row in read_seed(path, COLUMNS):
        key = _key_of(row)
        if key.key_id in keys:
            row.refuse(f"key {key.key_id} is listed twice. Keep one row.")
        keys[key.key_id] = key
    return tuple(keys.values())


def _key_of(row: SeedRow) -> TrustedRunKey:
    # The list of keys that sign receipts has the same fields in JSON, with a note.
    listed = {
        "key_id": row.text("key_id"),
        "public_key": row.text("public_key"),
        "valid_from": row.text("valid_from"),
        "valid_until": row.cells["valid_until"] or None,
        "note": row.text("rationale"),
    }
    try:
        check_shape([listed], KEYS, name=row.place)
        (key,) = trusted_keys([listed], name=row.place)
    except InvalidReceipt as error:
        raise SeedUnusable(one_line(f"{error} Correct the row.")) from error
    if key.valid_until is not None and key.valid_until <= key.valid_from:
        row.refuse("valid_until is not after valid_from. Correct one of them.")
    role: Role
    match row.cells["role"]:
        case "lab" | "team" as role:
            pass
        case other:
            row.refuse(f"role is {other!r}. Write lab or team.")
    return TrustedRunKey(
        key_id=key.key_id,
        public_key=key.public_key,
        role=role,
        valid_from=key.valid_from,
        valid_until=key.valid_until,
    )


def _is_signed(document: dict[str, Any], signature: RunSignature, key: TrustedRunKey) -> bool:
    public = Ed25519PublicKey.from_public_bytes(key.public_key)
    try:
        public.verify(bytes.fromhex(signature.value), signed_bytes(document))
    except (InvalidSignature, ValueError, RecursionError):
        # What canonical JSON cannot say was never signed.
        return False
    return True
