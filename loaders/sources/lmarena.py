"""LM Arena: human preference ratings, one board a part of the dataset and category."""

from collections.abc import Mapping

from loaders.contracts import (
    Row,
    has_text,
    json_of,
    number_at,
    objects,
    require_floor,
    require_ranges,
    require_usable,
    rows_at,
)

# Board: the part of the dataset, the category, and the fewest rows of a whole board.
BOARDS = {
    "text": ("text", "overall", 200),
    "creative_writing": ("text", "creative_writing", 200),
    "hard_prompts": ("text", "hard_prompts", 200),
    "webdev": ("webdev", "overall", 30),
    "search": ("search", "overall", 10),
    "document": ("document", "overall", 10),
}
RANGES = dict.fromkeys(("rating", "rating_lower", "rating_upper"), (500.0, 2500.0))


def parse(body: bytes) -> dict[str, list[Row]]:
    """Rows of each board; other categories are left out.

    Raises ValueError when the payload breaks its contract.
    """
    configs = json_of(body).get("configs")
    if not isinstance(configs, Mapping):
        raise ValueError("the key 'configs' is missing")
    parts = {config: _rows(configs, config) for config, _, _ in BOARDS.values()}
    boards = {
        board: [row for row in parts[config] if row.get("category") == category]
        for board, (config, category, _) in BOARDS.items()
    }
    for board, rows in boards.items():
        require_floor(len(rows), BOARDS[board][2], f"rows of the board {board!r}")
        require_usable(
            rows, lambda row: has_text(row, "model_name") and number_at(row, "rating") is not None
        )
        require_ranges(rows, RANGES)
        days = {str(row.get("leaderboard_publish_date")) for row in rows}
        if len(days) > 1:
            raise ValueError(f"the board {board!r} mixes the days {', '.join(sorted(days))}")
    return boards


def _rows(configs: Mapping[str, object], config: str) -> list[Row]:
    """The rows of one part; pages follow each other from the first row on."""
    pages = objects(configs.get(config), f"configs.{config}")
    if any(page.get("partial") for page in pages):
        raise ValueError(f"a page of {config!r} says that it is partial")
    wrapped = [row for page in pages for row in rows_at(page, "rows")]
    if [row.get("row_idx") for row in wrapped] != list(range(len(wrapped))):
        raise ValueError(f"the pages of {config!r} do not follow each other")
    return objects([row.get("row") for row in wrapped], f"rows of {config}")
