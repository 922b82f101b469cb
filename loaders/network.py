"""How the world is reached: a clock, bounds, and connections that are opened when one is needed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # A run without requests must not pay for the import of httpx.
    import httpx

    from loaders.http import Session


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one source may cost: attempts, seconds, bytes after decompression."""

    attempts: int = 6
    deadline: float = 180
    one_wait: float = 120
    all_waits: float = 600
    whole_source: float = 900
    first_wait: float = 1
    body_bytes: int = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Time and chance, so that tests bring their own and never wait."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, kw_only=True)
class Network:
    """What a request needs; `connect` gives a client of its own to every session."""

    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    connect: Callable[[], httpx.Client] | None = None

    def session(self) -> Session:
        """Requests for one source."""
        from loaders.http import Session, open_client

        return Session(self.connect or open_client, clock=self.clock, limits=self.limits)
