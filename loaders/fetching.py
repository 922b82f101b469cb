"""Asks a source: the cache while it is fresh, then the network, then the cache whatever its age."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from loaders.cache import Cache, Cached, Facts
from loaders.contracts import require_no_shrink
from loaders.downloads import Downloaded, Request
from loaders.errors import CacheUnusable, RequestFailed, one_line, reason_of
from loaders.network import Network
from loaders.payload import Fetched, Payload
from loaders.reading import row_count, rows_of
from loaders.registry import Source

NO_SECRETS: Mapping[str, str] = MappingProxyType({})


def fetch(
    network: Network,
    source: Source,
    *,
    cache: Cache,
    ttl: timedelta,
    secrets: Mapping[str, str] = NO_SECRETS,
    refresh: bool = False,
    accept_shrink: bool = False,
) -> Fetched:
    """The payload of one source, and how it was come by.

    An answer takes the place of the last good one only after it was found whole. Whatever goes
    wrong with the source is told and not raised; CacheUnusable is raised.
    """
    now = network.clock.now()
    cached, broke = _kept(source, cache)
    if cached is not None and not refresh and _is_fresh(cached, now, ttl):
        return used(source, cached)
    headers = {}
    if source.secret is not None:
        if key := secrets.get(source.secret.env):
            headers[source.secret.header] = source.secret.prefix + key
        elif source.secret.is_required:
            problem = f"{source.secret.env} is not set"
            return used(source, cached, status="skipped", problem=problem)
    session = None
    try:
        session = network.session()
        answer = source.download(
            Request(
                session=session,
                url=source.url,
                file=source.file,
                headers=headers,
                cached=cached,
                cache=cache,
            )
        )
        if answer.is_unmodified and cached is not None:
            sidecar = cache.touch(source.file, cached, fetched_at=now)
            fresh = replace(cached, sidecar=sidecar)
            return used(source, fresh, was_asked=True, retries=answer.retries)
        whole_rows = _whole_rows(source, answer, cached, accept_shrink=accept_shrink)
    except CacheUnusable:
        raise
    except Exception as error:
        if not isinstance(error, RequestFailed):
            # Pages that do not make a good answer would spoil every later one.
            cache.keep_partial(source.file, None)
        status = "failed" if cached is None else "stale"
        problem = reason_of(error) if broke is None else f"{reason_of(error)} {broke}"
        return used(source, cached, status=status, problem=problem, was_asked=True)
    finally:
        if session is not None:
            session.close()
    sidecar = cache.promote(
        source.file,
        answer.body,
        Facts(
            url=answer.url,
            status=answer.status,
            headers=answer.headers,
            fetched_at=answer.fetched_at or now,
            whole_rows=whole_rows,
            is_degraded=answer.is_degraded,
        ),
    )
    cache.keep_partial(source.file, None)
    fresh = Cached(body=answer.body, sidecar=sidecar)
    return used(source, fresh, was_asked=True, retries=answer.retries)


def kept(source: Source, cache: Cache) -> Cached | None:
    """The last good answer, unless it breaks what the source promises today."""
    return _kept(source, cache)[0]


def _kept(source: Source, cache: Cache) -> tuple[Cached | None, str | None]:
    """The last good answer, or why the one that was kept is none any more."""
    cached = cache.read(source.file)
    if cached is None:
        return None, None
    try:
        rows_of(source, cached.body, is_degraded=cached.sidecar.is_degraded)
    except Exception as error:
        return None, f"The kept answer of {cached.sidecar.fetched_at:%Y-%m-%d}: {reason_of(error)}"
    return cached, None


def _is_fresh(cached: Cached, now: datetime, ttl: timedelta) -> bool:
    """A lesser form is asked for again at once: the whole one may be back."""
    return cached.is_fresh(now=now, ttl=ttl) and not cached.sidecar.is_degraded


def _whole_rows(
    source: Source, answer: Downloaded, cached: Cached | None, *, accept_shrink: bool
) -> int:
    """Rows of an answer that keeps its promises; behind a lesser form those of the last whole one.

    Raises ValueError for an answer that breaks them or lost too many rows.
    """
    before = cached.sidecar.whole_rows if cached is not None else 0
    rows = rows_of(source, answer.body, is_degraded=answer.is_degraded)
    if answer.is_degraded:
        return before
    count = row_count(source, rows)
    if not accept_shrink:
        require_no_shrink(count, before)
    return count


def used(
    source: Source,
    cached: Cached | None,
    *,
    status: str | None = None,
    problem: str | None = None,
    was_asked: bool = False,
    retries: int = 0,
) -> Fetched:
    """The outcome with the body that is to be used, if there is any."""
    payload = None
    if cached is not None:
        payload = Payload(
            source_key=source.source_key,
            url=cached.sidecar.url,
            origin=source.file,
            fetched_at=cached.sidecar.fetched_at,
            status="degraded" if cached.sidecar.is_degraded else "verified",
            body=cached.body,
        )
    return Fetched(
        source_key=source.source_key,
        status=status or (payload.status if payload else "failed"),
        payload=payload,
        problem=one_line(problem) if problem is not None else None,
        was_asked=was_asked,
        retries=retries,
    )
