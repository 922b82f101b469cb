"""Every way in which a payload can be broken, with the reason that a person reads."""

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
