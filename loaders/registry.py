"""The sources that are fetched: where they are, how they are read, when they are distrusted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from loaders.contracts import Row
from loaders.downloads import Download, single
from loaders.errors import UnknownSource
from loaders.sources import (
    arc_agi,
    artificial_analysis,
    bfcl,
    gso,
    livecodebench,
    lmarena,
    openrouter,
    scale,
    sonar,
    swebench,
    swerebench,
    terminal_bench,
)

Parsed = Mapping[str, list[Row]]
Parse = Callable[[bytes], Parsed]


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
class PartFloor:
    """The fewest rows of one kind that a whole payload can have; `count` finds them."""

    what: str
    count: Callable[[Parsed], int]
    floor: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source; `endpoints` and `lookups` are the keys that `parse` returns, a raw table each.

    Rows of endpoints are what the source publishes, and `floor` is the fewest of them that a whole
    payload can have, `part_floors` the fewest of a kind; lookups only describe them. A board that
    `parse` leaves out lands no rows.
    `download` makes the one answer that is cached and parsed, of as many requests as it takes.
    """

    source_key: str
    url: str
    file: str
    endpoints: tuple[str, ...]
    floor: int
    parse: Parse
    download: Download = single
    lookups: tuple[str, ...] = ()
    part_floors: tuple[PartFloor, ...] = ()
    secret: Secret | None = None


def _scale(source_key: str, board: str, title: str, floor: int) -> Source:
    return Source(
        source_key=source_key,
        url=f"https://labs.scale.com/leaderboard/{board}",
        file=f"{source_key}.html",
        endpoints=("entries",),
        floor=floor,
        parse=partial(scale.parse, board=board, title=title),
    )


def _terminal_bench(source_key: str, version: str, floor: int) -> Source:
    return Source(
        source_key=source_key,
        url=f"https://www.tbench.ai/leaderboard/terminal-bench/{version}",
        file=f"{source_key}.html",
        endpoints=("runs",),
        floor=floor,
        parse=partial(terminal_bench.parse, version=version),
    )


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
        source_key="lmarena",
        url="https://datasets-server.huggingface.co/rows",
        file="lmarena_overall.json",
        endpoints=tuple(lmarena.BOARDS),
        floor=650,
        parse=lmarena.parse,
        download=lmarena.download,
        secret=Secret(env="HF_TOKEN", header="Authorization", prefix="Bearer "),
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
        source_key="swebench",
        url=(
            "https://raw.githubusercontent.com/swe-bench/swe-bench.github.io/main/data/"
            "leaderboards.json"
        ),
        file="swebench_leaderboards.json",
        endpoints=("verified", "multilingual", "bash_only"),
        floor=100,
        parse=swebench.parse,
        download=swebench.download,
    ),
    _scale("swebench_pro", "swe_bench_pro_public", "SWE-Bench Pro", floor=18),
    _scale("sweatlas_qna", "sweatlas-qna", "SWE Atlas", floor=10),
    _scale("sweatlas_test_writing", "sweatlas-tw", "SWE Atlas", floor=10),
    _scale("sweatlas_refactoring", "sweatlas-refactoring", "SWE Atlas", floor=10),
    _scale("mcp_atlas", "mcp_atlas", "MCP Atlas", floor=15),
    _scale("hil_bench", "hil", "HiL", floor=10),
    Source(
        source_key="swerebench",
        url="https://swe-rebench.com",
        file="swerebench.html",
        endpoints=("items",),
        floor=40,
        parse=swerebench.parse,
    ),
    Source(
        source_key="livecodebench",
        url="https://livecodebench.github.io/performances_generation.json",
        file="livecodebench.json",
        endpoints=("models",),
        lookups=("performances", "date_marks"),
        floor=10,
        parse=livecodebench.parse,
    ),
    Source(
        source_key="gso",
        url="https://gso-bench.github.io/assets/leaderboard.json",
        file="gso.json",
        endpoints=("models",),
        floor=15,
        part_floors=(
            PartFloor(
                what="rows with the setting Opt@1",
                count=gso.one_attempts,
                floor=gso.ONE_ATTEMPT_FLOOR,
            ),
        ),
        parse=gso.parse,
    ),
    _terminal_bench("terminal_bench", "2.0", floor=80),
    _terminal_bench("terminal_bench_2_1", "2.1", floor=8),
    Source(
        source_key="bfcl",
        url="https://gorilla.cs.berkeley.edu/data_overall.csv",
        file="bfcl.csv",
        endpoints=("rows",),
        floor=80,
        parse=bfcl.parse,
    ),
    Source(
        source_key="sonar",
        url=(
            "https://www.sonarsource.com/the-coding-personalities-of-leading-llms/leaderboard/"
            "data/models.json"
        ),
        file="sonar.json",
        endpoints=("models",),
        floor=40,
        parse=sonar.parse,
        download=sonar.download,
    ),
    Source(
        source_key="arc_agi",
        url="https://arcprize.org/media/data/evaluations.json",
        file="arc_agi.json",
        endpoints=("evaluations",),
        lookups=("models",),
        floor=80,
        parse=arc_agi.parse,
        download=arc_agi.download,
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
