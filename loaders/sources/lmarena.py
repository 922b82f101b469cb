"""LM Arena: human preference ratings, one board a part of the dataset and category."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode, urljoin

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
from loaders.downloads import Downloaded, Request
from loaders.errors import RequestFailed

DATASET = "lmarena-ai/leaderboard-dataset"
PAGE = 100
PAUSE = 5.0
# The longest part has 86 today; one without end would keep a run for hours.
MOST_PAGES = 300
LOCKED = (b"LockedDatasetTimeoutError", b"dataset is currently locked")
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
        # The fallback form holds the first rows of a part and no more.
        if not _is_truncated(configs, BOARDS[board][0]):
            require_floor(len(rows), BOARDS[board][2], f"rows of the board {board!r}")
        require_usable(
            rows, lambda row: has_text(row, "model_name") and number_at(row, "rating") is not None
        )
        require_ranges(rows, RANGES)
    for config in parts:
        of_config = [rows for board, rows in boards.items() if BOARDS[board][0] == config]
        days = {str(row.get("leaderboard_publish_date")) for rows in of_config for row in rows}
        # An answer that was cut off and went on after the dataset had changed is none.
        if len(days) > 1:
            raise ValueError(f"the boards of {config!r} mix the days {', '.join(sorted(days))}")
    return boards


def _rows(configs: Mapping[str, object], config: str) -> list[Row]:
    """The rows of one part; pages follow each other from the first row on."""
    pages = objects(configs.get(config), f"configs.{config}")
    if any(page.get("partial") for page in pages):
        raise ValueError(f"a page of {config!r} says that it is partial")
    if any(page.get("num_rows_total") != pages[0].get("num_rows_total") for page in pages):
        raise ValueError(f"the pages of {config!r} state different totals")
    wrapped = [row for page in pages for row in rows_at(page, "rows")]
    if [row.get("row_idx") for row in wrapped] != list(range(len(wrapped))):
        raise ValueError(f"the pages of {config!r} do not follow each other")
    return objects([row.get("row") for row in wrapped], f"rows of {config}")


def _is_truncated(configs: Mapping[str, object], config: str) -> bool:
    return any(page.get("truncated") for page in objects(configs.get(config), config))


def download(request: Request) -> Downloaded:
    """Every page of every part, five seconds apart, as far as the boards reach.

    Pages are kept as they come, and a run that was cut off goes on where it stopped. A part whose
    first page is locked gives its first rows only, and the answer is degraded.
    """
    configs = _resumed(request)
    retries = 0
    is_degraded = False
    for config in dict.fromkeys(config for config, _, _ in BOARDS.values()):
        pages = configs.setdefault(config, [])
        while not _is_whole(config, pages):
            if len(pages) == MOST_PAGES:
                raise ValueError(f"the part {config!r} does not end within {MOST_PAGES} pages")
            if any(configs.values()):
                request.session.pause(PAUSE)
            try:
                answer = request.session.get(
                    _address(request.url, "rows", config, offset=_held(pages), length=PAGE),
                    headers=request.headers,
                )
            except RequestFailed as failure:
                if pages or not _is_locked(failure):
                    raise
                answer = request.session.get(
                    _address(request.url, "first-rows", config), headers=request.headers
                )
            page = json_of(answer.body)
            rows_at(page, "rows")
            pages.append(page)
            retries += answer.retries
            request.cache.keep_partial(request.file, _wrapped(configs))
        is_degraded = is_degraded or any(bool(page.get("truncated")) for page in pages)
    body = _wrapped(configs)
    return Downloaded(
        url=f"{request.url}?dataset={DATASET}",
        status=200,
        body=body,
        retries=retries,
        is_degraded=is_degraded,
    )


def _resumed(request: Request) -> dict[str, list[Row]]:
    """Pages of an answer that was cut off; those of a locked part are asked for anew."""
    kept = request.cache.read_partial(request.file)
    configs = json_of(kept).get("configs") if kept else {}
    if not isinstance(configs, Mapping):
        raise ValueError("the pages that were kept cannot be read")
    return {
        config: objects(pages, config)
        for config, pages in configs.items()
        if not _is_truncated(configs, config)
    }


def _is_whole(config: str, pages: list[Row]) -> bool:
    """Whether nothing more is to come: the end, an empty page, or past the last wanted block."""
    if not pages:
        return False
    last = rows_at(pages[-1], "rows")
    total = pages[-1].get("num_rows_total", pages[-1].get("num_rows"))
    if not last or pages[-1].get("truncated"):
        return True
    if isinstance(total, int) and _held(pages) >= total:
        return True
    wanted = {category for part, category, _ in BOARDS.values() if part == config}
    seen = {_category(row) for page in pages for row in rows_at(page, "rows")}
    return wanted <= seen and _category(last[-1]) not in wanted


def _category(row: Row) -> str:
    inner = row.get("row")
    return str(inner.get("category")) if isinstance(inner, Mapping) else ""


def _held(pages: list[Row]) -> int:
    return sum(len(rows_at(page, "rows")) for page in pages)


def _is_locked(failure: RequestFailed) -> bool:
    return failure.status == 501 or any(sign in failure.body for sign in LOCKED)


def _address(url: str, endpoint: str, config: str, **more: int) -> str:
    query = {"dataset": DATASET, "config": config, "split": "latest", **more}
    return f"{urljoin(url, endpoint)}?{urlencode(query)}"


def _wrapped(configs: Mapping[str, object]) -> bytes:
    document = {"dataset": DATASET, "split": "latest", "configs": configs}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
