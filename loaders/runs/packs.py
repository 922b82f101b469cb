"""Packs of tasks: which tasks a run says it ran, and whether they are those of its day.

A pack of the day is stamped: HMAC-SHA256 of its manifest under the key of that UTC day, which
comes from a master key. The stamp shows that the tasks were handed out for that day; it does not
show that nobody knew them before.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from loaders.errors import MasterKeyUnusable
from loaders.runs.shapes import Pack, PackStamp
from receipts.canonical import canonical, sha256

PackCheck = Literal[
    "no_pack",
    "unstamped",
    "incomplete",
    "no_key",
    "wrong_mac",
    "wrong_day",
    "from_the_future",
    "late",
    "valid",
]

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)

REFUSED: frozenset[PackCheck] = frozenset(
    {"incomplete", "wrong_mac", "wrong_day", "from_the_future", "late"}
)
DAY = timedelta(days=1)
# Clocks of other machines may be this far ahead of ours.
CLOCK_TOLERANCE = timedelta(minutes=5)
SHORTEST_KEY = 32


@dataclass(frozen=True, kw_only=True)
class PackVerdict:
    """What is known about the pack of a run, and why, for the one who sent it.

    `is_known`: the tasks of that hash are here, under that name.
    """

    verdict: PackCheck
    reason: str
    is_known: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether the run is not taken in."""
        return self.verdict in REFUSED


def pack_sha256(pack: Pack) -> str:
    """The hash that names a pack: of its canonical JSON, without what is at its default.

    Raises ValueError for what JSON cannot say exactly, such as an integer above 2^53.
    """
    tasks = [
        _without_defaults(msgspec.structs.replace(task, grader=_without_defaults(task.grader)))
        for task in pack.tasks
    ]
    return sha256(canonical(msgspec.to_builtins(msgspec.structs.replace(pack, tasks=tasks))))


def day_key(master: bytes, day: date) -> bytes:
    """The key of a UTC day, 32 bytes. Who has it can stamp the packs of that day only."""
    return hmac.digest(master, day.isoformat().encode("ascii"), "sha256")


def stamp(pack_name: str, sha256: str, day: date, master: bytes) -> PackStamp:
    """A pack as that of a UTC day. Raises ValueError for a name that JSON cannot say."""
    return PackStamp(
        pack=pack_name, sha256=sha256, day=day, mac=_mac(pack_name, sha256, day, master)
    )


def pack_verdict(
    stamp: PackStamp | None,
    *,
    started_at: datetime,
    received_at: datetime,
    master: bytes | None,
    known: Mapping[str, Pack],
    grace_min: int,
) -> PackVerdict:
    """Check the pack of a run: its MAC, then its day, then whether it came in time.

    Moments are aware, of any time zone; `known` has the packs by their hash; `grace_min` is in
    minutes after the end of the pack's day, the last one included. A pack named without day and
    MAC is one of the team's own choice: nothing about it is proven, and nothing is wrong.
    """
    if stamp is None:
        return PackVerdict(verdict="no_pack", reason="The run names no pack.")
    pack = known.get(stamp.sha256)
    verdict, reason = _check(
        stamp,
        started_at=started_at,
        received_at=received_at,
        master=master,
        grace=timedelta(minutes=grace_min),
    )
    is_known = pack is not None and pack.pack == stamp.pack
    return PackVerdict(verdict=verdict, reason=reason, is_known=is_known)


def read_master(path: Path) -> bytes:
    """The master key: the bytes of a file without its final line feed.

    Raises MasterKeyUnusable, which never shows what the file holds.
    """
    remedy = f"Make one with `openssl rand -hex {SHORTEST_KEY} > FILE`."
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MasterKeyUnusable(f"{path}: cannot be read: {error.strerror}. {remedy}") from error
    master = data.removesuffix(b"\n").removesuffix(b"\r")
    if len(master) < SHORTEST_KEY:
        raise MasterKeyUnusable(
            f"{path}: a master key has {SHORTEST_KEY} bytes or more, and this one has fewer. "
            f"{remedy}"
        )
    return master


def _without_defaults(part: AnyStruct) -> AnyStruct:
    # msgspec leaves out what *is* the default: a 0.0 that was read equals it and is another one.
    at_default = {
        field.name: field.default
        for field in msgspec.structs.fields(part)
        if getattr(part, field.name) == field.default
    }
    return msgspec.structs.replace(part, **at_default)


def _check(
    stamp: PackStamp,
    *,
    started_at: datetime,
    received_at: datetime,
    master: bytes | None,
    grace: timedelta,
) -> tuple[PackCheck, str]:
    if stamp.day is None and stamp.mac is None:
        return "unstamped", "The pack is named by its hash, without day and MAC."
    if stamp.day is None or stamp.mac is None:
        return "incomplete", "The pack has a day or a MAC. Send both, as they were handed out."
    if master is None:
        return "no_key", "The stamp of the pack cannot be checked here: there is no master key."
    if not _is_stamped(stamp, stamp.day, stamp.mac, master):
        return "wrong_mac", (
            f"The MAC is not that of this pack on {stamp.day}. "
            "Send pack, sha256, day and mac as they were handed out."
        )
    # Differences of moments, since midnight in another zone may lie outside of all years.
    midnight = datetime.combine(stamp.day, time(), UTC)
    if midnight - received_at > CLOCK_TOLERANCE:
        return "from_the_future", f"The pack is that of {stamp.day}, which has not begun (UTC)."
    if not timedelta(0) <= started_at - midnight < DAY:
        return "wrong_day", (
            f"The pack is that of {stamp.day}, and the run did not start on that day (UTC). "
            "Run the pack of the day."
        )
    if started_at - received_at > CLOCK_TOLERANCE:
        return "from_the_future", "The run came in before it started. Set the clock."
    if received_at - midnight > DAY + grace:
        return "late", (
            f"The pack is that of {stamp.day}, and the run came in more than "
            f"{grace // timedelta(minutes=1)} minutes after the end of that day (UTC)."
        )
    return "valid", f"The pack is that of {stamp.day}."


def _is_stamped(stamp: PackStamp, day: date, mac: str, master: bytes) -> bool:
    try:
        expected = _mac(stamp.pack, stamp.sha256, day, master)
    except ValueError:
        # A name that JSON cannot say was never stamped.
        return False
    return hmac.compare_digest(expected.encode(), mac.encode())


def _mac(pack_name: str, sha256: str, day: date, master: bytes) -> str:
    manifest = canonical({"pack": pack_name, "sha256": sha256, "day": day.isoformat()})
    return hmac.digest(day_key(master, day), manifest, "sha256").hex()
