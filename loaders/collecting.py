"""Collects what a run works with: one outcome a source, from the network or from what is kept."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from loaders.cache import Cache
from loaders.errors import PayloadMissing
from loaders.fetching import fetch, kept, used
from loaders.network import Network
from loaders.payload import Fetched
from loaders.recordings import read_recording
from loaders.registry import Source
from loaders.threads import side_by_side

# Most of the time is waiting, and six of the sources live on one host.
AT_A_TIME = 4


def ask(
    chosen: Sequence[Source],
    *,
    network: Network,
    cache: Cache,
    ttl: Mapping[str, timedelta],
    secrets: Mapping[str, str],
    refresh: Collection[str] = (),
    accept_shrink: Collection[str] = (),
) -> Iterator[Fetched]:
    """Ask every source that has to be asked, and tell of each as soon as it is done.

    A source that fails is an outcome like any other. Raises CacheUnusable.
    """

    def one(source: Source) -> Fetched:
        key = source.source_key
        return fetch(
            network,
            source,
            cache=cache,
            ttl=ttl[key],
            secrets=secrets,
            refresh=key in refresh,
            accept_shrink=key in accept_shrink,
        )

    return side_by_side(one, chosen, at_a_time=AT_A_TIME)


def read_kept(
    chosen: Sequence[Source],
    *,
    cache: Cache,
    ttl: Mapping[str, timedelta],
    now: datetime,
    recordings: Path | None,
) -> Iterator[Fetched]:
    """The last good answer of every source, however old, or its recording where there is none.

    Raises PayloadMissing where `recordings` is None, which means that only the cache may be read.
    """
    for source in chosen:
        cached = kept(source, cache)
        if cached is not None:
            is_fresh = cached.is_fresh(now=now, ttl=ttl[source.source_key])
            yield used(source, cached, status=None if is_fresh else "stale")
        elif recordings is not None:
            yield read_recording(source, recordings)
        else:
            raise PayloadMissing(
                f"{cache.folder / source.file}: there is no good answer of {source.source_key} in "
                "this cache. Fetch it without --offline, or leave --cache away."
            )
