"""Signatures of runs: what they cover, whose count, when, and that saying lab is not enough."""

import base64
import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loaders.errors import SeedUnusable
from loaders.runs.shapes import Run
from loaders.runs.signatures import (
    SignatureVerdict,
    TrustedRunKey,
    read_trusted_keys,
    sign_run,
    signature_verdict,
    signed_bytes,
)
from receipts.canonical import canonical, parse_json, sha256
from receipts.signing import key_id_of, public_bytes, seal
from tests.conftest import PROJECT

KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
FROM = datetime(2026, 2, 1, tzinfo=UTC)
UNTIL = datetime(2026, 3, 1, tzinfo=UTC)
WITHIN = datetime(2026, 2, 14, tzinfo=UTC)
US = timedelta(microseconds=1)
RUN = {
    "format": "benchmart-run/1",
    "nickname": "Zoë",
    "model": "m",
    "started_at": "2026-02-14T09:00:00+01:00",
    "tasks": [
        {
            "task": "t",
            "category": "code",
            "difficulty": "easy",
            "grading": "deterministic",
            "passed": True,
            "duration_s": 0.1,
            "cost_usd": 1e-07,
            "grader": {"kind": "number", "expected": 1e21, "tolerance": 2.0},
        }
    ],
}


def trusted(key=KEY, *, role="lab", valid_until=UNTIL):
    return TrustedRunKey(
        key_id=key_id_of(public_bytes(key)),
        public_key=public_bytes(key),
        role=role,
        valid_from=FROM,
        valid_until=valid_until,
    )


def verdict(document, *keys, moment=WITHIN):
    return signature_verdict(document, keys or (trusted(),), moment=moment)


SIGNED = sign_run(RUN, KEY)
VALID = SignatureVerdict(verdict="valid", key_id=trusted().key_id, is_lab=True)
BAD = SignatureVerdict(verdict="bad_signature", key_id=trusted().key_id)


def test_what_is_signed_is_the_format_and_the_canonical_json():
    small = {"b": 1.0, "a": [1e21, "é"], "signature": {"key_id": "x"}}
    assert signed_bytes(small) == 'benchmart-run/1\n{"a":[1e+21,"é"],"b":1}'.encode()


def test_a_signed_run_is_a_run_and_its_signature_is_valid():
    assert verdict(SIGNED) == VALID
    assert not VALID.is_refused
    assert [*SIGNED] == [*RUN, "signature"]
    assert {key: SIGNED[key] for key in RUN} == RUN
    assert msgspec.convert(SIGNED, Run, strict=False).signature.key_id == trusted().key_id
    assert sign_run(sign_run(RUN, OTHER), KEY) == SIGNED


def test_only_the_signature_of_the_lab_makes_a_run_one_of_the_lab():
    said = RUN | {"lab": True}
    nothing = SignatureVerdict(verdict="unsigned")
    assert verdict(said) == verdict(said | {"signature": None}) == nothing
    assert not nothing.is_refused and not nothing.is_lab
    team = trusted(role="team")
    assert verdict(sign_run(said, KEY), team) == SignatureVerdict(
        verdict="valid", key_id=team.key_id
    )
    for moment in (FROM - US, UNTIL):
        assert not verdict(sign_run(said, KEY), moment=moment).is_lab
    assert not verdict(sign_run(said, OTHER)).is_lab
    assert not verdict(said | {"signature": SIGNED["signature"]}).is_lab
    # What the run says does not take it away either.
    assert verdict(sign_run(RUN | {"lab": False}, KEY)).is_lab


def test_a_key_that_is_not_listed_is_unknown():
    key_id = key_id_of(public_bytes(OTHER))
    found = verdict(sign_run(RUN, OTHER))
    assert found == SignatureVerdict(verdict="unknown_key", key_id=key_id)
    assert found.is_refused
    assert signature_verdict(SIGNED, (), moment=WITHIN).verdict == "unknown_key"
    # Under the name of a key that is listed, it is a bad one.
    signature = sign_run(RUN, OTHER)["signature"] | {"key_id": trusted().key_id}
    assert verdict(RUN | {"signature": signature}) == BAD


