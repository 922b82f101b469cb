"""What makes one attempt after the other cheap changes no verdict and loses no text."""

import json
from datetime import timedelta

import duckdb
import pytest

import loaders.runs.bodies as bodies
import loaders.runs.intake as intake
from loaders.errors import LedgerUnusable
from loaders.runs.bodies import Body, BodyStore
from loaders.runs.documents import sha256_of
from loaders.runs.intake import Handed, KeptDesk, read_rules, take_in, take_in_numbered
from loaders.runs.ledger import Ledger
from tests.conftest import PROJECT
from tests.runs.posting import NOW, a_run, texts_of

RULES = read_rules(PROJECT)


class Taking:
    """Hands runs in with a desk that is kept, and counts how often one is opened anew."""

    def __init__(self, folder, monkeypatch):
        self.ledger, self.kept, self.opened = Ledger(folder), KeptDesk(), 0
        opening = intake.open_desk

        def counted(*arguments, **options):
            self.opened += 1
            return opening(*arguments, **options)

        monkeypatch.setattr(intake, "open_desk", counted)

    def one(self, run=None, *, at=NOW, kept=True):
        data = json.dumps(run or a_run()).encode()
        handed = Handed(origin="x", route="http", ip_hash="i", data=data)
        desk = self.kept if kept else None
        [(number, row)] = take_in_numbered(self.ledger, [handed], RULES, now=at, kept=desk)
        return number, row


@pytest.fixture
def taking(tmp_path, monkeypatch):
    return Taking(tmp_path / "runs", monkeypatch)


def test_a_desk_is_kept_until_the_ledger_grows_elsewhere(taking):
    run = a_run()
    assert [taking.one(at=NOW)[0] for _ in range(3)] == [1, 2, 3]
    assert taking.opened == 1
    assert taking.one(run, kept=False)[0] == 4
    assert taking.opened == 2
    number, again = taking.one(run)
    assert (number, again.duplicate_of, taking.opened) == (5, 4, 3)
    assert taking.one()[1].is_accepted
    assert taking.one()[1].limit_layer == "nickname_model"
    assert taking.opened == 3


def test_a_kept_desk_of_another_ledger_is_not_used(taking, tmp_path):
    run = a_run()
    taking.one(run)
    taking.ledger.file.rename(tmp_path / "before")
    # As many rows and the same moment, and yet another ledger.
    taking.one(kept=False)
    number, row = taking.one(run)
    assert (number, row.is_accepted, row.duplicate_of) == (2, True, None)


def test_time_stands_still_for_a_kept_desk_too(taking):
    for _ in range(5):
        assert taking.one(at=NOW)[1].is_accepted
    number, row = taking.one(at=NOW - timedelta(hours=5))
    assert (number, row.received_at, row.retry_after_s) == (6, NOW, 3600)
    assert taking.one(at=NOW + timedelta(hours=1))[1].is_accepted
    assert taking.opened == 1


def test_a_call_that_failed_leaves_nothing_behind(taking, monkeypatch):
    run = a_run()
    taking.one()
    appending = taking.ledger.append_submissions

    def fail(connection, attempts):
        appending(connection, attempts)
        raise duckdb.IOException("no room")

    monkeypatch.setattr(taking.ledger, "append_submissions", fail)
    with pytest.raises(LedgerUnusable, match="no room"):
        taking.one(run)
    monkeypatch.undo()
    number, row = taking.one(run)
    assert (number, row.is_accepted) == (2, True)


def test_attempts_of_one_call_are_numbered_as_in_the_ledger(tmp_path):
    ledger = Ledger(tmp_path / "runs")
    runs = [a_run(), a_run(nickname=1), a_run()]
    handed = [Handed(origin="f", route="file", data=json.dumps(run).encode()) for run in runs]
    take_in(ledger, handed[:1], RULES, now=NOW)
    taken = take_in_numbered(ledger, handed, RULES, now=NOW)
    assert [(number, row.duplicate_of, row.is_accepted) for number, row in taken] == [
        (2, 1, False),
        (3, None, False),
        (4, None, True),
    ]


def add(store, *texts, at=NOW):
    with store.adding(received_at=at) as keep:
        keep([Body(sha256_of(text), "output", text) for text in texts])


def test_a_day_that_has_grown_gets_files_beside_it_and_loses_no_text(tmp_path, monkeypatch):
    monkeypatch.setattr(bodies, "GROWN", 0)
    monkeypatch.setattr(bodies, "MOST_BESIDE", 3)
    store = BodyStore(tmp_path)
    texts = [f"text {number}" for number in range(10)]
    counts = []
    for text in texts:
        add(store, text, "in all of them")
        counts.append(len(list(tmp_path.iterdir())))
        known = texts[: len(counts)]
        assert texts_of(store, [sha256_of(text) for text in known]) == {
            sha256_of(text): text for text in known
        }
    assert counts == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2]
    assert texts_of(store, [sha256_of("in all of them")]) == {
        sha256_of("in all of them"): "in all of them"
    }
    add(store, "later", at=NOW + timedelta(days=1))
    assert store.days() == [NOW.date(), NOW.date() + timedelta(days=1)]
    assert store.purge(now=NOW + timedelta(days=31), days=30) == [NOW.date()]
    assert texts_of(store, [sha256_of(text) for text in texts]) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["2026-05-08.parquet"]


def test_a_small_day_is_one_file(tmp_path):
    store = BodyStore(tmp_path)
    for number in range(5):
        add(store, f"text {number}", "in all of them")
    [path] = tmp_path.iterdir()
    with duckdb.connect() as connection:
        counted = connection.execute(f"select count(*) from '{path}'").fetchone()
    assert (path.name, counted) == ("2026-05-07.parquet", (6,))
