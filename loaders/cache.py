"""Keeps the last good answer of each source, with a sidecar that says where it is from and when."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loaders.errors import CacheUnusable


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about an answer beside its bytes; `fetched_at` is UTC.

    `whole_rows` are the upstream rows of the last answer that was no lesser form, which the next
    one is compared with.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    fetched_at: datetime
    whole_rows: int
    is_degraded: bool = False


@dataclass(frozen=True, kw_only=True)
class Sidecar(Facts):
    """The facts of a cached body, and what tells that they are those of these bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Cached:
    """A body with its sidecar."""

    body: bytes
    sidecar: Sidecar

    def is_fresh(self, *, now: datetime, ttl: timedelta) -> bool:
        """Whether the body is younger than its time to live; a moment to come is no age."""
        return timedelta(0) <= now - self.sidecar.fetched_at < ttl


class Cache:
    """One folder; a body is promoted only once somebody has found it good."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, file: str) -> Cached | None:
        """The last good body of a file, or None when there is none that a sidecar vouches for.

        Raises CacheUnusable when the files are there and cannot be read.
        """
        path = self.folder / file
        try:
            body = path.read_bytes()
            for sidecar_path in (_sidecar_of(path), _staged(_sidecar_of(path))):
                sidecar = _read_sidecar(sidecar_path)
                if sidecar is not None and sidecar.sha256 == _sha256(body):
                    if sidecar_path != _sidecar_of(path):
                        # A promotion was cut off between its two renames: this is the second one.
                        sidecar_path.replace(_sidecar_of(path))
                    return Cached(body=body, sidecar=sidecar)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(path, error.strerror or "cannot be read") from error
        return None

    def promote(self, file: str, body: bytes, facts: Facts) -> Sidecar:
        """Put a body that was found good in the place of the last one.

        Both files are staged before the first rename, so that a crash at any moment leaves the old
        pair or the new one. Raises CacheUnusable; the old pair then stays.
        """
        sidecar = Sidecar(sha256=_sha256(body), bytes=len(body), **asdict(facts))
        stated = {**asdict(sidecar), "fetched_at": sidecar.fetched_at.isoformat()}
        path = self.folder / file
        # Finishes a promotion that was cut off, before its staged sidecar is written over.
        self.read(file)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(_staged(path), body)
            _write(_staged(_sidecar_of(path)), json.dumps(stated, indent=1).encode())
            _staged(path).replace(path)
            _staged(_sidecar_of(path)).replace(_sidecar_of(path))
        except OSError as error:
            raise _unusable(path, error.strerror or "cannot be written") from error
        return sidecar

    def read_partial(self, file: str) -> bytes | None:
        """What was kept of an answer of many pages that was cut off, if anything was."""
        path = _partial(self.folder / file)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(path, error.strerror or "cannot be read") from error

    def keep_partial(self, file: str, body: bytes | None) -> None:
        """Keep the pages so far, or drop them once the answer is whole."""
        path = _partial(self.folder / file)
        try:
            if body is None:
                path.unlink(missing_ok=True)
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(_staged(path), body)
            _staged(path).replace(path)
        except OSError as error:
            raise _unusable(path, error.strerror or "cannot be written") from error

    def touch(self, file: str, cached: Cached, *, fetched_at: datetime) -> Sidecar:
        """Say that the server still stands by a body: only its moment is new."""
        sidecar = replace(cached.sidecar, fetched_at=fetched_at)
        facts = {name: getattr(sidecar, name) for name in Facts.__dataclass_fields__}
        return self.promote(file, cached.body, Facts(**facts))


def _read_sidecar(path: Path) -> Sidecar | None:
    """What a sidecar states; one that is half written or was tampered with vouches for nothing."""
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        fetched_at = datetime.fromisoformat(stated.pop("fetched_at"))
        sidecar = Sidecar(**stated, fetched_at=fetched_at.astimezone(UTC))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None
    texts = (sidecar.url, sidecar.sha256, *_pairs(sidecar.headers))
    numbers = (sidecar.status, sidecar.whole_rows, sidecar.bytes)
    is_sound = (
        fetched_at.tzinfo is not None
        and isinstance(sidecar.headers, dict)
        and isinstance(sidecar.is_degraded, bool)
        and all(isinstance(text, str) for text in texts)
        and all(type(number) is int and 0 <= number < 2**53 for number in numbers)
    )
    return sidecar if is_sound else None


def _pairs(headers: object) -> list[object]:
    """Names and values of headers, or nothing where they are no table."""
    return [part for pair in headers.items() for part in pair] if isinstance(headers, dict) else []


def _unusable(path: Path, problem: str) -> CacheUnusable:
    return CacheUnusable(
        f"{path}: the cache cannot be used ({problem}). "
        "Make room and give access to the folder, or name another one with --cache."
    )


def _sidecar_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.meta.json")


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.stem}.partial{path.suffix}")


def _staged(path: Path) -> Path:
    return path.with_name(f"{path.name}.tmp")


def _write(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
