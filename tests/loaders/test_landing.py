"""Landing: every row once, history kept, nothing after a fault."""

import json
import shutil

import pytest

from loaders.errors import LoaderError, PayloadMissing, UpstreamBroken
from loaders.landing import LandingReport, land_recordings
from loaders.recordings import payload_hashes
from tests.loaders.conftest import RECORDINGS, body_of


def test_every_recorded_row_lands(connection):
    assert land_recordings(connection, RECORDINGS) == [
        LandingReport("openrouter", 369, was_new=True),
        LandingReport("artificial_analysis", 513, was_new=True),
        LandingReport("swebench_pro", 24, was_new=True),
        LandingReport("bfcl", 109, was_new=True),
    ]
    counts = connection.execute(
        "select (select count(*) from raw.openrouter__models),"
        " (select count(*) from raw.artificial_analysis__models),"
        " (select count(*) from raw.swebench_pro__entries), (select count(*) from raw.bfcl__rows)"
    ).fetchone()
    assert counts == (369, 513, 24, 109)


def test_rows_land_untouched_and_in_order(connection):
    land_recordings(connection, RECORDINGS)
    upstream = json.loads(body_of("openrouter"))["data"]
    landed = connection.execute(
        "select payload::varchar from raw.openrouter__models order by row_ordinal"
    ).fetchall()
    assert [json.loads(payload) for (payload,) in landed] == upstream


def test_labels_keep_their_outer_white_space(connection, land_body):
    body = body_of("bfcl").replace(b"Claude-Opus-4-5-20251101 (FC)", b" Claude-Opus-4-5 (FC) ")
    land_body("bfcl", body)
    [(label,)] = connection.execute(
        """select payload ->> '$."Model"' from raw.bfcl__rows where row_ordinal = 0"""
    ).fetchall()
    assert label == " Claude-Opus-4-5 (FC) "


def test_the_same_content_lands_once(connection):
    land_recordings(connection, RECORDINGS)
    again = land_recordings(connection, RECORDINGS)
    assert [report.was_new for report in again] == [False] * 4
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (4,)
    assert connection.execute("select count(*) from raw.bfcl__rows").fetchone() == (109,)


def test_content_that_comes_back_is_a_new_moment_and_no_new_row(connection, land_body):
    first = body_of("bfcl")
    second = first.replace(b"77.47%", b"77.48%")
    for day, body in ((1, first), (2, second), (3, first)):
        land_body("bfcl", body, day=day)
    assert connection.execute("select count(*) from raw.bfcl__rows").fetchone() == (218,)
    assert connection.execute(
        "select count(*), count(distinct payload_sha256) from raw.payloads"
    ).fetchone() == (3, 2)


def test_one_broken_recording_lands_nothing(connection, tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    whole = (folder / "bfcl.csv").read_bytes()
    (folder / "bfcl.csv").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UpstreamBroken, match=r"bfcl\.csv is broken: .*Nothing was landed"):
        land_recordings(connection, folder)
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (0,)
    assert connection.execute("select count(*) from raw.openrouter__models").fetchone() == (0,)


def test_a_missing_recording_is_named(connection, tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    (folder / "bfcl.csv").unlink()
    with pytest.raises(PayloadMissing, match=r"bfcl\.csv: .*Restore it"):
        land_recordings(connection, folder)


def test_an_unknown_source_lists_the_known_ones(connection):
    with pytest.raises(LoaderError, match=r"unknown source nosuch\. Known are artificial_analysis"):
        land_recordings(connection, RECORDINGS, only=["nosuch"])


def test_a_hash_changes_with_one_byte(tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(RECORDINGS, folder)
    before = payload_hashes(folder)
    (folder / "bfcl.csv").write_bytes(body_of("bfcl").replace(b"77.47%", b"77.48%"))
    after = payload_hashes(folder)
    assert {key for key in before if before[key] != after[key]} == {"bfcl"}


def test_a_board_may_not_shrink_unless_it_is_accepted(connection, land_body):
    body = body_of("bfcl").splitlines(keepends=True)
    header, lines = body[0], body[1:]
    land_body("bfcl", b"".join([header, *lines, *lines]), day=1)
    with pytest.raises(UpstreamBroken, match=r"109 rows, and the last good payload had 218"):
        land_body("bfcl", b"".join([header, *lines]), day=2)
    [report] = land_body("bfcl", b"".join([header, *lines]), day=2, accept_shrink=["bfcl"])
    assert report == LandingReport("bfcl", 109, was_new=True)
