"""Measures what a year of refreshes costs: the same commands on a first day's file and on a year's.

    python benchmarks/year.py [--days 365] [--changes 40] [--figures 5] [--rounds 5] [--keep DIR]

Two copies of the project get the first board from the bundled recordings. In one of them a year
of changed payloads is landed by `loaders.landing.land`, as a refresh does, with one checkpoint a
day. Only the boards between are left away: what the runs would have noted of them, and the
snapshots, are written straight into the schema history. Then both take the same commands in turns,
and medians are compared, because machines are shared. Sources change as often as their time to
live lets them.
"""

import argparse
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import duckdb
from main_job import PROJECT, copy_project, run

from benchmart.collection import times_to_live
from loaders.cache import Cache, Facts
from loaders.landing import land
from loaders.payload import Fetched, Payload
from loaders.reading import row_count, rows_of
from loaders.registry import SOURCES, Source

START = datetime(2026, 6, 1, tzinfo=UTC)
SLOT = timedelta(minutes=10)
SLOTS_A_DAY = 144
# Figures with two decimals or more; the last digit is what a variation changes.
FIGURE = re.compile(rb'(?<=[":,])\d+\.\d+[1-9](?=[",}%\\])')
HELD = ("openrouter", "artificial_analysis", "lmarena")
BOARDS = """
insert into history.published
select
    md5(slot::varchar), ?::timestamp + slot * interval 10 minutes, method_version, method_sha256,
    seeds_sha256
from marts.board, range(?) as slots (slot)
"""
SNAPSHOTS = """
insert into history.boards
select
    'snapshot ' || day, 'snapshot', strftime(?::timestamp + day * interval 1 day, '%Y-%m-%d'),
    md5(day::varchar), ?::timestamp + day * interval 1 day, method_version, sha256(day::varchar),
    null, null
from marts.board, range(?) as days (day)
order by day;
insert into history.role_scores
select board_key, model_id, role_key, score, role_rank
from history.boards, marts.fct_role_scores order by generated_at;
insert into history.role_changes
select board_key, model_id, role_key, 0, 0, 0, 0, 0, 0
from history.boards, marts.fct_role_scores order by generated_at;
insert into history.sources
select board_key, source_key, status, payload_sha256, fetched_at
from history.boards, marts.dim_sources where payload_sha256 is not null order by generated_at;
insert into history.cells
select
    (select arg_max(board_key, generated_at) from history.boards), model_id, metric_key, raw_value,
    evidence_class, pull, source_key, label, effort, agent, donor_model_id, citation
from marts.fct_metric_scores where raw_value is not null;
insert into history.contributions
select
    (select arg_max(board_key, generated_at) from history.boards), model_id, role_key, metric_key,
    points
from marts.fct_contributions where score is not null
"""


class Upstream:
    """One source that publishes, each time it is asked, a few other figures than before."""

    def __init__(self, source: Source, figures: int, chance: random.Random) -> None:
        self.source, self.figures, self.chance = source, figures, chance
        self.body = (PROJECT / "recordings" / source.file).read_bytes()
        self.places = [found.end() - 1 for found in FIGURE.finditer(self.body)]

    def change(self) -> None:
        body = bytearray(self.body)
        for place in self.chance.sample(self.places, min(self.figures, len(self.places))):
            others = [digit for digit in b"123456789" if digit != body[place]]
            body[place] = self.chance.choice(others)
        self.body = bytes(body)

    def answer(self, moment: datetime) -> Fetched:
        key = self.source.source_key
        payload = Payload(
            source_key=key,
            url=self.source.url,
            origin=self.source.file,
            fetched_at=moment,
            status="verified",
            body=self.body,
        )
        return Fetched(source_key=key, status="verified", payload=payload, was_asked=True)

    def keep(self, cache: Cache, moment: datetime) -> None:
        rows = row_count(self.source, rows_of(self.source, self.body))
        facts = Facts(
            url=self.source.url, status=200, headers={}, fetched_at=moment, whole_rows=rows
        )
        cache.promote(self.source.file, self.body, facts)


