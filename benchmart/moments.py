"""Reads moments as people write them."""

import re
from datetime import UTC, datetime

from benchmart.errors import OptionError


def moment(option: str, text: str) -> datetime:
    """A moment with its zone, in UTC. Raises OptionError."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise OptionError(
            f"{option}: {text!r} is no RFC 3339 moment. Write it as 2026-05-07T00:00:00Z."
        ) from error
    raise OptionError(f"{option}: {text!r} has no time zone. Add Z or an offset.")


def day_or_moment(option: str, text: str) -> datetime:
    """A moment; a day stands for its end, so that it includes what was fetched on it."""
    is_day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) is not None
    return moment(option, f"{text}T23:59:59Z" if is_day else text)


def stamp(when: datetime) -> str:
    """A moment as the name of a folder; the end of a day is the day."""
    return f"{when:%Y-%m-%dT%H%M%SZ}".removesuffix("T235959Z")
