"""ARC Prize: evaluations on puzzles, and the models that they name."""

from urllib.parse import urljoin

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
from loaders.downloads import Downloaded, Request, json_body

SECOND_VERSION = "v2_Semi_Private"
SECOND_VERSION_FLOOR = 80
JOINED_SHARE = 0.99


def parse(body: bytes) -> dict[str, list[Row]]:
    """Evaluations and models. Raises ValueError when the payload breaks its contract."""
    document = json_of(body)
    models, evaluations = rows_at(document, "models"), rows_at(document, "evaluations")
    require_usable(
        evaluations, lambda row: has_text(row, "modelId") and number_at(row, "score") is not None
    )
    require_ranges(evaluations, {"score": (0.0, 1.0)})
    scored = [row for row in evaluations if row.get("datasetId") == SECOND_VERSION]
    require_floor(len(scored), SECOND_VERSION_FLOOR, f"rows of {SECOND_VERSION}")
    known = {row["id"] for row in models if has_text(row, "id")}
    joined = sum(1 for row in scored if has_text(row, "modelId") and row["modelId"] in known)
    if joined < JOINED_SHARE * len(scored):
        raise ValueError(f"only {joined} of {len(scored)} evaluations name a model of the list")
    return {"evaluations": evaluations, "models": models}


def download(request: Request) -> Downloaded:
    """Both files in one document; either failing fails both."""
    evaluations = request.session.get(request.url, headers=request.headers)
    models = request.session.get(urljoin(request.url, "models.json"), headers=request.headers)
    parts = b'{"models":', json_body(models), b',"evaluations":', json_body(evaluations), b"}"
    return Downloaded(
        url=request.url,
        status=evaluations.status,
        body=b"".join(parts),
        retries=evaluations.retries + models.retries,
    )
