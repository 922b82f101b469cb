"""Packs of the day: HMAC from first principles, midnight, grace, and stamps that are not good."""

import hashlib
import json
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest

from loaders.errors import MasterKeyUnusable
from loaders.runs.packs import day_key, pack_sha256, pack_verdict, read_master, stamp
from loaders.runs.shapes import ExactMatch, NumberMatch, Pack, PackStamp, PackTask

MASTER = bytes(range(64, 104))
DAY = date(2026, 5, 7)
MIDNIGHT = datetime(2026, 5, 7, tzinfo=UTC)
NEXT = MIDNIGHT + timedelta(days=1)
NOON = MIDNIGHT + timedelta(hours=12)
US = timedelta(microseconds=1)
GRACE = 120


def pack(**changes):
    task = PackTask(
        task="sum", category="code", difficulty="easy", grader=NumberMatch(expected=5.0),
        prompt="2 + 3", added_on=date(2026, 5, 1),
    )  # fmt: skip
    return Pack(**{"format": "benchmart-pack/1", "pack": "daily", "title": "Ü", "tasks": [task]} | changes)  # fmt: skip


PACK = pack()
GOOD = stamp("daily", pack_sha256(PACK), DAY, MASTER)


def verdict(given=GOOD, *, started_at=NOON, received_at=None, master=MASTER, known=None):
    return pack_verdict(
        given,
        started_at=started_at,
        received_at=started_at if received_at is None else received_at,
        master=master,
        known={} if known is None else known,
        grace_min=GRACE,
    )


def changed(**changes):
    return msgspec.structs.replace(GOOD, **changes)


def plain_hmac(key, message):
    """HMAC-SHA256 as RFC 2104 defines it."""
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    key = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def openssl_hmac(key, message):
    ended = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"],
        input=message,
        capture_output=True,
        check=True,
    )
    return ended.stdout


@pytest.mark.parametrize("hmac", [plain_hmac, openssl_hmac])
@pytest.mark.parametrize("master", [b"k" * 32, MASTER, bytes(range(256))], ids=len)
def test_a_stamp_is_that_of_any_other_program(hmac, master):
    if hmac is openssl_hmac and shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    manifest = f'{{"day":"2026-05-07","pack":"dé","sha256":"{"ab" * 32}"}}'.encode()
    key = hmac(master, b"2026-05-07")
    assert day_key(master, DAY) == key
    assert stamp("dé", "ab" * 32, DAY, master) == PackStamp(
        pack="dé", sha256="ab" * 32, day=DAY, mac=hmac(key, manifest).hex()
    )


def test_the_hash_of_a_pack_is_of_its_canonical_json():
    written = (
        '{"format":"benchmart-pack/1","pack":"daily","tasks":[{"added_on":"2026-05-01",'
        '"category":"code","difficulty":"easy","grader":{"expected":5,"kind":"number"},'
        '"prompt":"2 + 3","task":"sum"}],"title":"Ü"}'
    )
    assert pack_sha256(PACK) == hashlib.sha256(written.encode()).hexdigest()
    # However it was written: order, space, 5 or 5.0, and defaults that were spelled out.
    document = json.loads(written)
    document["tasks"][0]["grader"] |= {"tolerance": 0, "expected": 5.0}
    again = json.dumps(dict(reversed(document.items())), indent=2)
    assert pack_sha256(msgspec.json.decode(again, type=Pack)) == pack_sha256(PACK)


def test_every_change_of_a_pack_changes_its_hash():
    other_task = msgspec.structs.replace(PACK.tasks[0], prompt="2 + 4")
    other_grader = msgspec.structs.replace(PACK.tasks[0], grader=ExactMatch(expected=["5"]))
    variants = [
        PACK,
        pack(pack="weekly"),
        pack(title="U"),
        pack(tasks=[other_task]),
        pack(tasks=[other_grader]),
        pack(tasks=[PACK.tasks[0], other_task]),
        pack(tasks=[other_task, PACK.tasks[0]]),
    ]
    assert len({pack_sha256(variant) for variant in variants}) == len(variants)


def test_the_pack_of_the_day_is_valid():
    said = verdict()
    assert (said.verdict, said.is_refused, said.is_known) == ("valid", False, False)


