"""Own runs from documents to boards: taken in, judged, built, and worked out again with fractions."""

import copy
import hashlib
import json
import shlex
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.conftest import NOW
from tests.runs.judging import Answer, completion, serving
from tests.runs.own_runs import (
    CATEGORIES,
    calls,
    cut,
    every_category,
    grade_of,
    judged,
    random_run,
    run,
    sha256,
    speed_points,
    task,
    total,
    write,
)

RANDOM_RUNS = range(100, 130)
SENTINEL = "tantamount-quokka"
# The main job deletes expired bodies by the clock.
RECEIVED_ON = datetime.now(UTC).date()


def at(hour, *, days=0):
    """A moment of the day on which the runs come in, or some days after it."""
    return f"{RECEIVED_ON + timedelta(days=days)}T{hour:02}:00:00Z"


SPEED = speed_points([2.0] * 20, [300] * 20)


def right_share(numerator, denominator):
    """Whether a place of a cycle is right: a share that tells categories apart."""
    return lambda category, place: (place * numerator + len(category)) % denominator < numerator


@pytest.fixture(scope="module")
def signing_key(module_folder):
    path = module_folder("keys") / "lab.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@pytest.fixture(scope="module")
def documents():
    """Name of the file to run document."""
    named = {}
    for seed in RANDOM_RUNS:
        named[f"random-{seed}"] = random_run(seed)[0]
    everything = every_category(lambda category, place: True)
    for number, wrong in enumerate((0, 1, 2), 1):
        base = copy.deepcopy(everything)
        for one in base[:wrong]:
            one.update(output="no", passed=False)
        named[f"base-{number}"] = run(base, number=number, load=calls(), nickname="delta")
        named[f"tagged-{number}"] = run(
            copy.deepcopy(everything),
            number=10 + number,
            load=calls(3.0),
            nickname="delta",
            tag=" Plan-First ",
        )
    named["two-only"] = run(everything, number=20, load=calls(), nickname="delta", tag="rare")
    named["partial"] = run(
        [one for one in everything if one["category"] != "rag"],
        number=30,
        load=calls(),
        nickname="partly",
    )
    named["slow-few"] = run(
        everything, number=31, load=calls(3.0, count=19, failed=5), nickname="partly"
    )
    named["no-profile"] = run(
        everything, number=32, load={**calls(), "profile": "other-1"}, nickname="partly"
    )
    named["provisional"] = run(
        [{key: value for key, value in one.items() if key != "grader"} for one in everything],
        number=33,
        load=calls(),
        nickname="client",
    )
    named["errors"] = run(
        [
            *everything,
            task("code/extra", "code", "hard", right=False, passed=False, error="time-out"),
        ],
        number=34,
        load=calls(),
        nickname="errors",
    )
    named["judged"] = run(
        [
            *everything,
            judged("write/letter", "write", "hard"),
            judged("write/note", "write", "easy", output="Other."),
        ],
        number=35,
        load=calls(),
        nickname="judged",
    )
    named["judge-down"] = run(
        [*everything, judged("write/letter", "write", "hard", claim=None, output="Down.")],
        number=36,
        load=calls(),
        nickname="judge-down",
    )
    named["self"] = run(
        [*everything, judged("write/letter", "write", "hard", claim=None)],
        number=37,
        load=calls(),
        nickname="self",
        model="acme/judge-1",
    )
    named["refuted"] = run(
        [*everything[1:], task("code/0", "code", "easy", right=False, passed=True, integrity=0)],
        number=38,
        load=calls(),
        nickname="refuted",
    )
    named["claims-lab"] = run(everything, number=39, load=calls(), nickname="claims", lab=True)
    named["secret"] = run(
        [
            *everything,
            task(
                "code/secret",
                "code",
                "easy",
                right=False,
                prompt=f"{SENTINEL} prompt",
                output=f"{SENTINEL} output",
                grade_note=f"{SENTINEL} note",
                integrity_note=f"{SENTINEL} integrity",
            ),
            task("code/broken", "code", "easy", right=False, error=f"{SENTINEL} error"),
        ],
        number=42,
        load=calls(),
        nickname="secret",
    )
    agent = {
        "tui": "x'; touch PWNED #",
        "behavior_mode": "it's auto",
        "plugin_stack": ["a'b", 'c"d', "é"],
    }
    twice = [{**one, "run_no": number} for one in everything for number in (1, 2)]
    more = [{**everything[0], "run_no": number} for number in (3, 4)]
    named["rounds"] = run([*twice, *more], number=43, load=calls(), nickname="rounds")
    named["lab"] = run(everything, number=40, load=calls(), nickname="lab", agent=agent)
    named["<script>alert(1)</script>"] = run(
        everything, number=41, load=calls(), nickname="<script>alert(1)</script>"
    )
    return named


