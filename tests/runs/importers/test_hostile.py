"""Whatever stands in a file, it is refused with a reason or read, and nothing else happens."""

import copy
import io
import json
import shutil
import zipfile
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loaders.errors import RunUnreadable
from loaders.runs.importers import foreign, inspect_log, read_runs
from tests.loaders.test_hostile_payloads import planted
from tests.runs.importers.conftest import (
    EEE_CHOICE,
    EXACT_DEFLATE,
    EXACT_JSON,
    EXACT_ZSTD,
    GIVEN,
    JOB,
    JUDGED_JSON,
    LM_EVAL,
    refused,
    runs_of,
)

HOSTILE = (
    None, True, -1, 0.5, 2, 1e308, float("nan"), float("inf"), 10**30, -(10**400), "", "C", "P", "x" * 5000,
    "\u202e", "\x00", "../../../etc/passwd", "2026-01-01T00:00:00", "9999-12-31T23:59:59-12:00",
    [], {}, [[]], [{}], {"a": {"b": []}}, ["x", 1], [None],
)  # fmt: skip
ROUNDS = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
# The file that a path is read by, and those beside it.
PLACES = {
    "inspect": (EXACT_JSON, EXACT_JSON),
    "judged": (JUDGED_JSON, JUDGED_JSON),
    "results": (LM_EVAL, LM_EVAL),
    "samples": (LM_EVAL, next(LM_EVAL.parent.glob("samples_tiny_choice_*"))),
    "aggregate": (EEE_CHOICE, EEE_CHOICE),
    "rows": (EEE_CHOICE, EEE_CHOICE.with_name(f"{EEE_CHOICE.stem}_samples.jsonl")),
    "job": (JOB, JOB / "result.json"),
    "lock": (JOB, JOB / "lock.json"),
    "trial": (JOB, JOB / "hello-world__aaaaaaa" / "result.json"),
}


def places(node, path=()):
    yield path
    pairs = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in pairs:
        yield from places(value, (*path, key))


@cache
def document_of(name):
    """A file as data; one of lines as the list of them."""
    _, file = PLACES[name]
    text = file.read_text("utf-8")
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text)


@cache
def paths_of(name):
    return list(places(document_of(name)))


@pytest.fixture
def beside(tmp_path):
    """Puts a changed file into a fresh copy of what it belongs to."""

    def put(name, body):
        entry, file = PLACES[name]
        home = entry if entry.is_dir() else entry.parent
        copied = tmp_path / "copy"
        if not copied.exists():
            shutil.copytree(home, copied)
        target = copied / file.relative_to(home)
        target.write_bytes(body)
        # The checksum would keep every changed row from being looked at.
        if name == "rows":
            aggregate = copied / entry.name
            document = json.loads(entry.read_text("utf-8"))
            del document["detailed_evaluation_results"]["checksum"]
            aggregate.write_text(json.dumps(document), "utf-8")
        return copied if entry.is_dir() else copied / entry.name

    return put


def text_of(name, document):
    if PLACES[name][1].suffix == ".jsonl" and isinstance(document, list):
        return "".join(f"{json.dumps(row)}\n" for row in document)
    return json.dumps(document)


def read_or_refused(path):
    """The runs, or why there are none: any other exception is a fault."""
    try:
        return list(read_runs(path, GIVEN))
    except RunUnreadable as error:
        assert str(error).isprintable() and str(path.parent.parent) in str(error)
        return None


@pytest.mark.parametrize("name", PLACES)
@ROUNDS
@given(data=st.data())
def test_a_wrong_value_anywhere_is_refused_or_read(name, beside, data):
    path = data.draw(st.sampled_from(paths_of(name)), label="path")
    value = data.draw(st.sampled_from(HOSTILE), label="value")
    document = planted(copy.deepcopy(document_of(name)), path, value)
    body = text_of(name, document).encode()
    for run in read_or_refused(beside(name, body)) or ():
        for task in run.tasks:
            assert task.passed is None or task.score is None
            assert (task.passed is None and task.score is None) == (task.error is not None)


@pytest.mark.parametrize("name", PLACES)
@settings(ROUNDS, max_examples=40)
@given(data=st.data())
def test_a_missing_key_is_refused_or_read(name, beside, data):
    path = data.draw(st.sampled_from([each for each in paths_of(name) if each]), label="path")
    document = copy.deepcopy(document_of(name))
    node = document
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    read_or_refused(beside(name, text_of(name, document).encode()))


