"""Collects the sources for one run, and shows a person how far it is."""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from benchmart.errors import BuildError
from benchmart.terminal import bar
from loaders.cache import Cache
from loaders.collecting import ask, read_kept
from loaders.network import Network
from loaders.payload import Fetched
from loaders.recordings import read_recording
from loaders.registry import sources


@dataclass(frozen=True, kw_only=True)
class Sourcing:
    """Where the payloads of a run come from.

    Offline, the recordings stand in for what the cache lacks, unless `has_stand_ins` is false; or
    they are all that counts, unless `reads_cache`. Else the sources are asked, and recordings are
    not looked at.
    """

    cache: Path
    recordings: Path
    is_offline: bool
    reads_cache: bool = True
    has_stand_ins: bool = True
    only: tuple[str, ...] | None = None
    refresh: tuple[str, ...] = ()
    accept_shrink: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def times_to_live(project: Path) -> dict[str, timedelta]:
    """How long an answer of each source counts as fresh, as the catalogue says.

    Raises BuildError naming the row that does not.
    """
    name = "seeds/catalogue/sources.csv"
    hours = {}
    with (project / name).open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                hours[row["source_key"]] = timedelta(hours=int(row["ttl_hours"]))
            except (KeyError, TypeError, ValueError) as error:
                raise BuildError(
                    f"{name}: {row.get('source_key')}: ttl_hours is no whole number. "
                    "Write for how many hours an answer stays fresh."
                ) from error
    missing = [source.source_key for source in sources() if source.source_key not in hours]
    if missing:
        raise BuildError(
            f"{name}: {', '.join(missing)}: has no row. Add one for every source of "
            "loaders/registry.py."
        )
    return hours


def collect(
    sourcing: Sourcing,
    *,
    project: Path,
    now: datetime | None,
    network: Network,
    console: Console,
) -> list[Fetched]:
    """One outcome for every source that the run is about, in the order of the registry.

    Raises UnknownSource, PayloadMissing or CacheUnusable; a failing source is an outcome.
    """
    chosen = sources(sourcing.only)
    if not sourcing.reads_cache:
        return [read_recording(source, sourcing.recordings) for source in chosen]
    cache, ttl = Cache(sourcing.cache), times_to_live(project)
    if sourcing.is_offline:
        moment = now or datetime.now(UTC)
        stand_ins = sourcing.recordings if sourcing.has_stand_ins else None
        return list(read_kept(chosen, cache=cache, ttl=ttl, now=moment, recordings=stand_ins))
    outcomes = {}
    waiting = [source.source_key for source in chosen]
    with bar(console, "fetching") as progress:
        task = progress.add_task(_some(waiting), total=len(chosen))
        for fetched in ask(
            chosen,
            network=network,
            cache=cache,
            ttl=ttl,
            secrets=sourcing.secrets,
            refresh=sourcing.refresh,
            accept_shrink=sourcing.accept_shrink,
        ):
            outcomes[fetched.source_key] = fetched
            waiting.remove(fetched.source_key)
            progress.update(task, advance=1, description=_some(waiting))
            if fetched.was_asked and not console.is_terminal:
                console.print(f"asked {fetched.source_key:24}{fetched.status}")
    return [outcomes[source.source_key] for source in chosen]


def _some(waiting: Collection[str]) -> str:
    shown = ", ".join(list(waiting)[:3])
    return f"waiting for {shown}" + (" ..." if len(waiting) > 3 else "") if waiting else ""
