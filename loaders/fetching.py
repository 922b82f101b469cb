"""Asks a source: the cache while it is fresh, then the network, then the cache whatever its age."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType

from loaders.cache import Cache, Cached, Facts
from loaders.contracts import require_floor, require_no_shrink
from loaders.downloads import Downloaded, Request
from loaders.errors import RequestFailed
from loaders.http import Session
from loaders.payload import Payload
from loaders.registry import Source

NO_SECRETS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What became of one source in one run.

    `status` is verified, degraded, stale, skipped or failed. `payload` is the one to use, None
    where there is none; `problem` is what a person should read, and `retries` how often it was
    asked again.
    """

    source_key: str
    status: str
    payload: Payload | None = field(repr=False)
    problem: str | None = None
    retries: int = 0


def fetch(
    session: Session,
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
    now = session.clock.now()
    cached = cache.read(source.file)
    if cached is not None and not refresh and cached.is_fresh(now=now, ttl=ttl):
        return _used(source, cached)
    headers = {}
    if source.secret is not None:
        if key := secrets.get(source.secret.env):
            headers[source.secret.header] = source.secret.prefix + key
        elif source.secret.is_required:
            problem = f"{source.secret.env} is not set"
            return _used(source, cached, status="skipped", problem=problem)
    try:
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
            return _used(source, replace(cached, sidecar=sidecar), retries=answer.retries)
        _check(source, answer, cached, accept_shrink=accept_shrink)
    except (RequestFailed, ValueError, RecursionError) as error:
        problem = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        if not isinstance(error, RequestFailed):
            # Pages that do not make a good answer would spoil every later one.
            cache.keep_partial(source.file, None)
        status = "failed" if cached is None else "stale"
        return _used(source, cached, status=status, problem=problem)
    sidecar = cache.promote(
        source.file,
        answer.body,
        Facts(
            url=answer.url,
            status=answer.status,
            headers=answer.headers,
            fetched_at=now,
            is_degraded=answer.is_degraded,
        ),
    )
    cache.keep_partial(source.file, None)
    return _used(source, Cached(body=answer.body, sidecar=sidecar), retries=answer.retries)


def _check(
    source: Source, answer: Downloaded, cached: Cached | None, *, accept_shrink: bool
) -> None:
    """Refuse an answer that is not what the source promises; a lesser form has no floor."""
    count = _row_count(source, answer.body)
    if answer.is_degraded:
        return
    require_floor(count, source.floor)
    if cached is not None and not cached.sidecar.is_degraded and not accept_shrink:
        require_no_shrink(count, _row_count(source, cached.body))


def _row_count(source: Source, body: bytes) -> int:
    rows = source.parse(body)
    return sum(len(rows.get(endpoint, ())) for endpoint in source.endpoints)


def _used(
    source: Source,
    cached: Cached | None,
    *,
    status: str | None = None,
    problem: str | None = None,
    retries: int = 0,
) -> Fetched:
    """The outcome with the body that is to be used, if there is any."""
    if cached is None:
        return Fetched(
            source_key=source.source_key, status=status or "failed", payload=None, problem=problem
        )
    said = status or ("degraded" if cached.sidecar.is_degraded else "verified")
    payload = Payload(
        source_key=source.source_key,
        url=cached.sidecar.url,
        origin=source.file,
        fetched_at=cached.sidecar.fetched_at,
        # A payload that is used although its source is skipped is as old as one that is stale.
        status="stale" if said == "skipped" else said,
        body=cached.body,
        is_degraded=cached.sidecar.is_degraded,
    )
    return Fetched(
        source_key=source.source_key,
        status=said,
        payload=payload,
        problem=problem,
        retries=retries,
    )
