"""Abilities in their order, and who would win against whom."""

import math
from dataclasses import dataclass
from functools import cached_property

from site_builder.marts import SHOWN_RIVALS, Marts, Row


@dataclass(frozen=True)
class Abilities:
    """Abilities with the best first, the axis they share, and who would win against whom."""

    known: list[Row]
    by_model: dict[str, Row]
    axis: tuple[int, int]
    wins: dict[tuple[str, str], float]

    @classmethod
    def of(cls, marts: Marts) -> "Abilities":
        """The abilities of a board; models without one are left out."""
        known = [row for row in marts.abilities if row["ability"] is not None]
        # Whole tens around every interval, so that the axis can be labelled.
        ends = [row["ability_low"] for row in known], [row["ability_high"] for row in known]
        return cls(
            known=known,
            by_model={row["model_id"]: row for row in known},
            axis=(
                math.floor(min(ends[0], default=0) / 10) * 10,
                math.ceil(max(ends[1], default=100) / 10) * 10,
            ),
            wins={
                (row["model_id"], row["other_model_id"]): row["winning_probability"]
                for row in marts.ability_pairs
            },
        )

    @property
    def ticks(self) -> range:
        """Where the axis is labelled."""
        return range(self.axis[0], self.axis[1] + 1, 10)

    @property
    def tied(self) -> list[Row]:
        """The models that cannot be told from the one with the highest ability, without it."""
        return [row for row in self.known[1:] if row["is_tied_with_best"]]

    def is_tie(self, row: Row) -> bool:
        """Whether a model cannot be told from the best; a best that nobody ties with is none."""
        return bool(row["is_tied_with_best"] and self.tied)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {row["model_id"]: place for place, row in enumerate(self.known)}

    def rivals(self, model_id: str) -> list[Row]:
        """The model itself between the nearest above and below it, by ability."""
        place = self._places.get(model_id)
        if place is None:
            return []
        return self.known[max(0, place - SHOWN_RIVALS) : place + SHOWN_RIVALS + 1]