def answer_for(body: bytes) -> Answer:
    text = json.loads(body)["messages"][-1]["content"]
    if "Down." in text:
        return Answer(b"no JSON at all")
    score = 7.25 if "Words." in text else 3
    return completion(json.dumps({"score": score, "rationale": f"{SENTINEL} rationale"}))


@pytest.fixture(scope="module")
def scored(published, module_folder, documents, signing_key):
    """A checkout with the runs taken in, judged and on the board."""
    import shutil

    root = module_folder("scored") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = type(published)(root)
    folder = root.parent / "handed"
    for name, document in documents.items():
        write(folder, sha256(name)[:8] if "<" in name else name, document)
    path, public = signing_key
    import base64

    with (root / "seeds/runs/run_trusted_keys.csv").open("a", encoding="utf-8") as file:
        key_id = __import__("hashlib").sha256(public).hexdigest()
        file.write(
            f"{key_id},{base64.b64encode(public).decode()},lab,2026-01-01T00:00:00Z,,The lab of the test\n"
        )
    signed = checkout.benchmart(
        "sign-run", str(folder / "lab.json"), "--signing-key-file", str(path)
    )
    assert signed.returncode == 0, signed.stderr
    (folder / "lab.json").write_text(signed.stdout, encoding="utf-8")
    (folder / "bad.json").write_text(
        '{"format": "benchmart-run/1", "nickname": "x"}', encoding="utf-8"
    )
    taken = checkout.benchmart("intake", str(folder), "--now", at(10))
    assert taken.returncode == 1, taken.stderr
    assert f"{len(documents)} of {len(documents) + 1} runs accepted" in taken.stdout, taken.stdout
    again = checkout.benchmart("intake", str(folder / "base-1.json"), "--now", at(11))
    assert again.returncode == 0 and "the same run is in the ledger already" in again.stdout
    with serving() as server:
        server.script = lambda place: answer_for(server.asked[place].body)
        outcome = checkout.benchmart(
            "judge",
            "--base-url",
            server.base_url,
            "--model",
            "judge-1",
            "--now",
            at(12),
        )
        assert outcome.returncode == 1, outcome.stdout + outcome.stderr
        asked = len(server.asked)
        repeated = checkout.benchmart(
            "judge",
            "--base-url",
            server.base_url,
            "--model",
            "judge-1",
            "--now",
            at(13),
        )
        # Only what failed is asked again.
        assert {b"Down." in one.body for one in server.asked[asked:]} == {True}, repeated.stdout
    built = checkout.benchmart("all", "--offline", "--now", NOW)
    assert built.returncode == 0, built.stdout + built.stderr
    return checkout


def rows(checkout, sql):
    return checkout.query(sql)


def run_of(checkout, nickname):
    [row] = rows(
        checkout,
        "select submission_no, score, tier, is_complete, is_final, is_ranked, is_lab"
        f" from marts.fct_runs where nickname = '{nickname}' and config = 'base'",
    )
    return row


def test_totals_are_those_of_fractions_to_the_last_place(scored):
    found = dict(
        rows(
            scored,
            "select started_at, score from marts.fct_runs where model = 'acme/random'",
        )
    )
    assert len(found) == len(RANDOM_RUNS)
    for seed in RANDOM_RUNS:
        document, results, speed = random_run(seed)
        moment = datetime.fromisoformat(document["started_at"]).astimezone(UTC).replace(tzinfo=None)
        assert Fraction(found[moment]) == total(results, speed), seed


def test_categories_are_those_of_fractions(scored):
    found = {
        (started, category): (score, state)
        for started, category, score, state in rows(
            scored,
            "select started_at, category, categories.score, state from marts.fct_run_categories as categories"
            " inner join marts.fct_runs using (submission_no) where model = 'acme/random'",
        )
    }
    for seed in RANDOM_RUNS:
        document, results, speed = random_run(seed)
        moment = datetime.fromisoformat(document["started_at"]).astimezone(UTC).replace(tzinfo=None)
        for category in CATEGORIES:
            mine = [one for one in results if one["category"] == category]
            exact = (
                100
                * sum(
                    {"easy": 2, "medium": 3, "hard": 4}[one["difficulty"]] * grade_of(one)
                    for one in mine
                )
                / sum({"easy": 2, "medium": 3, "hard": 4}[one["difficulty"]] for one in mine)
            )
            score, state = found[moment, category]
            assert state == "final"
            assert 0 <= exact - Fraction(score) < Fraction(1, 1_000_000)
        assert Fraction(found[moment, "speed"][0]) == speed


