"""What a person sees of a run: how far it is, what each source gave, who leads."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmart.published import standings
from loaders.landing import LandingReport
from loaders.payload import Fetched, Payload
from loaders.reading import row_count, rows_of
from loaders.registry import SOURCES, sources

if TYPE_CHECKING:
    from benchmart.own_runs import Taken

TOP_TEN = """
select roles.label, scores.role_rank, models.display_name, scores.score
from marts.fct_role_scores as scores
inner join marts.dim_roles as roles on scores.role_key = roles.role_key
inner join marts.dim_models as models on scores.model_id = models.model_id
where scores.role_rank <= 10
order by roles.position, scores.role_rank, models.model_id
"""
UNRANKED = """
select roles.label
from marts.dim_roles as roles
where not exists (
    select 1 from marts.fct_role_scores as scores
    where scores.role_key = roles.role_key and scores.is_ranked
)
order by roles.position
"""
STYLES = {"stale": "yellow", "degraded": "yellow", "skipped": "dim", "failed": "bold red"}


def bar(console: Console, label: str) -> Progress:
    """A bar that is there on a terminal only, and gone when the work is done."""
    return Progress(
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def print_attempts(console: Console, taken: "Taken") -> None:
    """Print what became of each run that was handed in, the refused ones with the reason."""
    for pack in taken.packs:
        console.print(f"added the pack {pack}", markup=False, soft_wrap=True)
    accepted = [one for one in taken.attempts if one.is_accepted]
    for one in taken.attempts:
        name = " ".join(part for part in (one.nickname, one.model, one.config) if part)
        if one.is_accepted:
            line = f"accepted  {one.origin}: {name} ({(one.run_sha256 or '')[:12]})"
        else:
            line = f"refused   {one.origin}: {(one.problem or '').removeprefix(f'{one.origin}: ')}"
        console.print(line, markup=False, soft_wrap=True)
    console.print(
        f"{len(accepted)} of {len(taken.attempts)} runs accepted."
        + (" Score the board with `benchmart score`, render it with all." if accepted else ""),
        markup=False,
        soft_wrap=True,
    )


def print_grades(console: Console, states: Counter[str]) -> None:
    """Print how many grades came of a call, by what became of them."""
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    told = told.replace("_", " ")
    console.print(f"{states.total()} grades{f': {told}' if told else ''}.", markup=False)


def print_sources(console: Console, collected: Sequence[Fetched], database: Path) -> None:
    """Print what this run found of each source, and what stands of those that it was not about."""
    with duckdb.connect(str(database), read_only=True) as connection:
        landed = standings(connection)
    now = datetime.now(UTC)
    outcomes = {found.source_key: found for found in collected}
    rows = []
    for source in SOURCES:
        key = source.source_key
        standing, found = landed.get(key), outcomes.get(key)
        status = found.status if found else standing.status if standing else "skipped"
        if found is not None:
            fetched_at = found.payload.fetched_at if found.payload else None
        else:
            fetched_at = standing.fetched_at if standing else None
        count = standing.row_count if standing and fetched_at else None
        rows.append(
            (
                key,
                status,
                "-" if count is None else f"{count:,}",
                f"{fetched_at:%Y-%m-%d}" if fetched_at else "-",
                _age(now - fetched_at) if fetched_at else "-",
                str(found.retries) if found and found.retries else "",
                "" if found else "as it stood",
            )
        )
    header = ("source", "status", "rows", "fetched", "age", "retries", "")
    print_table(console, "Sources", header, rows)


def print_landed(console: Console, reports: Sequence[LandingReport]) -> None:
    """Print what was landed as history, and whether the warehouse held it already."""
    rows = []
    for report in reports:
        payload = report.fetched.payload
        day = f"{payload.fetched_at:%Y-%m-%d}" if payload else "-"
        news = "new" if report.is_change else "known"
        rows.append((report.fetched.source_key, f"{report.row_count:,}", day, news))
    print_table(console, "History", ("source", "rows", "recorded", ""), rows)


def print_verdicts(console: Console, collected: Sequence[Fetched]) -> None:
    """Print whether each source keeps its promises today."""
    rows = []
    for found in collected:
        [source] = sources([found.source_key])
        count = "-"
        if isinstance(found.payload, Payload):
            payload = found.payload
            rows_there = rows_of(source, payload.body, is_degraded=payload.is_degraded)
            count = f"{row_count(source, rows_there):,}"
        verdict = "ok" if found.status == "verified" else found.status
        rows.append((found.source_key, count, str(source.floor), verdict, found.problem or ""))
    print_table(console, "Contracts", ("source", "rows", "floor", "verdict", "why"), rows)


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 0:
        return "to come"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def print_table(
    console: Console, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Print rows in columns; numbers to the right, and a status in the colour of its weight."""
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for name in header:
        is_number = name in {"rows", "floor", "retries"}
        table.add_column(name, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_styled(cell) for cell in row))
    console.print(table)


def _styled(cell: str) -> str:
    style = STYLES.get(cell)
    return f"[{style}]{cell}[/]" if style else escape(cell)


def print_top_ten(database: Path, console: Console) -> None:
    """Print one column a role: name and score of its first ten ranked models."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(TOP_TEN).fetchall()
        silent = connection.execute(UNRANKED).fetchall()
    columns: dict[str, list[str]] = {}
    for label, rank, name, score in rows:
        columns.setdefault(label, []).append(f"{rank:>2} [bold]{score:.0f}[/] {escape(name)}")
    table = Table(box=None, pad_edge=False, title="Top ten by role, 0-100", title_justify="left")
    for label in columns:
        table.add_column(label, no_wrap=True, overflow="ellipsis")
    longest = max((len(column) for column in columns.values()), default=0)
    for row in range(longest):
        table.add_row(*(col[row] if row < len(col) else "" for col in columns.values()))
    console.print(table)
    for (label,) in silent:
        console.print(f"{label}: no model has enough measured evidence for a rank.")