def test_the_right_key_is_taken_of_several():
    keys = (trusted(OTHER, role="lab"), trusted(role="team"))
    assert verdict(SIGNED, *keys) == SignatureVerdict(verdict="valid", key_id=trusted().key_id)
    assert verdict(sign_run(RUN, OTHER), *keys).is_lab


@pytest.mark.parametrize(
    "moment, said",
    [
        (FROM - US, "unknown_key"),
        (FROM, "valid"),
        (UNTIL - US, "valid"),
        (UNTIL, "retired_key"),
        (UNTIL + timedelta(days=999), "retired_key"),
    ],
)
def test_a_key_counts_from_its_first_moment_to_before_its_last(moment, said):
    found = verdict(SIGNED, moment=moment)
    assert (found.verdict, found.key_id) == (said, trusted().key_id)
    assert (found.is_refused, found.is_lab) == (said != "valid", said == "valid")


def test_a_key_without_an_end_counts_on():
    late = UNTIL + timedelta(days=9_999)
    assert verdict(SIGNED, trusted(valid_until=None), moment=late) == VALID


def test_what_a_retired_key_did_not_sign_is_bad():
    assert verdict(SIGNED | {"model": "x"}, moment=UNTIL) == BAD


def test_every_flipped_bit_of_the_signature_is_seen():
    value = bytes.fromhex(SIGNED["signature"]["value"])
    for at in range(len(value) * 8):
        flipped = bytearray(value)
        flipped[at // 8] ^= 1 << at % 8
        signature = SIGNED["signature"] | {"value": flipped.hex()}
        assert verdict(RUN | {"signature": signature}) == BAD, at
    assert BAD.is_refused and not BAD.is_lab


def test_every_changed_byte_of_the_run_is_seen():
    body = canonical(RUN)
    seen = 0
    for at in range(len(body)):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        try:
            document = json.loads(changed)
            is_same = canonical(document) == body
        except ValueError:
            continue
        if not is_same:
            seen += 1
            assert verdict(document | {"signature": SIGNED["signature"]}) == BAD, changed
    # In keys, texts, numbers and the letters of the moment.
    assert seen > 150


def test_a_key_more_or_less_is_seen():
    signature = {"signature": SIGNED["signature"]}
    for key in RUN:
        assert verdict({k: v for k, v in RUN.items() if k != key} | signature) == BAD
    for more in ({"lab": True}, {"config_tag": None}, {"Signature": 1}):
        assert verdict(RUN | more | signature) == BAD


def test_the_signature_of_another_run_or_of_something_else_is_bad():
    other = sign_run(RUN | {"model": "other"}, KEY)
    assert verdict(RUN | {"signature": other["signature"]}) == BAD
    receipt = base64.b64decode(seal(canonical(RUN), KEY)["signatures"][0]["sig"])
    for value in (receipt, KEY.sign(canonical(RUN)), b"\0" * 64):
        signature = {"key_id": trusted().key_id, "value": value.hex()}
        assert verdict(RUN | {"signature": signature}) == BAD


def test_the_way_a_run_is_written_does_not_matter():
    def turned(value):
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    assert list(turned(SIGNED)) == list(reversed(SIGNED))
    assert verdict(turned(SIGNED)) == VALID
    for text in (
        json.dumps(turned(SIGNED), indent=4, ensure_ascii=True),
        json.dumps(SIGNED, ensure_ascii=False),
        json.dumps(SIGNED)
        .replace("2.0", "2")
        .replace("1e-07", "0.00000010")
        .replace("0.1", "1e-1"),
        canonical(SIGNED).decode(),
        # As a program writes it that knows no exponents.
        canonical(SIGNED).decode().replace("1e+21", "1" + "0" * 21),
    ):
        assert verdict(parse_json(text.encode(), name="run")) == VALID, text
    # The order of a list is part of what it says.
    two = RUN | {"tasks": [RUN["tasks"][0], RUN["tasks"][0] | {"run_no": 2}]}
    swapped = sign_run(two, KEY) | {"tasks": two["tasks"][::-1]}
    assert verdict(swapped) == BAD


@pytest.mark.parametrize(
    "number, same",
    [
        (0.1, 0.1),
        (0.1, 0.1 + 1e-18),
        (1.0, 1),
        (0.0, -0.0),
        (1e21, float("1000000000000000000000")),
        (5e-324, 5e-324),
        (1.7976931348623157e308, 1.7976931348623157e308),
    ],
)
def test_numbers_are_signed_as_doubles(number, same):
    signed = sign_run(RUN | {"n": number}, KEY)
    assert verdict(signed | {"n": same}) == VALID
    assert verdict(parse_json(canonical(signed), name="run")) == VALID
    assert verdict(signed | {"n": number * 0.999 + 0.1}) == BAD


def deep():
    value = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**60, "\ud800", deep()], ids=["nan", "inf", "int", "text", "deep"]
)  # fmt: skip
def test_what_canonical_json_cannot_say_was_never_signed(value):
    assert verdict(SIGNED | {"n": value}) == BAD
    assert verdict(RUN | {"n": value}).verdict == "unsigned"
    with pytest.raises((ValueError, RecursionError)):
        sign_run(RUN | {"n": value}, KEY)