def test_points_add_up_to_the_total(scored):
    gaps = rows(
        scored,
        "select max(abs(total.score - parts.points)) from marts.fct_runs as total inner join ("
        " select submission_no, sum(points) as points from marts.fct_run_categories group by submission_no"
        ") as parts using (submission_no) where total.score is not null",
    )
    # Each of six parts is cut off once, and the total is cut off once.
    assert gaps[0][0] <= Decimal("0.000006")


@pytest.mark.parametrize(
    ("nickname", "category", "state"),
    [
        ("partly", "rag", "missing"),
        ("client", "code", "provisional"),
        ("judge-down", "write", "ungraded"),
    ],
)
def test_what_is_missing_is_said(scored, nickname, category, state):
    found = rows(
        scored,
        "select state, categories.score from marts.fct_run_categories as categories"
        f" inner join marts.fct_runs using (submission_no) where nickname = '{nickname}'"
        f" and category = '{category}' and state = '{state}'",
    )
    assert found


def test_speed_needs_its_calls_and_its_profile(scored):
    states = rows(
        scored,
        "select state, categories.score, error_count from marts.fct_run_categories as categories"
        " inner join (select submission_no from marts.fct_runs where nickname = 'partly') using (submission_no)"
        " where category = 'speed' order by state",
    )
    assert [(state, score) for state, score, _ in states] == [
        ("final", Decimal(int(SPEED * 10**6)) / 10**6),
        ("too_few_calls", None),
        ("unknown_profile", None),
    ]
    assert states[1][2] == 5


def test_a_partial_run_has_no_total_and_no_rank(scored):
    found = rows(
        scored,
        "select is_complete, score, tier, is_ranked from marts.fct_runs where nickname = 'partly'",
    )
    assert found == [(False, None, None, False)] * 3


def test_a_provisional_run_is_shown_and_not_ranked(scored):
    _, score, _, is_complete, is_final, is_ranked, _ = run_of(scored, "client")
    assert (is_complete, is_final, is_ranked) == (True, False, False)
    assert score is not None
    [board] = rows(
        scored,
        "select score, run_rank, provisional_score from marts.run_scoreboard where nickname = 'client'",
    )
    assert board == (None, None, score)


def test_an_error_stays_in_the_denominator(scored):
    number, score, *_ = run_of(scored, "errors")
    results = [
        *every_category(lambda category, place: True),
        {**task("code/extra", "code", "hard", right=False), "error": "time-out"},
    ]
    assert Fraction(score) == total(results, SPEED)
    assert rows(
        scored,
        f"select evidence, is_final, earned_units from marts.fct_run_records where submission_no = {number}"
        " and task = 'code/extra'",
    ) == [("not_earned", True, 0)]


def test_a_task_that_is_run_more_often_weighs_no_more(scored):
    number, *_ = run_of(scored, "rounds")
    found = dict(
        rows(
            scored,
            "select category, (score, left_out_count) from marts.fct_run_categories"
            f" where submission_no = {number}",
        )
    )
    # code/0 (easy) four times, code/1 and code/2 (1.5 and 2) twice of four times.
    assert Fraction(found["code"][0]) == cut(Fraction(100 * (4 + 3 + 4), 18))
    assert found["code"][1] == 4
    assert (found["rag"][0], found["rag"][1]) == (50, 6)


def test_a_judge_grades_once_and_its_failure_is_nothing(scored):
    _, score, *_, is_ranked, _ = run_of(scored, "judged")
    results = [
        *every_category(lambda category, place: True),
        {**judged("write/letter", "write", "hard"), "final_score": 7.25},
        {**judged("write/note", "write", "easy"), "final_score": 3},
    ]
    assert is_ranked and Fraction(score) == total(results, SPEED)
    number, score, _, is_complete, *_ = run_of(scored, "judge-down")
    assert score is None and not is_complete
    failed = rows(
        scored,
        "select state, score, passed, is_evidence from marts.fct_run_events"
        f" where submission_no = {number} and kind = 'judge'",
    )
    assert failed == [("judge_failed", None, None, False)] * 2
    assert rows(
        scored, f"select judge_state from marts.fct_run_verdicts where submission_no = {number}"
    ) == [("judge_failed",)]


