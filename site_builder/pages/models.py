"""A page per model: why this score."""

from collections.abc import Iterator

from site_builder.addresses import model_path
from site_builder.page import Board, Page


def pages(board: Board) -> Iterator[Page]:
    """A page per model of the registry."""
    for model in board.marts.models:
        model_id = model["model_id"]
        cells = board.cells[model_id]
        yield Page(
            model_path(model_id),
            "model.html",
            {
                "model": model,
                "standing": board.marts.standing(model_id),
                "cells": cells,
                "evidence": {cell["metric_key"]: cell["evidence_class"] for cell in cells},
                "contributions": board.contributions.get(model_id, {}),
                "group_scores": board.group_scores[model_id],
                "role_scores": list(board.role_scores[model_id].values()),
                "ability": board.abilities.by_model.get(model_id),
                "rivals": board.abilities.rivals(model_id),
                "weights": board.metric_weights,
            },
        )
