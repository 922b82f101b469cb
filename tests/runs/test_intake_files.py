"""What `benchmart intake` makes of files and folders: nothing leaks, nothing is lost."""

import json
from datetime import UTC, datetime

import pytest

from benchmart.errors import OptionError
from benchmart.own_runs import imported, replay_run, stamp_pack, take_in_paths
from loaders.runs.ledger import Ledger
from tests.conftest import PROJECT
from tests.runs.own_runs import judged, run, sha256, task, write
from tests.runs.posting import texts_of

NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)
NOBODY = imported(nickname=None, config_tag=None)
FIXTURES = PROJECT / "tests" / "runs" / "importers"


def intake(tmp_path, *paths, given=NOBODY, master=None, now=NOW):
    return take_in_paths(paths, given, runs=tmp_path / "runs", master=master, now=now)


def events_of(tmp_path):
    with Ledger(tmp_path / "runs").open() as connection:
        return connection.execute("select kind, passed from events").fetchall()


def one_run(**more):
    return run([task("t", "code", "easy", right=True, **more)])


def test_origins_and_problems_name_no_folder_of_this_machine(tmp_path):
    folder = tmp_path / "secret-place" / "handed"
    write(folder / "deep", "good", one_run())
    write(folder, "other", {"neither": "nor"})
    (folder / "notes.txt").write_text("no run")
    (folder / "broken.json").write_text("{")
    taken = intake(tmp_path, folder)
    told = {one.origin: (one.is_accepted, one.problem) for one in taken.attempts}
    assert set(told) == {"handed/deep/good.json", "handed/other.json", "handed/broken.json"}
    assert told["handed/deep/good.json"] == (True, None)
    for accepted, problem in told.values():
        assert accepted or (problem and "secret-place" not in problem)


@pytest.mark.parametrize(
    "reference",
    [
        "../outside.txt",
        "/etc/hostname",
        "sub/../../outside.txt",
        "link.txt",
        ".",
        "missing.txt",
        "binary.txt",
    ],
)
def test_a_transcript_is_read_from_the_folder_of_its_run_and_nowhere_else(tmp_path, reference):
    folder = tmp_path / "handed"
    write(folder, "run", one_run(transcript=reference))
    (tmp_path / "outside.txt").write_text("outside")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "binary.txt").write_bytes(b"\xff\xfe\x00")
    [attempt] = intake(tmp_path, folder / "run.json").attempts
    assert not attempt.is_accepted
    assert attempt.schema_verdict == "invalid"
    assert "$.tasks[0].transcript" in attempt.problem
    assert Ledger(tmp_path / "runs").bodies.relation() is None


def test_a_transcript_beside_the_run_is_a_body(tmp_path):
    folder = tmp_path / "handed"
    write(folder, "run", one_run(transcript="said.txt"))
    (folder / "said.txt").write_text("what was said")
    [attempt] = intake(tmp_path, folder).attempts
    assert attempt.is_accepted
    ledger = Ledger(tmp_path / "runs")
    assert texts_of(ledger.bodies, [sha256("what was said")]) == {
        sha256("what was said"): "what was said"
    }
    assert b"what was said" not in ledger.file.read_bytes()


def test_what_other_tools_wrote_is_found_in_a_folder_and_needs_a_name(tmp_path):
    given = imported(nickname=None, config_tag=None, category="code", difficulty="easy")
    [attempt] = intake(tmp_path, FIXTURES / "harbor" / "job", given=given).attempts
    assert not attempt.is_accepted and "Add --nickname" in attempt.problem
    named = imported(nickname="ada", config_tag=" Short ", category="code", difficulty="easy")
    later = datetime(2027, 1, 1, tzinfo=UTC)
    taken = intake(tmp_path, FIXTURES / "harbor", given=named, now=later)
    assert {(one.importer, one.config, one.is_accepted) for one in taken.attempts} == {
        ("harbor", "short", True)
    }
    with pytest.raises(OptionError, match="reserved"):
        imported(nickname="ada", config_tag="lab")


