"""SWE-bench: the boards Verified and Multilingual, and the runs with one harness."""

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
from loaders.downloads import Downloaded, Request, conditional
from loaders.errors import RequestFailed

BOARDS = {
    "Verified": "verified",
    "SWE-bench Verified": "verified",
    "Multilingual": "multilingual",
    "SWE-bench Multilingual": "multilingual",
    "bash-only": "bash_only",
}
FLOORS = {"verified": 100, "multilingual": 10}
# One entry a task: most of the bytes, and nothing that the boards show.
NOT_LANDED = "per_instance_details"


def parse(body: bytes) -> dict[str, list[Row]]:
    """Rows of each board. Raises ValueError when the payload breaks its contract.

    Only Verified has to be there: the others came later or were dropped at times.
    """
    boards: dict[str, list[Row]] = {}
    for board in rows_at(json_of(body), "leaderboards"):
        if endpoint := BOARDS.get(str(board.get("name"))):
            if endpoint in boards:
                raise ValueError(f"the board {endpoint!r} stands twice")
            boards[endpoint] = [
                {name: value for name, value in row.items() if name != NOT_LANDED}
                for row in rows_at(board, "results")
            ]
    if "verified" not in boards:
        raise ValueError("the board 'Verified' is missing")
    for endpoint, rows in boards.items():
        require_floor(len(rows), FLOORS.get(endpoint, 0), f"rows of the board {endpoint!r}")
        require_usable(
            rows, lambda row: has_text(row, "name") and number_at(row, "resolved") is not None
        )
        require_ranges(rows, {"resolved": (0.0, 100.0)})
    return boards


def download(request: Request) -> Downloaded:
    """The file of the branch main, or of master where there is no main."""
    try:
        return conditional(request, request.url)
    except RequestFailed as failure:
        if failure.status != 404:
            raise
        return conditional(request, request.url.replace("/main/", "/master/"))