@pytest.mark.parametrize(
    "signature",
    [
        "x",
        [],
        {},
        False,
        {"key_id": trusted().key_id},
        SIGNED["signature"] | {"more": 1},
        SIGNED["signature"] | {"value": None},
        SIGNED["signature"] | {"value": SIGNED["signature"]["value"].upper()},
        SIGNED["signature"] | {"value": SIGNED["signature"]["value"][:-2]},
    ],
)
def test_a_signature_of_another_shape_is_bad(signature):
    assert verdict(RUN | {"signature": signature}) == SignatureVerdict(verdict="bad_signature")


HEADER = "key_id,public_key,role,valid_from,valid_until,rationale\n"


def row(key=KEY, **changes):
    cells = {
        "key_id": key_id_of(public_bytes(key)),
        "public_key": base64.b64encode(public_bytes(key)).decode(),
        "role": "lab",
        "valid_from": "2026-02-01T00:00:00Z",
        "valid_until": "2026-03-01T00:00:00Z",
        "rationale": "ours",
    }
    return ",".join((cells | changes).values()) + "\n"


def test_the_seed_trusts_nobody_yet():
    path = PROJECT / "seeds" / "runs" / "run_trusted_keys.csv"
    assert path.read_text("utf-8") == HEADER
    assert read_trusted_keys(path) == ()


def test_keys_are_read_with_role_and_time(tmp_path):
    path = tmp_path / "run_trusted_keys.csv"
    path.write_text(HEADER + row() + row(OTHER, role="team", valid_until=""), "utf-8")
    assert read_trusted_keys(path) == (trusted(), trusted(OTHER, role="team", valid_until=None))


@pytest.mark.parametrize(
    "text, said",
    [
        ("key_id,public_key\n", "line 1: the header has to be key_id,public_key,role"),
        (HEADER + row(role="Lab"), "line 2: role is 'Lab'. Write lab or team"),
        (HEADER + row(role=""), "line 2: role is ''. Write lab or team"),
        (HEADER + row(rationale=""), "line 2: rationale is empty"),
        (HEADER + row(valid_from=""), "line 2: valid_from is empty"),
        (HEADER + row(valid_from="2026-02-01"), "line 2: .*valid_from.* Correct the row"),
        (HEADER + row(valid_from="2026-13-01T00:00:00Z"), "line 2: .*is no moment"),
        (HEADER + row(valid_until="2026-02-01T00:00:00Z"), "line 2: valid_until is not after"),
        (HEADER + row(key_id="0" * 64), "line 2: key_id 0+ is not the SHA-256 of its public_key"),
        (HEADER + row(public_key="!"), "line 2: .*public_key"),
        (HEADER + row(key_id=sha256(b"short"), public_key="c2hvcnQ="), "line 2: .* of 32 bytes"),
        (HEADER + row(OTHER) + row() + row(role="team"), "line 4: key .* is listed twice"),
    ],
)
def test_a_broken_list_is_refused_with_its_row(tmp_path, text, said):
    path = tmp_path / "run_trusted_keys.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SeedUnusable, match=f"run_trusted_keys.csv: {said}"):
        read_trusted_keys(path)
