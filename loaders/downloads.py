"""One answer of a source, however many requests it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # A run without requests must not pay for the import of httpx.
    from loaders.cache import Cache, Cached
    from loaders.http import Answer, Session

KEPT_HEADERS = ("etag", "last-modified")


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """What a source said: the bytes that are cached and parsed, and where they are from.

    `is_unmodified` means that the server stands by what it said before, and `body` is empty;
    `is_degraded` that a lesser form was all there was. `fetched_at` is when an answer was begun
    that was put together over time.
    """

    url: str
    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    retries: int = 0
    is_unmodified: bool = False
    is_degraded: bool = False
    fetched_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a source is asked with: the key that it gets, and what it said the last time.

    `file` is its name in the cache, under which pages of an unfinished answer are kept.
    """

    session: Session
    url: str
    file: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cached: Cached | None = None
    cache: Cache


Download = Callable[[Request], Downloaded]


def single(request: Request) -> Downloaded:
    """One request; conditional when the last good answer came from there with an ETag."""
    return conditional(request, request.url)


def conditional(request: Request, url: str) -> Downloaded:
    """Ask one address, which may be another than the source's first."""
    cached = request.cached
    etag = cached.sidecar.headers.get("etag") if cached and cached.sidecar.url == url else None
    asked = {**request.headers, **({"If-None-Match": etag} if etag else {})}
    answer = request.session.get(url, headers=asked)
    return Downloaded(
        url=url,
        status=answer.status,
        body=answer.body,
        headers=kept_headers(answer),
        retries=answer.retries,
        is_unmodified=answer.status == 304,
    )


def kept_headers(answer: Answer) -> dict[str, str]:
    """The headers that the next request can use, if they can be sent back at all."""
    return {
        name: value
        for name in KEPT_HEADERS
        if (value := answer.headers.get(name)) and value.isascii() and value.isprintable()
    }


def json_body(answer: Answer) -> bytes:
    """The body of an answer that is to become part of a larger JSON document."""
    body = answer.body.strip()
    if body[:1] not in (b"{", b"["):
        raise ValueError("something else came where JSON was expected")
    return body
