"""Synthetic boards of any size: the tables that the scoring models read."""

from pathlib import Path
from typing import NamedTuple

import duckdb

HERE = Path(__file__).parent
TAKEN_OVER = ("int_parameters", "int_evidence_classes")


class Size(NamedTuple):
    """How large a board is: models, metrics, sources and editions, the board itself among them."""

    models: int
    metrics: int
    sources: int = 20
    editions: tuple[str, ...] = ("current",)

    @property
    def cells(self) -> int:
        """Cells of all editions, whether they have a figure or not."""
        return self.models * self.metrics * len(self.editions)

    def __str__(self) -> str:
        return f"{self.models:,} x {self.metrics:,}"


def grow(database: Path, size: Size, *, parameters: Path, is_published: bool = False) -> None:
    """Write a board of a size into a new file; the parameters are those of a built warehouse.

    With `is_published` what the evidence is made of is written too.
    """
    with duckdb.connect(str(database)) as connection:
        given = {**size._asdict(), "editions": str(list(size.editions))}
        script = (HERE / "boards.sql").read_text(encoding="utf-8")
        connection.execute(script.format(**given))
        connection.execute(f"attach '{parameters}' as built (read_only)")
        for table in TAKEN_OVER:
            connection.execute(
                f"create table intermediate.{table} as from built.intermediate.{table}"
            )
        connection.execute("detach built")
        if is_published:
            connection.execute((HERE / "published.sql").read_text(encoding="utf-8"))
        connection.execute("checkpoint")