def test_no_judge_grades_itself(scored):
    number, score, *_ = run_of(scored, "self")
    assert score is None
    assert rows(
        scored,
        f"select state, score from marts.fct_run_events where submission_no = {number} and kind = 'judge'",
    ) == [("self_judged", None)]


def test_a_recheck_outweighs_the_client_and_is_listed_as_a_contradiction(scored):
    number, *_ = run_of(scored, "refuted")
    assert rows(
        scored,
        f"select evidence, passed from marts.fct_run_records where submission_no = {number} and task = 'code/0'",
    ) == [("recheck", False)]
    assert rows(
        scored,
        f"select contradiction from marts.fct_run_contradictions where submission_no = {number} order by all",
    ) == [("claim_refuted",)]


def test_only_a_signature_makes_a_run_one_of_a_lab(scored):
    assert run_of(scored, "lab")[-1] is True
    number, *_, is_lab = run_of(scored, "claims")
    assert is_lab is False
    assert ("lab_without_signature",) in rows(
        scored,
        f"select contradiction from marts.fct_run_contradictions where submission_no = {number}",
    )
    assert rows(
        scored,
        "select verdict, signature_verdict from marts.fct_run_verdicts where nickname = 'lab'",
    ) == [("accepted", "valid")]


def test_the_command_of_a_cell_keeps_its_quotes(scored):
    found = rows(
        scored,
        "select reproduce_command, reproduce_gaps, cell_id, cell_version_id, task from marts.fct_cells"
        " where tui like '%PWNED%'",
    )
    assert len(found) == 15
    for command, gaps, cell_id, version_id, name in found:
        words = shlex.split(command)
        identity = ["x'; touch PWNED #", "it's auto", "openai/gpt-5", name, ["a'b", 'c"d', "é"]]
        flags = dict(zip(words[1::2], words[2::2], strict=True))
        assert words[0] == "run-cell"
        assert list(flags) == ["--tui", "--behavior-mode", "--model", "--task", "--plugin-stack"]
        assert [*list(flags.values())[:4], json.loads(flags["--plugin-stack"])] == identity
        assert gaps == "tui_image_sha, model_endpoint_sha, sampling_profile, task_added_date"
        assert cell_id == hashlib.sha256(rfc8785.dumps(identity)).hexdigest()
        version = [*identity, None, None, None, None]
        assert version_id == hashlib.sha256(rfc8785.dumps(version)).hexdigest()
    again = scored.benchmart("reproduce", found[0][2][:20])
    assert again.returncode == 0 and "PWNED" in again.stdout and "# incomplete: " in again.stdout


def test_a_gap_says_which_kind_it_is(scored):
    gaps = dict(
        rows(
            scored,
            "select distinct field, gap from marts.fct_cell_fields inner join marts.fct_cells"
            " using (cell_version_id, is_sample) where tui like '%PWNED%' and gap is not null",
        )
    )
    assert gaps == {
        "tui_image_sha": "not_recorded",
        "model_endpoint_sha": "not_recorded",
        "sampling_profile": "not_recorded",
        "task_added_date": "not_in_version",
    }


def test_every_attempt_has_a_verdict(scored, documents):
    counts = dict(
        rows(
            scored,
            "select verdict, count(*) from marts.fct_run_verdicts where not is_sample group by 1",
        )
    )
    assert counts == {"accepted": len(documents), "refused_by_schema": 1, "refused_as_duplicate": 1}


def test_boards_rank_medians_by_pack_and_apart_from_samples(scored):
    found = rows(
        scored,
        "select run_rank, score, ranked_runs, spread from marts.run_scoreboard"
        " where nickname = 'delta' and config = 'base'",
    )
    results = every_category(lambda category, place: True)
    totals = []
    for wrong in (0, 1, 2):
        mine = copy.deepcopy(results)
        for one in mine[:wrong]:
            one["output"] = "no"
        totals.append(total(mine, SPEED))
    [(rank, score, count, spread)] = found
    assert (Fraction(score), count, Fraction(spread)) == (
        sorted(totals)[1],
        3,
        max(totals) - min(totals),
    )
    better = rows(
        scored,
        "select count(*) from marts.run_scoreboard where not is_sample and pack_sha256 is null"
        f" and score > {score}",
    )
    assert rank == better[0][0] + 1
    assert rows(
        scored, "select distinct run_rank from marts.run_scoreboard where is_sample order by 1"
    ) == [(1,), (2,), (3,), (4,)]


