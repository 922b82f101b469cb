"""Sonar: quality of generated code, as one flat list or as a registry with a file a model."""

import json
import math
from collections.abc import Iterator, Mapping
from threading import Lock
from urllib.parse import urljoin, urlsplit

from loaders.contracts import (
    Row,
    has_text,
    json_of,
    number_at,
    require_ranges,
    require_usable,
    rows_at,
)
from loaders.downloads import Downloaded, Request, json_body
from loaders.errors import RateLimited, RequestFailed
from loaders.threads import side_by_side

SKILLS = ("functionalSkill", "metrics.passing_tests_pct")
DENSITIES = (
    "issueDensity",
    "bugDensityPerKloc",
    "vulnerabilityDensityPerKloc",
    "metrics.issues_per_kloc",
    "metrics.bugs_per_kloc",
    "metrics.vulnerabilities_per_kloc",
)
PAUSE = 0.5
AT_A_TIME = 4
# Seventy today; a list that grows without end would keep a run for hours.
MOST_FILES = 1000
FAILED_SHARE = 0.2
LANGUAGES = ("java", "typescript", "python")
RANGES = {
    **dict.fromkeys(SKILLS, (0.0, 100.0)),
    **dict.fromkeys(DENSITIES, (0.0, math.inf)),
}


def parse(body: bytes) -> dict[str, list[Row]]:
    """Models with their figures. Raises ValueError when the payload breaks its contract."""
    document = json_of(body)
    if isinstance(document.get("registry"), Mapping):
        rows = list(_joined(document["registry"], document.get("files")))
        # An entry that is switched off, or whose file was not had, was never to have figures.
        shown = [row for row in rows if not row["disabled"] and row["metrics"] is not None]
        if not shown:
            raise ValueError("no entry of the registry has its figures")
    else:
        rows = shown = rows_at(document, "models")
    require_usable(
        shown,
        lambda row: (
            has_text(row, "name")
            and any(number_at(row, path) is not None for path in (*SKILLS, *DENSITIES))
        ),
    )
    require_ranges(rows, RANGES)
    return {"models": rows}


def _joined(registry: Mapping[str, object], files: object) -> Iterator[Row]:
    """Registry entries, each with the figures of its file for one language."""
    bodies = files if isinstance(files, Mapping) else {}
    for key, entry in registry.items():
        if not isinstance(entry, Mapping):
            raise ValueError(f"the registry's entry {key!r} is not an object")
        meta = entry.get("meta")
        about = dict(meta) if isinstance(meta, Mapping) else {}
        metrics = _metrics(bodies.get(_metrics_path(entry)), about.get("name"))
        yield {"id": key, **about, "disabled": entry.get("disabled"), "metrics": metrics}


def _metrics_path(entry: Row) -> str | None:
    """Where the figures lie: of the first language of our order that the entry has."""
    files = entry.get("files")
    if not isinstance(files, Mapping) or not files:
        return None
    language = next((name for name in LANGUAGES if name in files), next(iter(files)))
    chosen = files[language]
    path = chosen.get("metrics") if isinstance(chosen, Mapping) else None
    return path if isinstance(path, str) else None


def _metrics(body: object, name: object) -> Row | None:
    """The figures under the model's name in its file, else those of the first."""
    models = body.get("models") if isinstance(body, Mapping) else None
    if not isinstance(models, Mapping) or not models:
        return None
    entry = models.get(name) if isinstance(name, str) else None
    entry = entry or next(iter(models.values()))
    metrics = entry.get("metrics") if isinstance(entry, Mapping) else None
    return metrics if isinstance(metrics, Mapping) else None


def download(request: Request) -> Downloaded:
    """The flat list as it is, or the registry with the file of every model.

    Files are asked for half a second apart, at most four under way at a time. A fifth of them may
    fail; with more the source has.
    """
    listed = request.session.get(request.url, headers=request.headers)
    registry = json_of(json_body(listed))
    if isinstance(registry.get("models"), list):
        return Downloaded(
            url=request.url, status=listed.status, body=listed.body, retries=listed.retries
        )
    paths = sorted(
        {
            path
            for entry in registry.values()
            if isinstance(entry, Mapping) and not entry.get("disabled")
            if (path := _metrics_path(entry)) is not None
        }
    )
    if len(paths) > MOST_FILES:
        raise ValueError(f"the registry names {len(paths)} files, more than {MOST_FILES}")
    home = urlsplit(request.url)[:2]
    turn = Lock()

    def file_at(path: str) -> tuple[str, object, int]:
        """A file as JSON and what it took; None in place of one that cannot be had."""
        address = urljoin(request.url, path)
        # A registry that sends us elsewhere is not followed.
        if urlsplit(address)[:2] != home:
            return path, None, 0
        with turn:
            request.session.pause(PAUSE)
        try:
            answer = request.session.get(address, headers=request.headers)
            return path, json_of(json_body(answer)), answer.retries
        except RateLimited:
            raise
        except (RequestFailed, ValueError):
            return path, None, 0

    files: dict[str, object] = {}
    retries, failed = listed.retries, 0
    for path, document, took in side_by_side(file_at, paths, at_a_time=AT_A_TIME):
        retries += took
        if document is not None:
            files[path] = document
            continue
        failed += 1
        if failed > FAILED_SHARE * len(paths):
            raise ValueError(f"{failed} of {len(paths)} files of the registry cannot be read")
    files = {path: files[path] for path in sorted(files)}
    body = json.dumps({"registry": registry, "files": files}, separators=(",", ":")).encode()
    return Downloaded(url=request.url, status=listed.status, body=body, retries=retries)
