"""How a figure becomes a score, with every weight and parameter in force; and what changed."""

from collections.abc import Iterator

from site_builder.addresses import method_path
from site_builder.marts import Row
from site_builder.page import Board, Page
from site_builder.rendered import CHANGELOG, LINEAGE

# Each step asks a question, and the column that its answer made says how.
STEPS = (
    ("Whose figure is it?", "fct_identity", "match_rule"),
    ("Which row counts?", "fct_published_figures", "is_selected"),
    ("Where among the models?", "fct_metric_scores", "normalized"),
    ("How far to trust it?", "fct_metric_scores", "pull"),
    ("How much is seen?", "fct_group_scores", "coverage"),
    ("Who has a rank?", "fct_role_scores", "measured_weight_share"),
    ("And without any estimate?", "fct_abilities", "ability"),
)


def pages(board: Board) -> Iterator[Page]:
    """The method of this board, and what changed from version to version."""
    sets: dict[str, dict[str, list[Row]]] = {"role": {}, "group": {}, "composite": {}}
    for row in board.marts.weights:
        sets[row["level"]].setdefault(row["parent_key"], []).append(row)
    for inputs in (inputs for level in sets.values() for inputs in level.values()):
        inputs.sort(key=lambda row: (-row["weight"], row["input_key"]))
    said = {(row["table_name"], row["column_name"]): row["comment"] for row in board.marts.steps}
    steps = [
        (question, table, column, said[table, column])
        for question, table, column in STEPS
        if (table, column) in said
    ]
    values = {"sets": sets, "steps": steps}
    yield Page(method_path(board.marts.board["method_version"]), "method.html", values)
    # The docs site of dbt takes its place where that was made.
    yield Page(LINEAGE, "lineage.html")
    if CHANGELOG.exists():
        text = CHANGELOG.read_text(encoding="utf-8").removeprefix("# Changelog")
        yield Page("changelog.html", "changelog.html", {"text": text})
