"""Every way in which a payload can be broken, with the reason that a person reads."""

import json
import re

import pytest

from loaders.errors import UpstreamBroken
from tests.loaders.conftest import body_of


def cut(share):
    return lambda body: body[: int(len(body) * share)]


def swap(old, new, count=-1):
    def change(body):
        assert old in body
        return body.replace(old, new, count)

    return change


FAULTS = [
    ("openrouter", cut(0.5), "breaks off or is damaged at character"),
    ("openrouter", cut(0.99), "breaks off or is damaged at character"),
    ("openrouter", lambda body: b"", "breaks off or is damaged at character 0"),
    ("openrouter", lambda body: b"<html>busy</html>", "HTML came where JSON was expected"),
    ("openrouter", swap(b'{"data":', b'{"models":'), "the key 'data' is missing"),
    ("openrouter", lambda body: b'{"data":{}}', "'data' is not a list of rows"),
    ("openrouter", lambda body: b'{"data":[1,2]}', "'data' is not a list of rows"),
    ("openrouter", lambda body: b'{"data":[]}', "0 rows with a context length, and at least 200"),
    ("openrouter", swap(b'"id":', b'"key":'), "only 0 of 369 rows have a name and a number"),
    ("openrouter", swap(b"1048576", b"NaN", 1), "NaN stands where a number was expected"),
    ("openrouter", swap(b'"prompt":"0.00000025"', b'"prompt":"0.25"', 1), "outside -1.0 to 0.1"),
    ("openrouter", swap(b'"prompt":"0.00000025"', b'"prompt":"inf"', 1), "which is no figure"),
    ("openrouter", swap(b'"name":"', b'"name":"\xff', 1), "is not UTF-8"),
    ("artificial_analysis", swap(b'{"status":200', b'{"status":429'), "status 429 instead of 200"),
    ("artificial_analysis", cut(0.5), "breaks off or is damaged"),
    ("artificial_analysis", swap(b'"name":"', b'"title":"'), "only 0 of 513 rows have a name"),
    ("artificial_analysis", swap(b'"gpqa":0.782', b'"gpqa":78.2', 1), "gpqa is 78.2, outside 0.0"),
    ("artificial_analysis", swap(b'"hle":0.185', b'"hle":Infinity', 1), "Infinity stands where"),
    ("swebench_pro", lambda body: body[: body.index(b"<body>")], "the page streams no data"),
    ("swebench_pro", cut(0.95), "the list 'entries' breaks off"),
    ("swebench_pro", swap(b"swe_bench_pro_public", b"mcp_atlas"), "does not name the board"),
    ("swebench_pro", swap(b"<title>SWE-Bench Pro", b"<title>MCP Atlas"), "the title does not name"),
    ("swebench_pro", swap(b"entries", b"results"), "no list 'entries' with the fields"),
    ("swebench_pro", swap(b"59.1", b"591", 1), "score is 591.0, outside 0.0 to 100.0"),
    ("swebench_pro", swap(b"self.__next_f.push([1,", b"push([1,"), "the page streams no data"),
    ("bfcl", lambda body: b"<!doctype html>", "HTML came where CSV was expected"),
    ("bfcl", swap(b"Overall Acc", b"Accuracy"), "the column 'Overall Acc' is missing"),
    ("bfcl", lambda body: body.splitlines()[0], "0 rows, and at least 80 are expected"),
    ("bfcl", lambda body: b"".join(body.splitlines(True)[:60]), "59 rows, and at least 80"),
    ("bfcl", swap(b"77.47%", b"177.47%"), "Overall Acc is 177.47, outside 0.0 to 100.0"),
    ("bfcl", swap(b"77.47%", b"nan%"), "which is no figure"),
    ("bfcl", swap(b"77.47%,", b""), "has not the 36 cells of the header"),
    ("bfcl", swap(b"Rank,", b'"Rank,', 1), "is no CSV (unexpected end of data)"),
    ("bfcl", swap(b",Anthropic,", b',"Anthropic,', 1), "is no CSV (unexpected end of data)"),
    ("bfcl", lambda body: no_scores(body, 22), "only 87 of 109 rows have a name and a number"),
    ("openrouter", lambda body: b"[]", "the JSON is not an object"),
    ("openrouter", lambda body: b"[" * 100_000, "nested too deeply"),
    ("openrouter", swap(b'"prompt"', b'"input"'), "0 rows with both prices, and at least 200"),
    ("openrouter", swap(b"65536", b"1e999", 1), "1e999 stands where a number was expected"),
    ("openrouter", swap(b"1048576", b"9" * 400, 1), "context_length is too large for a number"),
    ("openrouter", swap(b'"name":"', b'"name":"\\ud800', 1), "row 0 holds half of a character"),
    ("artificial_analysis", swap(b'"evaluations"', b'"evals"'), "only 0 of 513 rows have a name"),
    ("artificial_analysis", swap(b"intelligence_index", b"index"), "only 0 of 513 rows have"),
    (
        "swebench_pro",
        swap(b'\\"model', b'\\"name'),
        "no list 'entries' with the fields model, score",
    ),
    ("swebench_pro", lambda body: b'{"entries":[]}', "the canonical link does not name the board"),
    ("mcp_atlas", swap(b"MCP Atlas", b"HiL"), "the title does not name the board 'MCP Atlas'"),
    ("hil_bench", swap(b"29.1", b"129.1", 1), "score is 129.1, outside 0.0 to 100.0"),
    ("sweatlas_qna", lambda body: body_of("sweatlas_refactoring"), "does not name the board"),
    ("sweatlas_test_writing", swap(b"entries", b"results"), "no list 'entries' with the fields"),
    ("sweatlas_refactoring", cut(0.9), "the list 'entries' breaks off"),
    ("lmarena", lambda body: b"<html>", "HTML came where JSON was expected"),
    ("lmarena", swap(b'"configs"', b'"parts"'), "the key 'configs' is missing"),
    ("lmarena", swap(b'"webdev":[{', b'"web":[{'), "'configs.webdev' is not a list of rows"),
    ("lmarena", swap(b'"partial":false', b'"partial":true', 1), "says that it is partial"),
    ("lmarena", swap(b'"row_idx":100,', b'"row_idx":0,', 1), "do not follow each other"),
    ("lmarena", swap(b'"num_rows_total":1039', b'"num_rows_total":1040', 1), "different totals"),
    ("lmarena", swap(b'"rating":', b'"elo":'), "only 0 of 347 rows have a name and a number"),
    ("lmarena", swap(b'"rating":1500', b'"rating":15000', 1), "outside 500.0 to 2500.0"),
    ("lmarena", swap(b'"rating":1500.2551859283258', b'"rating":NaN', 1), "NaN stands where"),
    ("lmarena", swap(b"2026-04-23", b"2026-04-22", 1), "mix the days 2026-04-22, 2026-04-23"),
    (
        "lmarena",
        swap(b'"category":"creative_writing"', b'"category":"math"'),
        "0 rows of the board 'creative_writing', and at least 200",
    ),
    ("swebench", swap(b'"leaderboards"', b'"boards"'), "the key 'leaderboards' is missing"),
    ("swebench", swap(b'"name":"Verified"', b'"name":"Test"'), "the board 'Verified' is missing"),
    ("swebench", swap(b'"resolved"', b'"score"'), "only 0 of 179 rows have a name and a number"),
    ("swebench", swap(b'"resolved":79.2', b'"resolved":792', 1), "resolved is 792.0, outside"),
    ("swebench", swap(b'"results"', b'"rows"'), "the key 'results' is missing"),
    (
        "swebench",
        lambda body: b'{"leaderboards":[{"name":"Verified","results":[]}]}',
        "0 rows of the board 'verified', and at least 100",
    ),
    ("swerebench", swap(b"items", b"rows"), "no list 'items' with the fields modelId"),
    ("swerebench", swap(b"rangeStats", b"stats"), "only 0 of 103 rows have a name and a number"),
    ("swerebench", swap(b"29.54", b"129.54", 1), "resolvedRate is 129.54, outside 0.0 to 100.0"),
    ("swerebench", cut(0.9), "the list 'items' breaks off"),
    ("livecodebench", swap(b'"performances"', b'"results"'), "the key 'performances' is missing"),
    ("livecodebench", swap(b'"pass@1"', b'"pass"'), "only 0 of 16 rows have a name and a number"),
    ("livecodebench", swap(b'"date_marks":[]', b'"date_marks":7'), "'date_marks' is not a list"),
    ("livecodebench", swap(b"83.2227", b"183.2227", 1), "pass@1 is 183.2227, outside"),
    ("gso", swap(b'"models"', b'"rows"'), "the key 'models' is missing"),
    ("gso", swap(b"Opt@1", b"Opt@10"), "0 rows with the setting Opt@1, and at least 15"),
    ("gso", swap(b"score_hack_control", b"score_controlled"), "only 0 of 28 rows have a name"),
    ("gso", swap(b"44.12", b"144.12", 1), "score is 144.12, outside 0.0 to 100.0"),
    ("terminal_bench", lambda body: body_of("terminal_bench_2_1"), "not that of version 2.0"),
    ("terminal_bench", swap(b"-->124<!--", b"-->125<!--"), "shows 125 entries and holds 124"),
    ("terminal_bench", swap(b"Showing", b"Hiding"), "shows no number of entries and holds 124"),
    ("terminal_bench", swap(b"0.8202247191011236", b"82.02"), "accuracy is 82.02, outside 0.0 to"),
    ("terminal_bench_2_1", swap(b"accuracy", b"score"), "only 1 of 11 rows have a name"),
    ("swerebench", swap(b"resolvedRate", b"resolved_rate"), "only 0 of 103 rows have a name and"),
    ("livecodebench", swap(b'"release_date"', b'"released"'), "only 0 of 16 rows have a name and"),
    ("livecodebench", swap(b'"model_repr":"', b'"model_repr":"x'), "only 0 of 16 rows have a name"),
    (
        "gso",
        lambda body: re.sub(rb'(score\w*)":([0-9.]+)', rb'\1":"\2%"', body),
        "only 0 of 28 rows",
    ),
    ("swebench", swap(b'"Multilingual"', b'"SWE-bench Verified"'), "'verified' stands twice"),
    (
        "terminal_bench",
        swap(b'\\"model\\":[', b'\\"model\\":\\"x\\",\\"models\\":['),
        "only 0 of 124 rows have a name and a number",
    ),
    ("sonar", swap(b'"models"', b'"rows"'), "the key 'models' is missing"),
    ("sonar", swap(b'"functionalSkill":75.37', b'"functionalSkill":753.7'), "is 753.7, outside"),
    ("sonar", swap(b'"name"', b'"title"'), "only 0 of 60 rows have a name and a number"),
    ("arc_agi", swap(b'"evaluations"', b'"results"'), "the key 'evaluations' is missing"),
    ("arc_agi", swap(b"v2_Semi_Private", b"v9"), "0 rows of v2_Semi_Private, and at least 80"),
    ("arc_agi", swap(b'"id":"claude', b'"id":"x'), "evaluations name a model of the list"),
    ("arc_agi", swap(b'"score":0.98', b'"score":98', 1), "score is 98.0, outside 0.0 to 1.0"),
]


