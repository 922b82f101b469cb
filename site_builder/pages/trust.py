"""What the board stands on, and how far it can be trusted: sources, labels, checks."""

from collections.abc import Iterator

from site_builder.page import Board, Page
from site_builder.validity import validity_of


def pages(board: Board) -> Iterator[Page]:
    """Sources, labels without a model, and the checks of the board."""
    yield Page("sources.html", "sources.html")
    yield Page("unmatched.html", "unmatched.html")
    standing = [row["model_id"] for row in board.marts.scoreboard]
    yield Page(
        "validity.html",
        "validity.html",
        {
            "validity": validity_of(board.marts),
            "shares": [(model_id, board.role_scores[model_id]) for model_id in standing],
            "unseen": [
                model_id
                for model_id in standing
                if all(
                    row["missing_weight_share"] == 1 for row in board.role_scores[model_id].values()
                )
            ],
        },
    )