def test_a_pack_is_added_before_the_runs_over_it_and_grades_them(tmp_path):
    pack = json.loads((PROJECT / "samples" / "practice.json").read_text())
    pack["pack"] = "ours"
    folder = tmp_path / "handed"
    # After the run in the order of names.
    path = write(folder, "z-pack", pack)
    stamped = stamp_pack(path, master=None, day=None)
    result = task("code/slice", "code", "easy", right=True)
    del result["grader"]
    result.update(output="[2, 3]", passed=False)
    write(folder, "run", run([result], pack=stamped))
    foreign = task("code/slice", "write", "easy", right=True)
    write(folder, "other", run([foreign], number=2, pack=stamped))
    taken = intake(tmp_path, folder)
    assert taken.packs == ["ours (20 tasks)"]
    assert {one.origin: one.pack_verdict for one in taken.attempts} == {
        "handed/run.json": "unstamped",
        "handed/other.json": "other_tasks",
    }
    [accepted] = [one for one in taken.attempts if one.is_accepted]
    [replayed] = replay_run(
        accepted.run_sha256[:9], level=2, runs=tmp_path / "runs", may_execute=False
    )
    assert (replayed.state, replayed.reason) == ("same", "passed again")


def test_a_stamped_pack_counts_on_its_day(tmp_path):
    master = tmp_path / "master.key"
    master.write_bytes(b"k" * 40)
    path = PROJECT / "samples" / "practice.json"
    stamped = stamp_pack(path, master=master, day=NOW.date())
    results = [task("code/slice", "code", "easy", right=True)]
    good = run(results, pack=stamped, started_at="2026-06-12T08:00:00Z")
    yesterday = run(results, pack=stamped, started_at="2026-06-11T23:59:59Z")
    forged = run(results, pack={**stamped, "mac": "0" * 64}, started_at="2026-06-12T08:00:00Z")
    paths = [
        write(tmp_path, name, one)
        for name, one in {"good": good, "yesterday": yesterday, "forged": forged}.items()
    ]
    taken = intake(tmp_path, *paths, master=master)
    assert [one.pack_verdict for one in taken.attempts] == ["valid", "wrong_day", "wrong_mac"]
    unchecked = intake(tmp_path / "elsewhere", paths[2])
    assert [one.pack_verdict for one in unchecked.attempts] == ["no_key"]


def test_a_file_that_does_not_exist_takes_nothing_in(tmp_path):
    path = write(tmp_path, "good", one_run())
    with pytest.raises(OptionError, match="does not exist"):
        intake(tmp_path, path, tmp_path / "missing.json")
    assert not (tmp_path / "runs").exists()


def test_replay_sees_a_changed_body_and_a_changed_grade(tmp_path):
    path = write(tmp_path, "good", one_run())
    [attempt] = intake(tmp_path, path).attempts
    ledger = Ledger(tmp_path / "runs")

    def replayed(level):
        [one] = replay_run(attempt.run_sha256, level=level, runs=ledger.folder, may_execute=False)
        return one.state

    assert [replayed(1), replayed(2)] == ["same", "same"]
    with ledger.open() as connection:
        connection.execute(
            "update submissions set tasks = replace(tasks::varchar, '\"passed\":true', '\"passed\":false')"
        )
    assert replayed(1) == "differs"
    [file] = (ledger.folder / "bodies").glob("*.parquet")
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            f"create table bodies as select * replace (if(text = 'yes', 'maybe', text) as text)"
            f" from read_parquet('{file}')"
        )
        connection.execute(f"copy bodies to '{file}' (format parquet)")
    assert [replayed(1), replayed(2)] == ["differs", "differs"]
    with pytest.raises(OptionError, match="third level"):
        replay_run(attempt.run_sha256, level=3, runs=ledger.folder, may_execute=False)


def test_a_second_recheck_has_nothing_to_do(tmp_path):
    from benchmart.own_runs import recheck_runs

    intake(tmp_path, write(tmp_path, "good", one_run()))
    assert events_of(tmp_path) == [("recheck", True)]
    assert recheck_runs(runs=tmp_path / "runs", may_execute=False, now=NOW).total() == 0


