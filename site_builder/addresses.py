"""Where pages lie: ids become paths below the site, and none of them leaves it."""

import re

from site_builder.errors import InvalidSite

MODEL = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*")
VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
SHA256 = re.compile(r"[0-9a-f]{64}")
SHORT = 12


def model_path(model_id: str) -> str:
    """`m/vendor/model.html`. Raises InvalidSite for an id that could leave the folder."""
    return f"m/{model_stem(model_id)}.html"


def model_stem(model_id: str) -> str:
    """The id as a path. Raises InvalidSite for one that could leave its folder."""
    if not MODEL.fullmatch(model_id) or ".." in model_id:
        raise InvalidSite(
            f"seeds/identity/models.csv: the id {model_id!r} makes no address. "
            "Use vendor/model in lower case letters, digits, dots and hyphens."
        )
    return model_id


def benchmark_path(metric_key: str) -> str:
    """`b/Metric.html`. Raises InvalidSite for a key that makes no address."""
    return f"b/{_key(metric_key, 'seeds/catalogue/metrics.csv')}.html"


def source_path(source_key: str) -> str:
    """`s/source.html`. Raises InvalidSite for a key that makes no address."""
    return f"s/{_key(source_key, 'seeds/catalogue/sources.csv')}.html"


def badge_path(model_id: str) -> str:
    """`badge/vendor/model.svg`. Raises InvalidSite for an id that could leave the folder."""
    return f"badge/{model_stem(model_id)}.svg"


def method_path(version: str) -> str:
    """`method/1.2.0.html`. Raises InvalidSite for what is no version."""
    if not VERSION.fullmatch(version):
        raise InvalidSite(
            f"dbt_project.yml: method_version {version!r} is no version. Use numbers and dots."
        )
    return f"method/{version}.html"


def run_path(run_sha256: str, *, is_sample: bool, is_whole: bool = False) -> str:
    """`runs/0123456789ab.html`, with the whole hash where the short one names two runs.

    A sample that a team took in as its own is another page. Raises InvalidSite for what is no hash.
    """
    if not SHA256.fullmatch(run_sha256):
        raise InvalidSite(f"marts.fct_runs: {run_sha256!r} is no sha256. Build the warehouse anew.")
    stem = run_sha256 if is_whole else run_sha256[:SHORT]
    return f"runs/{'sample-' if is_sample else ''}{stem}.html"


def root_of(path: str) -> str:
    """What leads from a page to the top of the site."""
    return "../" * path.count("/")


def _key(key: str, seed: str) -> str:
    if not KEY.fullmatch(key):
        raise InvalidSite(
            f"{seed}: the key {key!r} makes no address. "
            "Use letters, digits, underscores and hyphens."
        )
    return key
