"""Signatures, envelopes and key files, against published vectors and against misuse."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from receipts.errors import InvalidReceipt, SigningError
from receipts.signing import (
    Signature,
    TrustedKey,
    check_signature,
    key_id_of,
    pae,
    parse_keys,
    public_bytes,
    read_signing_key,
    seal,
    trusted_keys,
    unseal,
)
from tests.receipts.conftest import key_row, pem_of

NOON = datetime(2026, 5, 7, 12, tzinfo=UTC)


def test_what_is_signed_is_the_published_example_of_dsse():
    signed = pae("http://example.com/HelloWorld", b"hello world")
    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert pae("é", "ü".encode()) == b"DSSEv1 2 \xc3\xa9 2 \xc3\xbc"


def test_keys_and_signatures_are_those_of_rfc_8032(tmp_path, monkeypatch):
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    value = (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b"
    )
    path = tmp_path / "key.pem"
    path.write_bytes(pem_of(Ed25519PrivateKey.from_private_bytes(secret)))
    key = read_signing_key(path)
    assert public_bytes(key) == public
    # The vector signs no bytes at all, and an envelope always signs some.
    monkeypatch.setattr("receipts.signing.pae", lambda kind, body: b"")
    payload, signature = unseal(seal(b"", key), name="x")
    assert (payload, signature) == (b"", Signature(key_id_of(public), bytes.fromhex(value)))
    trusted = trusted_keys([key_row(key)], name="keys")
    assert check_signature(b"", signature, trusted, moment=NOON, name="x").public_key == public
    with pytest.raises(InvalidReceipt, match="not one of key"):
        broken = Signature(signature.key_id, signature.value[:-1] + b"\x00")
        check_signature(b"", broken, trusted, moment=NOON, name="x")


def test_a_signature_is_over_type_and_payload(key):
    trusted = trusted_keys([key_row(key)], name="keys")
    payload, signature = unseal(seal(b"{}", key), name="x")
    assert check_signature(payload, signature, trusted, moment=NOON, name="x").note == "test"
    bare = Signature(signature.key_id, key.sign(b"{}"))
    for wrong in (bare, Signature(signature.key_id, b""), Signature(signature.key_id, b"\0" * 64)):
        with pytest.raises(InvalidReceipt, match="not one of key"):
            check_signature(b"{}", wrong, trusted, moment=NOON, name="x")
    with pytest.raises(InvalidReceipt, match="not one of key"):
        check_signature(b"[]", signature, trusted, moment=NOON, name="x")


@pytest.mark.parametrize(
    "moment, said",
    [
        ("2026-02-01T00:00:00Z", None),
        ("2026-02-28T23:59:59Z", None),
        ("2026-01-31T23:59:59Z", "counts from 2026-02-01T00:00:00Z on"),
        ("2026-03-01T00:00:00Z", "was retired at 2026-03-01T00:00:00Z"),
    ],
)
def test_a_key_counts_from_its_first_moment_to_before_its_last(key, moment, said):
    row = key_row(key, "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
    trusted = trusted_keys([row], name="keys")
    payload, signature = unseal(seal(b"{}", key), name="x")
    at = datetime.fromisoformat(moment)
    if said is None:
        check_signature(payload, signature, trusted, moment=at, name="x")
        return
    with pytest.raises(InvalidReceipt, match=said):
        check_signature(payload, signature, trusted, moment=at, name="x")


def test_an_unknown_key_is_told_from_a_wrong_one(key, other_key):
    payload, signature = unseal(seal(b"{}", other_key), name="x")
    with pytest.raises(InvalidReceipt, match="is not among the trusted keys"):
        trusted = trusted_keys([key_row(key)], name="keys")
        check_signature(payload, signature, trusted, moment=NOON, name="x")


@pytest.mark.parametrize(
    "change, said",
    [
        ({"key_id": "0" * 64}, "is not the SHA-256 of its public_key"),
        ({"key_id": "A" * 64}, "key_id"),
        ({"public_key": base64.b64encode(b"short").decode()}, "is not the SHA-256"),
        ({"public_key": "A"}, "not canonical"),
        ({"public_key": "a b="}, "public_key"),
        ({"valid_from": "2026-13-01T00:00:00Z"}, "is no moment"),
        ({"valid_from": "2026-01-01"}, "valid_from"),
        ({"valid_until": 5}, "valid_until"),
        ({"more": 1}, "more"),
        ({"note": "x" * 2001}, "note"),
    ],
)
def test_a_list_of_keys_that_makes_no_sense_is_refused(key, change, said):
    data = json.dumps([key_row(key, **change)]).encode()
    with pytest.raises(InvalidReceipt, match=said) as caught:
        trusted_keys(parse_keys(data, name="keys.json"), name="keys.json")
    assert str(caught.value).startswith("keys.json: ")
    assert "\n" not in str(caught.value)


def test_a_key_is_listed_once_and_no_file_lists_none(key):
    with pytest.raises(InvalidReceipt, match="listed twice"):
        trusted_keys([key_row(key)] * 2, name="keys.json")
    assert parse_keys(b" \n", name="keys.json") == []
    [found] = trusted_keys([key_row(key)], name="keys.json")
    assert isinstance(found, TrustedKey)
    assert found.valid_until is None


def test_a_key_file_that_is_of_no_use_says_why_and_shows_nothing(key, tmp_path):
    secret = base64.b64encode(key.private_bytes_raw()).decode()
    good = pem_of(key)
    wrong = ec.generate_private_key(ec.SECP256R1())
    cases = {
        "is encrypted": pem_of(key, b"secret"),
        "is no private key in PEM": good[:60] + b"!!" + good[62:],
        "is no Ed25519 key": pem_of(wrong),
    }
    for said, data in {
        **cases,
        "is no private key in PEM ": b"",
        "no private key": b"\xff",
    }.items():
        path = tmp_path / "key.pem"
        path.write_bytes(data)
        with pytest.raises(SigningError, match=said.strip()) as caught:
            read_signing_key(path)
        text = repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)
        assert secret[:12] not in text
        assert data.decode("latin-1")[28:60] not in text or not data[28:60]
        assert "openssl genpkey" in str(caught.value)
    with pytest.raises(SigningError, match="cannot be read"):
        read_signing_key(tmp_path / "absent.pem")
    with pytest.raises(SigningError, match="cannot be read"):
        read_signing_key(tmp_path)
