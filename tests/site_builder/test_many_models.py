"""The wide pages of two thousand models: each is made, and none grows beyond reason."""

from dataclasses import replace

import pytest

from site_builder.filters import environment
from site_builder.marts import read_marts
from site_builder.page import Board
from site_builder.pages import coverage, history, value

TIMES = 40
BUDGETS = {"value.html": 700_000, "history.html": 4_000_000, "coverage.html": 2_500_000}


@pytest.fixture(scope="module")
def many(published):
    """The published board with each model there forty times."""
    marts = read_marts(published.database)

    def named(row, number):
        return {**row, "model_id": f"{row['model_id']}-{number}"} if number else row

    def grown(rows):
        # Forty times the same would be forty times on the frontier, which no field of models is.
        return [
            {**named(row, number), "is_on_frontier": row["is_on_frontier"] and not number}
            if "is_on_frontier" in row
            else named(row, number)
            for row in rows
            for number in range(TIMES)
        ]

    kept = [
        {**row, "board_key": f"{day}", "label": f"2026-0{day}-01", "is_current": day == 9,
         "generated_at": row["generated_at"].replace(month=day), "score": row["score"] * (1 - day / 100)}
        for day in range(1, 10)
        for row in marts.score_history
        if row["is_current"]
    ]  # fmt: skip
    return replace(
        marts,
        **{
            name: grown(getattr(marts, name))
            for name in ("models", "metric_scores", "role_scores", "scoreboard", "frontiers")
        },
        score_history=grown(kept),
    )


@pytest.mark.parametrize("module", [value, history, coverage])
def test_a_page_of_two_thousand_models_keeps_to_its_size(many, module):
    board = Board(many, "benchmart test")
    templates = environment()
    for page in module.pages(board):
        text = templates.get_template(page.template).render(
            **board.shared, paths={page.path}, root="", page=page.path, **page.values
        )
        assert len(text.encode()) <= BUDGETS[page.path]
    assert len(many.models) == 2000
