"""LM Arena: human preference ratings, one board a part of the dataset and category."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
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
# Older pages may be of another day than those to come.
RESUMED_FOR = timedelta(hours=6)
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
        # The fallback form holds the first rows of a part, which may all be of another category.
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
    require_floor(len(wrapped), 1, f"rows of {config!r}")
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
    session = request.session
    now = session.clock.now()
    started_at, configs = _resumed(request, now)
    retries = 0
    is_degraded = False
    for config in dict.fromkeys(config for config, _, _ in BOARDS.values()):
        pages = configs.setdefault(config, [])
        while not _is_whole(config, pages):
            if len(pages) == MOST_PAGES:
                raise ValueError(f"the part {config!r} does not end within {MOST_PAGES} pages")
            if any(configs.values()):
                session.pause(PAUSE)
            url = _address(request.url, "rows", config, offset=_held(pages), length=PAGE)
            is_locked = False
            try:
                answer = session.get(url, headers=request.headers)
            except RequestFailed as failure:
                if pages or not _is_locked(failure):
                    raise
                is_locked, url = True, _address(request.url, "first-rows", config)
                answer = session.get(url, headers=request.headers)
            pages.append(_page(answer.body, url, is_locked=is_locked))
            is_degraded = is_degraded or is_locked
            retries += answer.retries
            kept = {"started_at": started_at.isoformat(), "configs": configs}
            request.cache.keep_partial(request.file, json.dumps(kept).encode())
    return Downloaded(
        url=f"{request.url}?dataset={DATASET}",
        status=200,
        body=_wrapped(configs),
        retries=retries,
        is_degraded=is_degraded,
        fetched_at=started_at,
    )


def _page(body: bytes, url: str, *, is_locked: bool) -> Row:
    """One page; a bad one costs itself and none of those before it."""
    try:
        page = json_of(body)
        rows_at(page, "rows")
    except ValueError as error:
        raise RequestFailed(url, f"sent a bad page: {error}") from error
    if page.get("truncated") and not is_locked:
        raise RequestFailed(url, "sent a page that is cut short")
    return {**page, "truncated": True} if is_locked else page


def _resumed(request: Request, now: datetime) -> tuple[datetime, dict[str, list[Row]]]:
    """When an answer that was cut off was begun, and its pages; those of a locked part are left."""
    kept = request.cache.read_partial(request.file)
    if not kept:
        return now, {}
    partial = json_of(kept)
    started_at = datetime.fromisoformat(str(partial.get("started_at")))
    configs = partial.get("configs")
    if not isinstance(configs, Mapping):
        raise ValueError("the pages that were kept cannot be read")
    if not timedelta(0) <= now - started_at < RESUMED_FOR:
        return now, {}
    return started_at, {
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