class Site:
    """A copy of the project with its warehouse, and a clock that only goes on."""

    def __init__(self, root: Path, name: str, now: datetime) -> None:
        self.root, self.name, self.now = root, name, now

    @property
    def database(self) -> Path:
        return self.root / "warehouse" / "benchmart.duckdb"

    @property
    def cache(self) -> Cache:
        return Cache(self.root / "cache")

    @property
    def size(self) -> int:
        return self.database.stat().st_size

    def benchmart(self, *arguments: str) -> tuple[float, float]:
        """Wall seconds and peak memory in MB of one command."""
        wall, memory, _ = run(self.root, sys.executable, "-m", "benchmart", "all", *arguments)
        return wall, memory

    def board(self) -> tuple[float, float]:
        return self.benchmart("--offline", "--now", f"{self.now:%Y-%m-%dT%H:%M:%SZ}")

    def past(self, moment: datetime) -> tuple[float, float]:
        out = str(self.root / "past")
        return self.benchmart("--as-of", f"{moment:%Y-%m-%dT%H:%M:%SZ}", "--out", out)


def days(
    upstreams: dict[str, Upstream], count: int, changes: int, chance: random.Random
) -> Iterator[dict[datetime, list[str]]]:
    """For each day, which sources changed in which of its slots."""
    ttl = times_to_live(PROJECT)
    shares = [1 / ttl[key].total_seconds() for key in upstreams]
    for day in range(count):
        slots: dict[datetime, list[str]] = {}
        for key, times in Counter(chance.choices(list(upstreams), shares, k=changes)).items():
            for slot in chance.sample(range(1, SLOTS_A_DAY), min(times, SLOTS_A_DAY - 1)):
                moment = START + timedelta(days=day) + slot * SLOT
                slots.setdefault(moment, []).append(key)
        yield dict(sorted(slots.items()))


