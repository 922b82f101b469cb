"""The sources that are fetched: where they are, how they are read, when they are distrusted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from loaders.contracts import Row
from loaders.errors import UnknownSource
from loaders.sources import artificial_analysis, bfcl, openrouter, scale

Parse = Callable[[bytes], Mapping[str, list[Row]]]


@dataclass(frozen=True, kw_only=True)
class Secret:
    """A key that a request carries; only `env` is ever printed.

    Without a required one the source is skipped, and no request is made.
    """

    env: str
    header: str
    prefix: str = ""
    is_required: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source; `endpoints` are the keys that `parse` returns, one raw table each.

    `floor` is the fewest upstream rows of the first endpoint that a whole payload can have.
    """

    source_key: str
    url: str
    file: str
    endpoints: tuple[str, ...]
    floor: int
    parse: Parse
    secret: Secret | None = None


SOURCES = (
    Source(
        source_key="openrouter",
        url="https://openrouter.ai/api/v1/models",
        file="openrouter_models.json",
        endpoints=("models",),
        floor=250,
        parse=openrouter.parse,
        secret=Secret(env="OPENROUTER_API_KEY", header="Authorization", prefix="Bearer "),
    ),
    Source(
        source_key="artificial_analysis",
        url="https://artificialanalysis.ai/api/v2/data/llms/models",
        file="artificial_analysis_llms.json",
        endpoints=("models",),
        floor=300,
        parse=artificial_analysis.parse,
        secret=Secret(env="AA_API_KEY", header="x-api-key", is_required=True),
    ),
    Source(
        source_key="swebench_pro",
        url="https://labs.scale.com/leaderboard/swe_bench_pro_public",
        file="swebench_pro.html",
        endpoints=("entries",),
        floor=18,
        parse=partial(scale.parse, board="swe_bench_pro_public", title="SWE-Bench Pro"),
    ),
    Source(
        source_key="bfcl",
        url="https://gorilla.cs.berkeley.edu/data_overall.csv",
        file="bfcl.csv",
        endpoints=("rows",),
        floor=80,
        parse=bfcl.parse,
    ),
)


def sources(only: Collection[str] | None = None) -> tuple[Source, ...]:
    """Every registered source, or the named ones. Raises UnknownSource."""
    known = {source.source_key for source in SOURCES}
    if unknown := sorted(set(only or ()) - known):
        raise UnknownSource(
            f"unknown source {', '.join(unknown)}. Known are {', '.join(sorted(known))}."
        )
    return tuple(source for source in SOURCES if only is None or source.source_key in only)
