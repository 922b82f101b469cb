"""The decoder of streamed pages, on boundaries, references and neighbours."""

import json

import pytest

from loaders.rsc import array_after, stream_of

ROWS = [{"model": 'a "quoted" <b>\n', "score": 1.5}, {"model": "b", "score": "$undefined"}]
STREAM = (
    '1:I["not json"]\n2:{"entries":[],"x":{"entries":[{"other":1}],"y":{"entries":'
    + json.dumps(ROWS)
    + "}}}"
)


def page(*parts: str) -> str:
    pushes = "".join(
        f"<script>self.__next_f.push([1,{json.dumps(part)}])</script>" for part in parts
    )
    return f"<html><script>self.__next_f.push([0])</script>{pushes}</html>"


@pytest.mark.parametrize("cut", range(1, len(STREAM), 7))
def test_a_push_may_end_anywhere(cut):
    stream = stream_of(page(STREAM[:cut], STREAM[cut:]))
    assert array_after(stream, "entries", frozenset({"model", "score"})) == [
        {"model": 'a "quoted" <b>\n', "score": 1.5},
        {"model": "b", "score": None},
    ]


def test_escaped_signs_of_a_real_page_are_read():
    entry = r"{\"model\":\"a \u0026 \u003cb\u003e\",\"score\":1}"
    text = rf'self.__next_f.push([1,"\"entries\":[{entry}]"])'
    assert array_after(stream_of(text), "entries", frozenset({"model"})) == [
        {"model": "a & <b>", "score": 1}
    ]


def test_a_push_may_end_between_the_halves_of_a_character():
    halves = (r'"a \ud83d"', r'"\ude00 b"')
    text = "".join(f"self.__next_f.push([1,{half}])" for half in halves)
    assert stream_of(text) == "a \N{GRINNING FACE} b"


def test_a_page_without_pushes_is_named():
    with pytest.raises(ValueError, match="streams no data"):
        stream_of("<html></html>")


def test_a_list_that_breaks_off_is_named():
    with pytest.raises(ValueError, match="breaks off"):
        array_after('"entries":[{"model":"a"', "entries", frozenset({"model"}))


def test_a_damaged_list_does_not_hide_a_whole_one():
    stream = '4:"entries":[x]\n5:{"entries":[{"model":"a"}]}'
    assert array_after(stream, "entries", frozenset({"model"})) == [{"model": "a"}]


def test_references_are_no_data_and_a_doubled_dollar_sign_is():
    stream = '"entries":[{"model":"$$a","score":["$L6",{"x":"$undefined"},"b$"]}]'
    assert array_after(stream, "entries", frozenset({"model"})) == [
        {"model": "$a", "score": [None, {"x": None}, "b$"]}
    ]


def test_numbers_that_are_none_are_refused():
    for text in ("NaN", "-Infinity", "1e999"):
        with pytest.raises(ValueError, match=f"^{text} stands where a number"):
            array_after(f'"entries":[{{"model":"a","score":{text}}}]', "entries", frozenset())


def test_a_huge_page_without_an_end_is_read_in_linear_time():
    body = 'self.__next_f.push([1,"' + "\\\\" * 500_000
    with pytest.raises(ValueError, match="streams no data"):
        stream_of(body)
