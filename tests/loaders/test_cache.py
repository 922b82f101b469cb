"""The cache keeps the last good answer through every crash, and its age through every copy."""

import contextlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loaders.cache import Cache, Facts
from loaders.errors import CacheUnusable

START = datetime(2026, 5, 7, tzinfo=UTC)
DAY = timedelta(days=1)


def facts(moment=START, **more):
    return Facts(
        url="https://x.example/",
        status=200,
        headers={"etag": '"1"'},
        fetched_at=moment,
        whole_rows=3,
        **more,
    )


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def test_what_is_promoted_is_read_back(cache):
    assert cache.read("a.json") is None
    sidecar = cache.promote("a.json", b"body", facts(is_degraded=True))
    cached = cache.read("a.json")
    assert (cached.body, cached.sidecar) == (b"body", sidecar)
    assert (sidecar.bytes, sidecar.is_degraded, sidecar.fetched_at) == (4, True, START)


def test_age_comes_from_the_sidecar_and_never_from_the_file(cache, tmp_path):
    cache.promote("a.json", b"body", facts())
    copied = shutil.copytree(cache.folder, tmp_path / "copy", copy_function=shutil.copy)
    for path in copied.iterdir():
        os.utime(path, (4e9, 4e9))
    cached = Cache(copied).read("a.json")
    assert cached.is_fresh(now=START + DAY / 2, ttl=DAY)
    assert not cached.is_fresh(now=START + DAY, ttl=DAY)
    assert not cached.is_fresh(now=START - DAY / 2, ttl=DAY)


def test_a_body_that_no_sidecar_vouches_for_is_none(cache):
    cache.promote("a.json", b"body", facts())
    (cache.folder / "a.json").write_bytes(b"edited")
    assert cache.read("a.json") is None
    (cache.folder / "a.json").write_bytes(b"body")
    for text in ("", "[]", '{"sha256": 1}', '{"fetched_at": "soon"}'):
        (cache.folder / "a.json.meta.json").write_text(text, encoding="utf-8")
        assert cache.read("a.json") is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fetched_at", "2026-05-07T00:00:00"), ("fetched_at", "0001-01-01T00:00:00+05:00"),
        ("fetched_at", None), ("headers", []), ("headers", None), ("headers", {"etag": 5}),
        ("url", None), ("url", 5), ("status", "200"), ("whole_rows", "28"), ("whole_rows", -1),
        ("whole_rows", float("nan")), ("whole_rows", 10**400), ("whole_rows", True),
        ("is_degraded", "no"), ("bytes", None), ("sha256", 1), ("more", 1),
    ],
)  # fmt: skip
def test_a_sidecar_with_a_wrong_field_vouches_for_nothing(cache, name, value):
    cache.promote("a.json", b"body", facts())
    path = cache.folder / "a.json.meta.json"
    stated = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**stated, name: value}), encoding="utf-8")
    assert cache.read("a.json") is None
    path.write_text("[" * 100_000, encoding="utf-8")
    assert cache.read("a.json") is None
    path.write_text(json.dumps(stated), encoding="utf-8")
    assert cache.read("a.json").body == b"body"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("first", range(6))
@pytest.mark.parametrize("second", range(8))
def test_a_crash_at_any_step_leaves_the_old_answer_or_the_new_one(
    cache, monkeypatch, first, second
):
    """Two promotions in a row, each cut off after some of its writes and renames."""
    cache.promote("a.json", b"zero", facts())
    left = first

    def counted(function):
        def run(*arguments, **options):
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return function(*arguments, **options)

        return run

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(os, "fsync", counted(os.fsync))
        for number in (1, 2):
            with contextlib.suppress(Killed):
                cache.promote("a.json", b"answer %d" % number, facts(START + DAY * number))
            left = second
    cached = cache.read("a.json")
    assert cached is not None
    number = {b"zero": 0, b"answer 1": 1, b"answer 2": 2}[cached.body]
    assert cached.sidecar.fetched_at == START + DAY * number
    cache.promote("a.json", b"last", facts())
    assert cache.read("a.json").body == b"last"


def test_a_folder_that_cannot_be_written_is_named_and_loses_nothing(cache, monkeypatch):
    cache.promote("a.json", b"body", facts())

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CacheUnusable, match=r"No space left on device.*--cache"):
        cache.promote("a.json", b"newer", facts(START + DAY))
    assert cache.read("a.json").body == b"body"
    (cache.folder / "b.json").mkdir()
    with pytest.raises(CacheUnusable, match=r"b\.json: the cache cannot be used"):
        cache.read("b.json")


def test_pages_of_an_unfinished_answer_are_kept_and_dropped(cache):
    assert cache.read_partial("a.json") is None
    cache.keep_partial("a.json", b"pages")
    assert cache.read_partial("a.json") == b"pages"
    assert cache.read("a.json") is None
    cache.keep_partial("a.json", None)
    cache.keep_partial("a.json", None)
    assert cache.read_partial("a.json") is None
