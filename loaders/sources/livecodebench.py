"""LiveCodeBench: shares of problems solved, one entry a model and problem; frozen."""

from loaders.contracts import (
    Row,
    has_text,
    json_of,
    number_at,
    require_floor,
    require_ranges,
    require_usable,
    rows_at,
)


def parse(body: bytes) -> dict[str, list[Row]]:
    """Models, their performances and the marks of the site's time line.

    Raises ValueError when the payload breaks its contract.
    """
    document = json_of(body)
    models, performances = rows_at(document, "models"), rows_at(document, "performances")
    marks = document.get("date_marks", [])
    if not isinstance(marks, list):
        raise ValueError("'date_marks' is not a list")
    tried = {row["model"] for row in performances if has_text(row, "model")}
    require_floor(len(tried), 10, "models with a result")
    require_usable(
        models,
        lambda row: (
            has_text(row, "model_repr")
            and number_at(row, "release_date") is not None
            and row["model_repr"] in tried
        ),
    )
    require_usable(
        performances, lambda row: has_text(row, "model") and number_at(row, "pass@1") is not None
    )
    require_ranges(performances, {"pass@1": (0.0, 100.0)})
    return {
        "models": models,
        "performances": performances,
        "date_marks": [{"date_mark": mark} for mark in marks],
    }
