"""What a visitor takes along: files with their schema, a feed of rank changes, badges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from site_builder.addresses import badge_path
from site_builder.downloads import MOST_ROWS, SUMS, Table
from site_builder.moved import RoleChange
from site_builder.page import ROLE_NAMES, Board, Page
from site_builder.wording import rank_range

# Units of the drawing of a badge: what a letter takes, and what stands around a text.
LETTER = 6.4
AROUND = 12
# The colours of the roles, for programs that draw a badge and know no stylesheet.
COLOURS = {"i": "#7148a5", "p": "#1f63b0", "b": "#00704d", "r": "#9d4a16"}
QUIET = "#5b6068"
DATA = "data.html"
NEWEST = 50


@dataclass(frozen=True)
class Plate:
    """A part of a badge: where it starts, how wide it is, its colour and its text."""

    start: float
    width: float
    colour: str
    text: str


def pages(board: Board) -> Iterator[Page]:
    """The feed, and a badge per model."""
    ranks = _ranks_that_changed(board)
    yield Page("feed.xml", "feed.xml", {"ranks": ranks[:NEWEST], "rank_count": len(ranks)})
    for model in board.marts.models:
        plates = _plates(board, model["model_id"])
        width = plates[-1].start + plates[-1].width
        values = {"model": model, "plates": plates, "width": width}
        yield Page(badge_path(model["model_id"]), "badge.svg", values)


def data_page(tables: Sequence[Table]) -> Page:
    """The page of downloads; it needs their hashes, so it is made when all of them are there."""
    return Page(DATA, "data.html", {"tables": tables, "sums": SUMS, "most_rows": MOST_ROWS})


def _ranks_that_changed(board: Board) -> list[tuple[str, list[RoleChange]]]:
    """Models with a role in which they have another rank than on the compared board."""
    if board.moved is None:
        return []
    found = [
        (model_id, [change for change in roles.values() if _has_new_rank(change)])
        for model_id, roles in board.moved.by_model.items()
    ]
    return [(model_id, changes) for model_id, changes in found if changes]


def _has_new_rank(change: RoleChange) -> bool:
    return bool(change.row["rank_before"] != change.row["rank_after"])


def _plates(board: Board, model_id: str) -> list[Plate]:
    scores = board.role_scores[model_id]
    texts = [("#33373d", f"benchmart {board.marts.board['generated_at']:%Y-%m-%d}")]
    for role in board.marts.roles:
        score = scores[role["role_key"]]
        ranks = rank_range(score["rank_low"], score["rank_high"], on_page=True)
        colour = COLOURS[ROLE_NAMES[role["role_key"]]] if score["is_ranked"] else QUIET
        said = f"{role['label']} {ranks if score['is_ranked'] else 'unranked'}"
        texts.append((colour, said))
    plates: list[Plate] = []
    start = 0.0
    for colour, text in texts:
        plates.append(Plate(round(start, 1), round(len(text) * LETTER + AROUND, 1), colour, text))
        start += plates[-1].width
    return plates