def test_deltas_are_paired_by_task(scored):
    found = {
        category: (state, tagged, base, pairs, delta)
        for category, state, tagged, base, pairs, delta in rows(
            scored,
            "select category, state, tagged_runs, base_runs, paired_tasks, delta from marts.fct_run_deltas"
            " where nickname = 'delta' and config = 'plan-first'",
        )
    }
    # Of the base, code/0 (easy) was wrong in two runs of three and code/1 (medium) in one.
    code = 100 * (Fraction(2, 3) * 1 + Fraction(1, 3) * Fraction(3, 2)) / Fraction(9, 2)
    speed = speed_points([3.0] * 20, [300] * 20) - SPEED
    assert found["code"][:4] == ("compared", 3, 3, 3)
    assert found["code"][4] == pytest.approx(float(code), abs=1e-9)
    assert found["rag"][4] == 0
    assert found["speed"][4] == pytest.approx(float(speed), abs=1e-9)
    whole = Fraction(25, 100) * code + Fraction(13, 100) * speed
    assert found["total"][4] == pytest.approx(float(whole), abs=1e-9)
    assert {state for state, *_ in found.values()} == {"compared"}
    [rare] = rows(
        scored,
        "select state, tagged_runs, base_runs, delta, delta_low, is_sure from marts.fct_run_deltas"
        " where nickname = 'delta' and config = 'rare' and category = 'total'",
    )
    assert rare == ("not_enough_runs", 1, 3, None, None, False)


def test_a_nickname_of_markup_is_escaped_wherever_it_is_shown(scored):
    for path in (scored.root / "out" / "site").rglob("*.html"):
        assert "<script>alert(1)" not in path.read_text("utf-8"), path


def test_a_rebuild_is_offline_and_the_same_to_the_byte(scored):
    def outputs():
        return {
            path.relative_to(scored.root): path.read_bytes()
            for path in sorted((scored.root / "out").rglob("*"))
            if path.is_file()
        }

    before = outputs()
    (scored.root / "warehouse" / "benchmart.duckdb").unlink()
    again = scored.benchmart("all", "--offline", "--now", NOW)
    assert again.returncode == 0, again.stderr
    after = outputs()
    assert before.keys() == after.keys()
    changed = [str(name) for name, body in before.items() if after[name] != body]
    assert changed == []


def test_a_decision_of_a_person_counts_and_every_run_that_left_has_one(scored):
    before = dict(
        rows(scored, "select run_sha256, is_ranked from marts.fct_runs where not is_sample")
    )
    shown = {name for (name,) in rows(scored, "select nickname from marts.run_scoreboard")}
    sha = dict(
        rows(
            scored,
            "select nickname, run_sha256 from marts.fct_runs where nickname in ('client', 'lab', 'errors')",
        )
    )
    refuted = rows(
        scored, "select run_sha256, score from marts.fct_runs where nickname = 'refuted'"
    )[0]
    decisions = [
        f"{sha['client']},withdraw,,,,,2026-06-12,ada,Ran with a leaked answer,ticket 1",
        f"{sha['lab']},redact,,,,,2026-06-12,ada,Asked for it,ticket 2",
        f"{refuted[0]},grade,code/0,1,true,,2026-06-12,ada,The grader misread it,ticket 3",
    ]
    seed = scored.root / "seeds/runs/run_adjudications.csv"
    empty = seed.read_text("utf-8")
    seed.write_text(empty + "\n".join(decisions) + "\n", "utf-8")
    built = scored.benchmart("score", "--now", NOW)
    assert built.returncode == 0, built.stdout + built.stderr

    after = dict(
        rows(scored, "select run_sha256, is_withdrawn from marts.fct_runs where not is_sample")
    )
    assert after.keys() == before.keys(), "no run leaves without a decision, and none is deleted"
    assert [run for run, is_withdrawn in after.items() if is_withdrawn] == [sha["client"]]
    assert rows(
        scored,
        "select withdrawn_runs, ranked_runs, score from marts.run_scoreboard where nickname = 'client'",
    ) == [(1, 0, None)]
    assert run_of(scored, "refuted")[1] > refuted[1]
    assert rows(
        scored,
        "select evidence, passed from marts.fct_run_records inner join marts.fct_runs using (submission_no)"
        " where nickname = 'refuted' and task = 'code/0'",
    ) == [("adjudication", True)]
    gone = shown - {name for (name,) in rows(scored, "select nickname from marts.run_scoreboard")}
    assert gone == {"lab"}
    hidden = rows(
        scored, f"select nickname, score from marts.fct_runs where run_sha256 = '{sha['lab']}'"
    )
    assert hidden[0][0].startswith("[redacted ") and hidden[0][1] is not None
    for (table,) in rows(
        scored, "select table_name from information_schema.tables where table_schema = 'marts'"
    ):
        told = (
            rows(scored, f"select count(*) from marts.\"{table}\" as cells where nickname = 'lab'")
            if ("nickname",)
            in rows(
                scored,
                f"select column_name from information_schema.columns where table_schema = 'marts' and table_name = '{table}'",
            )
            else [(0,)]
        )
        assert told == [(0,)], table
    assert len(rows(scored, "select * from marts.fct_run_adjudications")) == 3

    seed.write_text(empty + decisions[0].replace(sha["client"], "0" * 64) + "\n", "utf-8")
    refused = scored.benchmart("score", "--now", NOW)
    assert refused.returncode == 1
    assert (
        "run_adjudications.csv" in refused.stderr
        and "no accepted run has this hash" in refused.stderr
    )
    seed.write_text(empty, "utf-8")
    assert scored.benchmart("score", "--now", NOW).returncode == 0