def no_scores(body, count):
    """The first rows of the CSV file without their headline."""
    header, *rows = body.decode().splitlines(keepends=True)
    changed = [re.sub(r"^(\d+),[^,]*,", r"\1,N/A,", row) for row in rows[:count]]
    return "".join([header, *changed, *rows[count:]]).encode()


@pytest.mark.parametrize(("source_key", "change", "reason"), FAULTS)
def test_a_broken_payload_is_refused_with_its_reason(
    land_body, connection, source_key, change, reason
):
    with pytest.raises(UpstreamBroken) as refusal:
        land_body(source_key, change(body_of(source_key)))
    message = str(refusal.value)
    assert reason in message
    assert message.startswith(f"{source_key}: ") and message.count("\n") == 0
    assert connection.execute("select count(*) from raw.payloads").fetchone() == (0,)


def test_one_missing_score_is_no_fault(land_body, connection):
    body = body_of("bfcl").replace(b"77.47%", b"N/A")
    land_body("bfcl", body)
    assert connection.execute("select count(*) from raw.bfcl__rows").fetchone() == (109,)


def test_four_fifths_of_the_rows_are_enough(land_body):
    [report] = land_body("bfcl", no_scores(body_of("bfcl"), 21))
    assert report.row_count == 109


def test_routers_and_free_models_are_no_fault(land_body):
    """Both stand in the recording: price -1 and price 0."""
    body = body_of("openrouter")
    assert b'"prompt":"-1"' in body and b'"prompt":"0"' in body
    [report] = land_body("openrouter", body)
    assert report.row_count == 369


