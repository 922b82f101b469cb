"""How a figure becomes a score, with every weight and parameter in force."""

from collections.abc import Iterator

from site_builder.addresses import method_path
from site_builder.marts import Row
from site_builder.page import Board, Page


def pages(board: Board) -> Iterator[Page]:
    """The method of this board."""
    sets: dict[str, dict[str, list[Row]]] = {"role": {}, "group": {}, "composite": {}}
    for row in board.marts.weights:
        sets[row["level"]].setdefault(row["parent_key"], []).append(row)
    for inputs in (inputs for level in sets.values() for inputs in level.values()):
        inputs.sort(key=lambda row: (-row["weight"], row["input_key"]))
    yield Page(method_path(board.marts.board["method_version"]), "method.html", {"sets": sets})
