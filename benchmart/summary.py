"""Prints the first ten of each role on a terminal."""

from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

QUERY = """
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


def print_top_ten(database: Path, console: Console) -> None:
    """Print one column a role: name and score of its first ten ranked models."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(QUERY).fetchall()
        silent = connection.execute(UNRANKED).fetchall()
    columns: dict[str, list[str]] = {}
    for label, rank, name, score in rows:
        columns.setdefault(label, []).append(f"{rank:>2} [bold]{score:.0f}[/] {name}")
    table = Table(box=None, pad_edge=False, title="Top ten by role, 0-100", title_justify="left")
    for label in columns:
        table.add_column(label, no_wrap=True, overflow="ellipsis")
    longest = max((len(column) for column in columns.values()), default=0)
    for row in range(longest):
        table.add_row(*(col[row] if row < len(col) else "" for col in columns.values()))
    console.print(table)
    for (label,) in silent:
        console.print(f"{label}: no model has enough measured evidence for a rank.")