@pytest.mark.parametrize(
    "given, said",
    [
        (None, "no_pack"),
        (PackStamp(pack="daily", sha256=GOOD.sha256), "unstamped"),
        (changed(day=None), "incomplete"),
        (changed(mac=None), "incomplete"),
    ],
)
@pytest.mark.parametrize("master", [None, MASTER], ids=["no key", "key"])
def test_a_run_without_a_whole_stamp(given, said, master):
    # Nothing is claimed about the day, so the times say nothing either.
    found = verdict(given, started_at=NEXT + timedelta(days=9), received_at=NOON, master=master)
    assert (found.verdict, found.is_refused) == (said, said == "incomplete")


def test_without_a_key_a_stamp_cannot_be_checked():
    for given in (GOOD, changed(mac="0" * 64)):
        found = verdict(given, started_at=NEXT, master=None)
        assert (found.verdict, found.is_refused) == ("no_key", False)


def test_any_change_of_a_stamp_makes_the_mac_wrong():
    mac = bytes.fromhex(GOOD.mac)
    flipped = [
        (mac[:at] + bytes([mac[at] ^ bit]) + mac[at + 1 :]).hex()
        for at in range(32)
        for bit in (1, 128)
    ]
    changes = [
        *({"mac": other} for other in flipped),
        {"mac": ""},
        {"mac": GOOD.mac[:-1]},
        {"mac": GOOD.mac.upper()},
        {"mac": GOOD.mac + "\n"},
        {"mac": "é" * 64},
        {"pack": "dailz"},
        {"pack": "\ud800"},
        {"sha256": "0" * 64},
        {"day": DAY - timedelta(days=1)},
        {"day": date.max},
        {"day": date.min},
    ]
    for change in changes:
        found = verdict(changed(**change))
        assert (found.verdict, found.is_refused) == ("wrong_mac", True), change
        # The right one in the answer would be a stamp for everybody.
        assert GOOD.mac not in found.reason
    assert verdict(master=MASTER[:-1] + b"\0").verdict == "wrong_mac"


def test_the_mac_is_of_the_key_of_its_own_day():
    # Who holds the key of one day cannot stamp the packs of another.
    leaked = day_key(MASTER, DAY - timedelta(days=1))
    manifest = f'{{"day":"2026-05-07","pack":"daily","sha256":"{GOOD.sha256}"}}'.encode()
    assert plain_hmac(day_key(MASTER, DAY), manifest).hex() == GOOD.mac
    assert verdict(changed(mac=plain_hmac(leaked, manifest).hex())).verdict == "wrong_mac"
    assert verdict(changed(mac=plain_hmac(MASTER, manifest).hex())).verdict == "wrong_mac"


@pytest.mark.parametrize(
    "started_at, said",
    [
        (MIDNIGHT - US, "wrong_day"),
        (MIDNIGHT, "valid"),
        (NEXT - US, "valid"),
        (NEXT, "wrong_day"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "wrong_day"),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))), "wrong_day"),
    ],
)
def test_a_run_starts_on_the_day_of_its_pack(started_at, said):
    found = verdict(started_at=started_at, received_at=NEXT)
    assert (found.verdict, found.is_refused) == (said, said != "valid")


def test_the_pack_of_yesterday_is_refused():
    yesterday = stamp("daily", GOOD.sha256, DAY - timedelta(days=1), MASTER)
    found = verdict(yesterday)
    assert (found.verdict, found.is_refused) == ("wrong_day", True)
    assert found.reason == (
        "The pack is that of 2026-05-06, and the run did not start on that day (UTC). "
        "Run the pack of the day."
    )
    # Also in the minutes in which it may still come in.
    assert verdict(yesterday, started_at=MIDNIGHT, received_at=MIDNIGHT).verdict == "wrong_day"


def test_the_day_is_that_of_utc_wherever_the_run_was():
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    for zone in (east, west):
        assert verdict(started_at=MIDNIGHT.astimezone(zone), received_at=NOON).verdict == "valid"
        assert verdict(started_at=(NEXT - US).astimezone(zone)).verdict == "valid"
        assert verdict(started_at=(NEXT).astimezone(zone)).verdict == "wrong_day"
    # The seventh there is not the seventh here, and the other way round.
    on_the_seventh = {"received_at": NEXT}
    assert verdict(started_at=datetime(2026, 5, 7, 13, 59, tzinfo=east), **on_the_seventh).verdict == "wrong_day"  # fmt: skip
    assert verdict(started_at=datetime(2026, 5, 8, 13, 59, tzinfo=east), **on_the_seventh).verdict == "valid"  # fmt: skip