def test_code_is_run_only_when_that_is_asked_for(tmp_path):
    from benchmart.own_runs import recheck_runs

    tests = "assert double(4) == 8"
    right = {
        **task("t", "code", "easy", right=True),
        "grader": {"kind": "python_tests", "tests": tests},
        "output": "def double(x):\n    return 2 * x\n",
    }
    intake(tmp_path, write(tmp_path, "good", run([right])))
    assert events_of(tmp_path) == []
    states = recheck_runs(runs=tmp_path / "runs", may_execute=True, now=NOW)
    assert states == {"graded": 1}


SAME_RUN = {
    "the moment in another zone": {"started_at": "2026-06-01T02:01:00+02:00"},
    "a blank tag": {"config_tag": " "},
    "a claim": {"lab": False},
}


@pytest.mark.parametrize("change", SAME_RUN.values(), ids=SAME_RUN)
def test_the_same_run_in_other_words_is_a_duplicate(tmp_path, change):
    tasks = [task(name, "code", "easy", right=True) for name in ("a", "b")]
    first = write(tmp_path, "first", run(tasks))
    other = write(tmp_path, "second", {**run(tasks[::-1]), **change})
    taken = intake(tmp_path, first, other)
    assert [one.duplicate_verdict for one in taken.attempts] == ["new", "duplicate"]


def test_what_lies_in_the_future_is_refused(tmp_path):
    for moment in ("2026-06-12T12:06:00Z", "9999-12-31T23:59:59-12:00"):
        path = write(tmp_path, sha256(moment)[:8], {**one_run(), "started_at": moment})
        [attempt] = intake(tmp_path, path).attempts
        assert "lies in the future" in attempt.problem
    near = write(tmp_path, "near", {**one_run(), "started_at": "2026-06-12T12:04:00Z"})
    assert intake(tmp_path, near).attempts[0].is_accepted


def test_a_run_cannot_grow_by_one_task_that_was_run_again_and_again(tmp_path):
    often = [task("a", "code", "easy", right=True, run_no=number) for number in range(1, 1001)]
    others = [task(f"b{number}", "code", "easy", right=True) for number in range(100)]
    [attempt] = intake(tmp_path, write(tmp_path, "uneven", run([*often, *others]))).attempts
    assert not attempt.is_accepted and "far more often" in attempt.problem


def test_a_refusal_keeps_nothing_of_what_was_sent(tmp_path):
    words = "quokka words that have to be forgotten"
    changes = (
        {"format": f"benchmart-{words}"},
        {"config_tag": words},
        {"tasks": [{**task("a", "code", "easy", right=True), "category": words}]},
        {"tasks": [{**task("a", "code", "easy", right=True), f"{words} as a key": 1}]},
        {"nickname": words * 3},
    )
    for place, change in enumerate(changes):
        path = write(tmp_path / "handed", str(place), {**one_run(), **change})
        [attempt] = intake(tmp_path, path).attempts
        assert not attempt.is_accepted and "quokka" not in attempt.problem, attempt.problem
    assert b"quokka" not in Ledger(tmp_path / "runs").file.read_bytes()


def test_calls_take_time_and_say_their_tokens(tmp_path):
    quick = {"profile": "chat-1", "calls": [{"latency_s": 1e-30, "output_tokens": 0}] * 20}
    [attempt] = intake(tmp_path, write(tmp_path, "quick", {**one_run(), "load": quick})).attempts
    assert not attempt.is_accepted and "$.load.calls[0].latency_s" in attempt.problem


def test_odd_entries_of_a_folder_stop_nothing(tmp_path):
    folder = tmp_path / "handed"
    write(folder, "good", one_run())
    (folder / "folder.json").mkdir()
    (folder / "dangling.json").symlink_to(tmp_path / "nowhere")
    (folder / "loop").symlink_to(folder)
    pack = json.loads((PROJECT / "samples" / "practice.json").read_text())
    pack["tasks"][8]["grader"]["schema"]["maxLength"] = 2**60
    with pytest.raises(Exception, match=r"above 2\^53"):
        intake(tmp_path, write(tmp_path / "other", "pack", pack))
    assert [one.origin for one in intake(tmp_path, folder).attempts] == ["handed/good.json"]