def test_another_ledger_in_its_place_is_refused(scored, tmp_path):
    refused = scored.benchmart(
        "intake", str(scored.root / "samples"), "--runs", str(tmp_path / "other")
    )
    assert refused.returncode == 0, refused.stderr
    [kept, aside] = scored.root / "runs", scored.root / "runs-aside"
    kept.rename(aside)
    (tmp_path / "other").rename(kept)
    outcome = scored.benchmart("score", "--now", NOW)
    assert outcome.returncode == 1
    assert "is another ledger than the one whose runs are in the warehouse" in outcome.stderr
    kept.rename(tmp_path / "other")
    aside.rename(kept)


def tables_that_hold(database, text):
    """Tables with a cell that contains a text: bytes of a compressed file would not show it."""
    found = []
    with duckdb.connect(str(database), read_only=True) as connection:
        for schema, table in connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE'"
        ).fetchall():
            name = f'"{schema}"."{table}"'
            [count] = connection.execute(
                f"select count(*) from {name} as cells where contains(cells::varchar, ?)", [text]
            ).fetchone()
            if count:
                found.append(name)
    return found


def files_that_hold(root, text):
    skipped = {".venv", "tests", "target", "build"}
    return [
        path.relative_to(root)
        for path in root.rglob("*")
        if path.is_file()
        and path.relative_to(root).parts[0] not in skipped
        and text.encode() in path.read_bytes()
    ]


def test_no_body_is_in_the_warehouse_and_none_is_left_after_the_purge(scored):
    runs = scored.root / "runs"
    [day] = sorted((runs / "bodies").iterdir())
    kept = duckdb.sql(
        f"select count(*) from read_parquet('{day}') where contains(text, '{SENTINEL}')"
    )
    assert kept.fetchall() == [(5,)], "prompt, output, two notes and a rationale"
    scores = rows(scored, "select * from marts.fct_runs order by submission_no")
    records = rows(
        scored, "select * from marts.fct_run_records order by submission_no, task, run_no"
    )

    early = scored.benchmart("purge", "--now", at(23, days=30))
    assert "Nothing to delete" in early.stdout and day.exists()
    late = scored.benchmart("purge", "--now", at(0, days=31))
    assert str(RECEIVED_ON) in late.stdout, late.stdout + late.stderr

    assert list((runs / "bodies").iterdir()) == []
    assert files_that_hold(scored.root, SENTINEL) == []
    assert tables_that_hold(runs / "ledger.duckdb", SENTINEL) == []
    assert tables_that_hold(scored.database, SENTINEL) == []
    (scored.root / "warehouse" / "benchmart.duckdb").unlink()
    again = scored.benchmart("score", "--now", NOW)
    assert again.returncode == 0, again.stderr
    assert rows(scored, "select * from marts.fct_runs order by submission_no") == scores
    assert (
        rows(scored, "select * from marts.fct_run_records order by submission_no, task, run_no")
        == records
    )
    run_sha256 = rows(scored, "select run_sha256 from marts.fct_runs where nickname = 'secret'")[0][
        0
    ]
    replayed = scored.benchmart("replay", run_sha256[:16], "--level", "1")
    assert "expired, only the hash is left" in replayed.stdout
