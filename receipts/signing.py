"""Ed25519 signatures in DSSE envelopes, and which keys are trusted when."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from receipts.canonical import canonical, check_shape, moment_of, parse_json, sha256
from receipts.errors import InvalidReceipt, SigningError
from receipts.shapes import KEYS

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, kw_only=True)
class TrustedKey:
    """A public key (32 bytes) and the moments for which its signatures count, the end excluded."""

    key_id: str
    public_key: bytes
    valid_from: datetime
    valid_until: datetime | None
    note: str


@dataclass(frozen=True)
class Signature:
    """Who signed, by the hash of the public key, and the 64 bytes of the signature."""

    key_id: str
    value: bytes


def pae(payload_type: str, body: bytes) -> bytes:
    """What is signed of an envelope: type and body, each after its length in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)


def seal(payload: bytes, key: Ed25519PrivateKey | None) -> dict[str, Any]:
    """Put a payload into an envelope; without a key it has no signature."""
    signatures = []
    if key is not None:
        value = key.sign(pae(PAYLOAD_TYPE, payload))
        signatures.append({"keyid": key_id_of(public_bytes(key)), "sig": _base64(value)})
    return {"payload": _base64(payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures}


def unseal(envelope: dict[str, Any], *, name: str) -> tuple[bytes, Signature | None]:
    """Payload and signature of an envelope that has its shape. Raises InvalidReceipt."""
    payload = _bytes(envelope["payload"], name=name)
    for signature in envelope["signatures"]:
        return payload, Signature(signature["keyid"], _bytes(signature["sig"], name=name))
    return payload, None


def check_signature(
    payload: bytes,
    signature: Signature,
    keys: Sequence[TrustedKey],
    *,
    moment: datetime,
    name: str,
) -> TrustedKey:
    """The trusted key that signed a payload of that moment. Raises InvalidReceipt."""
    key = trusted_key(signature.key_id, keys, moment=moment, name=name)
    try:
        public = Ed25519PublicKey.from_public_bytes(key.public_key)
        public.verify(signature.value, pae(PAYLOAD_TYPE, payload))
    except (InvalidSignature, ValueError) as error:
        raise InvalidReceipt(
            f"{name}: the signature is not one of key {key.key_id} over this receipt; "
            "one of them was changed."
        ) from error
    return key


def trusted_key(
    key_id: str, keys: Sequence[TrustedKey], *, moment: datetime, name: str
) -> TrustedKey:
    """The key of that id, if it is listed and good at that moment. Raises InvalidReceipt."""
    for key in keys:
        if key.key_id != key_id:
            continue
        if moment < key.valid_from:
            raise InvalidReceipt(
                f"{name}: key {key_id} counts from {key.valid_from:%Y-%m-%dT%H:%M:%SZ} on, "
                f"and the board is of {moment:%Y-%m-%dT%H:%M:%SZ}."
            )
        if key.valid_until is not None and moment >= key.valid_until:
            raise InvalidReceipt(
                f"{name}: key {key_id} was retired at {key.valid_until:%Y-%m-%dT%H:%M:%SZ}, "
                f"and the board is of {moment:%Y-%m-%dT%H:%M:%SZ}."
            )
        return key
    raise InvalidReceipt(f"{name}: key {key_id} is not among the trusted keys.")


def parse_keys(data: bytes, *, name: str) -> list[dict[str, Any]]:
    """The rows of a list of keys, in its shape; an empty file lists none. Raises InvalidReceipt."""
    rows: list[dict[str, Any]] = parse_json(data, name=name) if data.strip() else []
    check_shape(rows, KEYS, name=name)
    return rows


def trusted_keys(rows: Sequence[dict[str, Any]], *, name: str) -> list[TrustedKey]:
    """The keys of a list, each known by the hash of itself. Raises InvalidReceipt."""
    keys: list[TrustedKey] = []
    for row in rows:
        public_key = _bytes(row["public_key"], name=name)
        if key_id_of(public_key) != row["key_id"] or len(public_key) != 32:
            raise InvalidReceipt(
                f"{name}: key_id {row['key_id']} is not the SHA-256 of its public_key of 32 bytes."
            )
        if any(key.key_id == row["key_id"] for key in keys):
            raise InvalidReceipt(f"{name}: key {row['key_id']} is listed twice. Keep one row.")
        until = row["valid_until"]
        keys.append(
            TrustedKey(
                key_id=row["key_id"],
                public_key=public_key,
                valid_from=moment_of(row["valid_from"], name=name),
                valid_until=None if until is None else moment_of(until, name=name),
                note=row["note"],
            )
        )
    return keys


def read_signing_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key in PEM. Raises SigningError, which never shows what the file holds."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
        reason = "it is no Ed25519 key"
    except OSError as error:
        key, reason = None, f"it cannot be read: {error.strerror}"
    except TypeError:
        key, reason = None, "it is encrypted"
    except (ValueError, UnsupportedAlgorithm):
        key, reason = None, "it is no private key in PEM"
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(
            f"{path}: {reason}. Make one with `openssl genpkey -algorithm ed25519 -out FILE`."
        )
    return key


def check_signing_key(
    key: Ed25519PrivateKey, keys: Sequence[TrustedKey], *, moment: datetime, path: Path
) -> str:
    """The id of a key whose signature readers would accept. Raises SigningError with the remedy."""
    public = public_bytes(key)
    try:
        return trusted_key(key_id_of(public), keys, moment=moment, name=str(path)).key_id
    except InvalidReceipt as error:
        row = {
            "key_id": key_id_of(public),
            "public_key": _base64(public),
            "valid_from": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "valid_until": None,
            "note": "",
        }
        raise SigningError(
            f"{error} Nothing was written; sign with a listed key, or add to the list in {path} "
            f"{canonical(row).decode()}"
        ) from error


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The public half of a key, 32 bytes."""
    return key.public_key().public_bytes_raw()


def key_id_of(public_key: bytes) -> str:
    """How a public key is called: by its hash."""
    return sha256(public_key)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str, *, name: str) -> bytes:
    """Decode base64 that is written in the one usual way. Raises InvalidReceipt."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        data = b""
    if _base64(data) != text:
        raise InvalidReceipt(f"{name}: holds base64 that is not canonical; it was changed.")
    return data