@pytest.mark.parametrize(
    "received_at, said",
    [
        (NEXT, "valid"),
        (NEXT + timedelta(minutes=GRACE), "valid"),
        (NEXT + timedelta(minutes=GRACE) + US, "late"),
        (NEXT + timedelta(days=900), "late"),
    ],
)
def test_a_run_comes_in_before_the_grace_is_over(received_at, said):
    for moment in (received_at, received_at.astimezone(timezone(timedelta(hours=-7)))):
        found = verdict(received_at=moment)
        assert (found.verdict, found.is_refused) == (said, said == "late")


@pytest.mark.parametrize(
    "day, started_at, received_at, said",
    [
        # Clocks may differ by five minutes, and then not by a microsecond more.
        (DAY, NOON, NOON - timedelta(minutes=5), "valid"),
        (DAY, NOON, NOON - timedelta(minutes=5) - US, "from_the_future"),
        (DAY, MIDNIGHT, MIDNIGHT - timedelta(minutes=5), "valid"),
        (DAY, MIDNIGHT, MIDNIGHT - timedelta(minutes=5) - US, "from_the_future"),
        # A pack of tomorrow, whenever the run says it started.
        (DAY + timedelta(days=1), NOON, NOON, "from_the_future"),
        (DAY + timedelta(days=1), NEXT, NOON, "from_the_future"),
        (date.max, NOON, NOON, "from_the_future"),
        (date.min, NOON, NOON, "wrong_day"),
    ],
)
def test_nothing_comes_in_before_it_began(day, started_at, received_at, said):
    given = stamp("daily", GOOD.sha256, day, MASTER)
    found = verdict(given, started_at=started_at, received_at=received_at)
    assert (found.verdict, found.is_refused) == (said, said != "valid")


def test_the_mac_comes_before_the_day_and_the_day_before_the_grace():
    late = NEXT + timedelta(days=3)
    assert verdict(changed(mac="0" * 64), started_at=NEXT, received_at=late).verdict == "wrong_mac"
    assert verdict(started_at=NEXT, received_at=late).verdict == "wrong_day"
    assert verdict(received_at=late).verdict == "late"


def test_a_pack_is_known_by_its_hash_and_its_name():
    known = {GOOD.sha256: PACK}
    for given in (GOOD, PackStamp(pack="daily", sha256=GOOD.sha256)):
        assert verdict(given, known=known).is_known
    assert not verdict(PackStamp(pack="other", sha256=GOOD.sha256), known=known).is_known
    assert not verdict(PackStamp(pack="daily", sha256="0" * 64), known=known).is_known
    assert not verdict(None, known=known).is_known


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_master_key_is_what_the_file_holds_without_its_last_line_feed(tmp_path, ending):
    path = tmp_path / "key"
    for key in (b"k" * 32, b"\n" + b"k" * 31, bytes(range(33)) + b" "):
        path.write_bytes(key + ending)
        assert read_master(path) == key


def test_a_master_key_of_no_use_is_refused_without_being_shown(tmp_path):
    path = tmp_path / "key"
    for short in (b"", b"\n", b"hush" * 7 + b"hus", b"hush" * 7 + b"hus\n"):
        path.write_bytes(short)
        with pytest.raises(MasterKeyUnusable, match=r"key: a master key has 32 bytes or more") as e:
            read_master(path)
        assert "hush" not in str(e.value)
    with pytest.raises(MasterKeyUnusable, match=r"cannot be read: No such file.*openssl rand"):
        read_master(tmp_path / "none")
    with pytest.raises(MasterKeyUnusable, match="cannot be read: Is a directory"):
        read_master(tmp_path)


def test_no_verdict_shows_a_key():
    secrets = (MASTER.hex(), repr(MASTER), day_key(MASTER, DAY).hex(), GOOD.mac)
    moments = (NOON, NEXT, NEXT + timedelta(days=3), NOON - timedelta(days=3))
    for given in (GOOD, changed(mac="0" * 64), changed(day=None)):
        for started_at in moments:
            for received_at in moments:
                text = repr(verdict(given, started_at=started_at, received_at=received_at))
                assert not any(secret in text for secret in secrets)