def test_an_unmeasured_speed_below_zero_is_no_fault(land_body):
    body = body_of("artificial_analysis")
    land_body("artificial_analysis", swap(b'_per_second":251.345', b'_per_second":-1', 1)(body))


def test_a_board_that_came_late_may_be_absent(land_body, connection):
    """SWE-bench had no board Multilingual before 2026, and drops bash-only at times."""
    body = body_of("swebench").replace(b'"name":"Multilingual"', b'"name":"Test"')
    [report] = land_body("swebench", body)
    assert (report.row_count, report.absent) == (225, ("multilingual",))
    counts = connection.execute(
        "select (select count(*) from raw.swebench__multilingual), (select count(*) from raw.swebench__verified)"
    ).fetchone()
    assert counts == (0, 179)


def test_the_weight_of_a_payload_is_not_landed(land_body, connection):
    """One entry a task is most of the bytes of SWE-bench, and no board shows it."""
    body = body_of("swebench").replace(
        b'"warning":null', b'"warning":null,"per_instance_details":{"a__b-1":{"resolved":true}}'
    )
    land_body("swebench", body)
    assert connection.execute(
        "select count(*) from raw.swebench__verified where payload::varchar like '%per_instance%'"
    ).fetchone() == (0,)


def test_the_registry_form_of_sonar_is_read_like_the_flat_one(land_body, connection):
    entry = {
        "disabled": False,
        "meta": {"name": "Alpha High", "organization": "Alpha"},
        "files": {"python": {"metrics": "p.json"}, "java": {"metrics": "j.json"}},
    }
    figures = {"passing_tests_pct": 78.5, "issues_per_kloc": 18, "bugs_per_kloc": 0}
    files = {
        "j.json": {"models": {"Alpha High": {"metrics": figures}}},
        "p.json": {"models": {"Alpha High": {"metrics": {"passing_tests_pct": 1}}}},
    }
    registry = {f"alpha-{index}": entry for index in range(40)}
    land_body("sonar", json.dumps({"registry": registry, "files": files}).encode())
    row = connection.execute("select payload::varchar from raw.sonar__models limit 1").fetchone()
    assert json.loads(row[0]) == {
        "id": "alpha-0",
        "name": "Alpha High",
        "organization": "Alpha",
        "disabled": False,
        "metrics": figures,
    }