def live_through(
    site: Site, figures: int, count: int, changes: int
) -> tuple[dict[str, Upstream], Counter[str]]:
    """Land the days as refreshes would; returns the sources, and how many payloads each gave."""
    chance = random.Random(0)  # noqa: S311 (figures, not secrets)
    upstreams = {source.source_key: Upstream(source, figures, chance) for source in SOURCES}
    given: Counter[str] = Counter()
    latest: dict[str, datetime] = {}
    started = time.monotonic()
    for day, slots in enumerate(days(upstreams, count, changes, chance), start=1):
        with duckdb.connect(str(site.database)) as connection:
            for moment, keys in slots.items():
                for key in keys:
                    upstreams[key].change()
                    latest[key] = moment
                land(connection, [upstreams[key].answer(moment) for key in keys], now=moment)
                given.update(keys)
            connection.execute("checkpoint")
        if day % 30 == 0 or day == count:
            print(
                f"day {day}: {given.total():,} payloads, {site.size / 1e6:,.0f} MB,"
                f" {time.monotonic() - started:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    with duckdb.connect(str(site.database)) as connection:
        connection.execute(BOARDS, [START, count * changes])
        first, *others = SNAPSHOTS.split(";")
        connection.execute(first, [START, START, count])
        for statement in others:
            connection.execute(statement)
        connection.execute("checkpoint")
    for key, moment in latest.items():
        upstreams[key].keep(site.cache, moment)
    return upstreams, given


def rows_by_source(database: Path) -> dict[str, tuple[int, int]]:
    """Rows of the row tables, and bytes of the blocks they lie in, by source."""
    found: dict[str, tuple[int, int]] = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for source in SOURCES:
            rows = blocks = 0
            for endpoint in (*source.endpoints, *source.lookups):
                table = f"raw.{source.source_key}__{endpoint}"
                rows += one(connection, f"select count(*) from {table}")
                blocks += one(
                    connection,
                    "select count(distinct block_id)"
                    f" from pragma_storage_info('{table}') where block_id >= 0",
                )
            found[source.source_key] = (
                rows,
                blocks * one(connection, "select block_size from pragma_database_size()"),
            )
    return found


def one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    [[number]] = connection.execute(query).fetchall()
    return int(number)


def measure(young: Site, old: Site, upstreams: dict[str, Upstream], rounds: int) -> None:
    """Both files take the same commands in turns; prints medians and their ratios."""
    middle = START + (old.now - START) / 2
    walls: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for turn in range(rounds):
        upstream = upstreams[HELD[turn % len(HELD)]]
        upstream.change()
        for site in (young, old) if turn % 2 else (old, young):
            site.now += SLOT
            upstream.keep(site.cache, site.now)
            found = {
                "run with one changed payload": site.board(),
                "run without a change": site.board(),
                "as-of rebuild, newest moment": site.past(site.now),
                "as-of rebuild, first day": site.past(START + timedelta(hours=23)),
            }
            if site is old:
                found["as-of rebuild, mid-year"] = site.past(middle)
            for name, result in found.items():
                walls.setdefault((name, site.name), []).append(result)
    medians = {of: statistics.median(wall for wall, _ in found) for of, found in walls.items()}
    peaks = {of: max(memory for _, memory in found) for of, found in walls.items()}
    current = medians["run with one changed payload", old.name]
    print(
        f"\n{'':32}{'first day':>12}{'year':>9}{'ratio':>8}{'to a current one':>18}{'peak MB':>14}"
    )
    for name in dict.fromkeys(name for name, _ in walls):
        before, after = medians.get((name, young.name)), medians[name, old.name]
        seconds = f"{before:>10.2f} s" if before else f"{'':>12}"
        ratio = f"{after / before:>8.2f}" if before else f"{'':>8}"
        print(
            f"{name:32}{seconds}{after:>7.2f} s{ratio}{after / current:>18.2f}"
            f"{peaks.get((name, young.name), 0):>8.0f}{peaks[name, old.name]:>6.0f}"
        )


def report_growth(
    before: int,
    after: int,
    tables: tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]],
    given: Counter[str],
    upstreams: dict[str, Upstream],
) -> None:
    """Print how the file grew, in all and by source."""
    print(
        f"\nfile: {before / 1e6:.1f} MB on the first day, {after / 1e6:.1f} MB with"
        f" {given.total():,} payloads: {(after - before) / given.total() / 1e3:.1f} kB a payload"
    )
    print(f"{'source':24}{'payloads':>9}{'kB as sent':>12}{'rows held':>11}{'kB a payload':>14}")
    first, last = tables
    for key, times in given.most_common():
        rows, size = last[key]
        grown = (size - first[key][1]) / times / 1e3
        sent = len(upstreams[key].body) / 1e3
        print(f"{key:24}{times:>9,}{sent:>12.1f}{rows:>11,}{grown:>14.1f}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Live through the days, then measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--changes", type=int, default=40, help="changed payloads a day")
    parser.add_argument("--figures", type=int, default=5, help="changed figures a payload")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="leave both copies in this folder")
    asked = parser.parse_args(arguments)
    folder = asked.keep or Path(tempfile.mkdtemp())
    try:
        young = Site(copy_project(folder / "young"), "first day", START)
        for source in SOURCES:
            Upstream(source, 0, random.Random(0)).keep(young.cache, START)  # noqa: S311
        young.board()
        shutil.copytree(young.root, folder / "old")
        old = Site(folder / "old", "year", START)
        before, tables = old.size, rows_by_source(old.database)
        # A process of its own: what a child of a large process is said to peak at is its parent.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            year = pool.submit(live_through, old, asked.figures, asked.days, asked.changes)
            upstreams, given = year.result()
        old.now += timedelta(days=asked.days)
        after = old.size
        # The first run on either file also writes what dbt parses; it is not measured.
        for site in (young, old):
            site.now += SLOT
            site.board()
        measure(young, old, upstreams, asked.rounds)
        report_growth(before, after, (tables, rows_by_source(old.database)), given, upstreams)
        print(
            f"\nNote: {asked.days * asked.changes:,} rows of history.published and {asked.days}"
            " snapshots were written straight, not built."
        )
    finally:
        if not asked.keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