@pytest.mark.parametrize("name", PLACES)
def test_a_file_that_breaks_off_is_refused(name, beside):
    # The spaces that a tool may write at the end are no part of a document.
    body = PLACES[name][1].read_bytes().rstrip()
    for end in range(1, len(body), max(1, len(body) // 40)):
        path = beside(name, body[:end])
        if PLACES[name][1].suffix == ".jsonl" and body[end - 1 : end] == b"}":
            read_or_refused(path)
        else:
            refused(path)


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("deep", [b"[" * 200_000, b'{"a":' * 200_000, b"[" * 9_000 + b"]" * 9_000])
def test_deep_nesting_is_refused(name, beside, deep):
    document = PLACES[name][1].read_bytes()
    refused(beside(name, b'{"metadata": ' + deep + b", " + document.lstrip()[1:]))


@pytest.mark.parametrize("archive", [EXACT_DEFLATE, EXACT_ZSTD])
@settings(ROUNDS, max_examples=300)
@given(data=st.data())
def test_a_damaged_zip_is_refused_or_read(archive, tmp_path, data):
    body = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([len(body), len(body) // 2, len(body) - 10]))
    path = tmp_path / "log.eval"
    path.write_bytes(bytes(body[:cut]))
    read_or_refused(path)


def zip_of(path, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    zeros = b" " * (foreign.MOST_FILE_BYTES + 1)
    path = zip_of(tmp_path / "bomb.eval", {"header.json": zeros})
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(zipfile.ZipExtFile, "read", None)
    assert f"it holds {len(zeros)} bytes, more than 64 MiB" in refused(path)


def test_many_members_that_are_too_much_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(foreign, "MOST_BYTES", 1_000_000)
    members = {f"samples/{number}_epoch_1.json": b" " * 100_000 for number in range(20)}
    path = zip_of(tmp_path / "bomb.eval", {"header.json": b"{}", **members})
    assert "with it more than" in refused(path)
    monkeypatch.setattr(inspect_log, "MOST_MEMBERS", 20)
    assert "the zip has 21 members" in refused(path)


def test_a_member_that_says_less_than_it_holds_is_refused(tmp_path):
    path = zip_of(tmp_path / "log.eval", {"header.json": b" " * 5_000_000})
    body = path.read_bytes()
    length = (5_000_000).to_bytes(4, "little")
    assert body.count(length) == 2
    path.write_bytes(body.replace(length, (10).to_bytes(4, "little")))
    assert "the zip cannot be read" in refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_cannot_be_unpacked_in_pieces_is_refused(tmp_path, method):
    path = zip_of(tmp_path / "log.eval", {"header.json": b"{}"}, method)
    assert "packed in a way Inspect does not use" in refused(path)


def test_names_of_members_lead_nowhere(tmp_path):
    with zipfile.ZipFile(EXACT_DEFLATE) as archive:
        members = {
            info.filename.replace("samples/", "samples/../../"): archive.read(info)
            for info in archive.infolist()
        }
    path = zip_of(tmp_path / "log.eval", members)
    assert runs_of(path) == runs_of(EXACT_JSON)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log.eval"]


def test_a_file_that_is_too_large_is_refused(tmp_path):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(foreign.MOST_FILE_BYTES + 1)
    assert f"it holds {foreign.MOST_FILE_BYTES + 1} bytes, more than 64 MiB" in refused(path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "large.json"
    path.write_bytes(b"{}")
    monkeypatch.setattr(foreign, "MOST_FILE_BYTES", 10)
    monkeypatch.setattr(type(path), "open", lambda self, mode: Growing(self))
    with pytest.raises(RunUnreadable, match="it holds 11 bytes"):
        foreign.Files().read(path)


class Growing(io.BytesIO):
    """A file that had two bytes when it was asked."""

    def __init__(self, path):
        super().__init__(b" " * 100)
        self.file = io.FileIO(path)

    def fileno(self):
        return self.file.fileno()

    def close(self):
        self.file.close()
        super().close()


def test_a_message_is_one_line_whatever_the_names_are(job):
    trial = job / "hello-world__aaaaaaa"
    bad = trial.rename(job / "new\nline\x1b[31m")
    (bad / "result.json").write_text("{", "utf-8")
    assert "new line" in refused(job)


def test_a_score_that_is_read_and_cannot_be_shown_is_refused(tmp_path):
    # Between what the decoder takes and what a message can show lie some levels.
    path = tmp_path / "log.json"
    text = EXACT_JSON.read_text("utf-8")
    for depth in range(600, 1200, 40):
        path.write_text(text.replace('"value": "C"', f'"value": {"[" * depth}{"]" * depth}', 1))
        assert str(path) in refused(path)