def test_runs_over_http_bring_no_rubric_and_no_grader_of_their_own(tmp_path):
    from loaders.runs.intake import Handed, read_rules, take_in
    from loaders.runs.judge import Judge
    from loaders.runs.judging import judge_ledger
    from loaders.runs.rechecking import recheck_ledger

    ledger = Ledger(tmp_path / "runs")
    tasks = [task("a", "code", "easy", right=True), judged("b", "write", "easy")]
    data = json.dumps(run(tasks)).encode()
    handed = Handed(origin="http", route="http", data=data, ip_hash="0" * 64)
    [attempt] = take_in(ledger, [handed], read_rules(PROJECT), now=NOW)
    assert attempt.is_accepted
    assert recheck_ledger(ledger, may_execute=True, now=NOW).total() == 0
    nobody = Judge("http://127.0.0.1:9/v1", "judge-1", timeout_s=1, retries=0)
    assert list(judge_ledger(ledger, nobody, now=NOW)) == []


def test_an_output_that_came_over_http_is_checked_only_when_that_is_asked_for(
    tmp_path, monkeypatch
):
    from loaders.runs import graders
    from loaders.runs.intake import Handed, read_rules, take_in
    from loaders.runs.rechecking import recheck_ledger

    intake(tmp_path, write(tmp_path, "first", one_run()))
    ledger = Ledger(tmp_path / "runs")
    stamped = stamp_pack(PROJECT / "samples" / "practice.json", master=None, day=None)
    subject = task("write/commit", "write", "easy", right=True)
    del subject["grader"]
    subject["output"] = '{"subject": "Guard the price filter"}'
    data = json.dumps(run([subject], number=2, pack=stamped)).encode()
    handed = Handed(origin="http", route="http", data=data, ip_hash="0" * 64)

    def never(*told):
        raise AssertionError("checked in the process that others wait for")

    monkeypatch.setattr(graders, "check_json", never)
    [attempt] = take_in(ledger, [handed], read_rules(PROJECT), now=NOW)
    assert attempt.is_accepted
    assert events_of(tmp_path) == [("recheck", True)], "that of the file alone"
    assert recheck_ledger(ledger, may_execute=False, now=NOW) == {"graded": 1}
    assert events_of(tmp_path) == [("recheck", True), ("recheck", True)]


def test_spellings_of_one_model_share_its_limit():
    from loaders.runs.intake import Desk, Handed, read_rules

    desk = Desk(rules=read_rules(PROJECT))
    spellings = (
        "openai/gpt-5",
        "OpenAI/GPT-5",
        "openai gpt 5",
        "openai-gpt-5",
        "OPENAI/GPT.5",
        "openai/gpt 5",
    )
    verdicts = []
    for place, model in enumerate(spellings):
        data = json.dumps(
            {**one_run(), "model": model, "nickname": "ada" if place % 2 else " Ada"}
        ).encode()
        handed = Handed(origin="http", route="http", data=data, ip_hash=str(place) * 64)
        verdicts.append(desk.decide(handed, at=NOW)[0].limit_verdict)
    assert verdicts == ["allowed"] * 5 + ["limited"]


def test_a_ledger_that_lost_runs_is_refused(tmp_path):
    import duckdb

    from loaders.errors import LedgerUnusable
    from loaders.runs.intake import read_rules
    from loaders.runs.landing import land_runs
    from loaders.runs.samples import Samples

    ledger, samples, rules = (
        Ledger(tmp_path / "runs"),
        Samples(PROJECT / "samples"),
        read_rules(PROJECT),
    )
    intake(tmp_path, write(tmp_path, "first", one_run()))
    with duckdb.connect() as warehouse:
        land_runs(warehouse, ledger, samples, rules)
        intake(tmp_path, write(tmp_path, "second", one_run(integrity=1)))
        land_runs(warehouse, ledger, samples, rules)
        with ledger.open() as connection:
            connection.execute("delete from submissions where submission_no = 2")
        intake(tmp_path, write(tmp_path, "third", one_run(integrity=0)))
        with pytest.raises(LedgerUnusable, match="lacks some of them"):
            land_runs(warehouse, ledger, samples, rules)
        kept = warehouse.execute(
            "select count(*) from runs.submissions where not is_sample"
        ).fetchall()
    assert kept == [(2,)]
