"""Which importer a path gets, and what is said of one that gets none."""

import csv
import json
import os
import re
import shutil

import pytest

from loaders.runs.importers import IMPORTERS, Given, find_importer
from loaders.runs.importers.foreign import TASK_KINDS, kind_of, names_of
from tests.runs.importers.conftest import (
    EEE_SUMS,
    EXACT_DEFLATE,
    EXACT_JSON,
    EXACT_ZSTD,
    JOB,
    LM_EVAL,
    importer_of,
    refused,
    run_of,
)

BY_CONTENT = [
    (EEE_SUMS, "every_eval_ever"),
    (EXACT_JSON, "inspect"),
    (EXACT_ZSTD, "inspect"),
    (EXACT_DEFLATE, "inspect"),
    (LM_EVAL, "lm_eval"),
    (JOB, "harbor"),
]
NOBODY = Given(nickname="ada")


@pytest.mark.parametrize(("path", "name"), BY_CONTENT, ids=lambda each: str(each)[-12:])
def test_a_format_is_known_by_its_content_whatever_the_name(tmp_path, path, name):
    other = tmp_path / "thing.txt"
    if path.is_dir():
        shutil.copytree(path, other)
    else:
        shutil.copy(path, other)
    assert importer_of(other) == name
    assert sum(each.recognises(other) for each in IMPORTERS) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "breaks off or is damaged"),
        (b"{}", "the JSON has no format"),
        (b'{"format": "benchmart-run/1"}', "the JSON has no format"),
        (b"[1]", "Expected `object`, got `array`"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"PK\x03\x04", "breaks off or is damaged"),
        (b'{"version": 2, "status": NaN, "eval": {}}', "NaN stands where a number was expected"),
    ],
)
def test_what_no_importer_knows_is_refused_with_the_known_formats(tmp_path, body, reason):
    path = tmp_path / "results.json"
    path.write_bytes(body)
    message = refused(path)
    assert message.startswith(f"{path}: ") and reason in message
    for importer in IMPORTERS:
        assert f"{importer.title} ({importer.versions})" in message


def test_paths_that_are_no_files_are_refused(tmp_path):
    assert "it does not exist" in refused(tmp_path / "nothing")
    assert "the folder has no format" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "it is no regular file" in refused(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    refused(tmp_path / "circle")
    assert "it does not exist" in refused(tmp_path / ("n" * 5000))


def test_every_importer_has_a_name_of_its_own():
    assert len({importer.name for importer in IMPORTERS}) == len(IMPORTERS) == 4
    assert find_importer(JOB) is next(each for each in IMPORTERS if each.name == "harbor")


@pytest.mark.parametrize(
    ("importer", "names", "kind"),
    [
        (
            "inspect",
            ["openai_humaneval/HumanEval/3", "humaneval", "openai/humaneval"],
            ("code", "easy"),
        ),
        ("lm_eval", ["gsm8k"], ("reason", "easy")),
        ("lm_eval", ["GSM8K"], ("reason", "easy")),
        ("lm_eval", ["gsm8k/12"], ("reason", "easy")),
        ("lm_eval", ["mmlu_anatomy"], ("reason", "medium")),
        ("lm_eval", ["mmlu_pro_law"], ("reason", "hard")),
        ("lm_eval", ["leaderboard_ifeval"], ("write", "medium")),
        ("inspect", ["princeton-nlp/SWE-bench_Verified"], ("code", "hard")),
        ("harbor", ["terminal-bench/fix-git"], ("tool_use", "hard")),
        ("every_eval_ever", ["bfcl_v3/x"], ("tool_use", "medium")),
        ("inspect", ["gpqa_diamond"], ("reason", "hard")),
        ("inspect", ["bigcodebench-hard"], ("code", "hard")),
        ("inspect", ["bigcodebench"], ("code", "medium")),
        ("inspect", ["math"], ("reason", "medium")),
    ],
)
def test_the_seed_says_the_kind_of_well_known_tasks(tmp_path, importer, names, kind):
    assert kind_of(NOBODY, importer, names_of(*names), tmp_path) == kind


@pytest.mark.parametrize(
    ("importer", "name"),
    [
        ("inspect", "gsm"),
        ("inspect", "not-gsm8k-at-all"),
        ("inspect", "leaderboard_ifeval"),
        ("lm_eval", "mathematics"),
    ],
)
def test_a_pattern_matches_whole_names_and_its_own_importer(tmp_path, importer, name):
    with pytest.raises(Exception, match=re.escape(repr(name))):
        kind_of(NOBODY, importer, names_of(name), tmp_path)


def test_a_task_of_no_known_kind_is_refused_with_both_remedies():
    message = refused(EXACT_JSON, NOBODY)
    assert "'tiny-sums/add-1'" in message
    assert "--category and --difficulty" in message
    assert "seeds/runs/run_imported_tasks.csv" in message
    refused(EXACT_JSON, Given(nickname="ada", category="code"))


def test_one_half_that_is_given_leaves_the_other_to_the_seed(tmp_path):
    given = Given(nickname="ada", difficulty="hard")
    assert kind_of(given, "lm_eval", ["gsm8k"], tmp_path) == ("reason", "hard")
    given = Given(nickname="ada", category="write")
    assert kind_of(given, "lm_eval", ["gsm8k"], tmp_path) == ("write", "easy")


def test_every_row_of_the_seed_is_complete_and_of_use():
    with TASK_KINDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["importer", "pattern", "category", "difficulty", "rationale"]
    assert len(rows) > 20
    for row in rows:
        assert row["importer"] in {"", *(each.name for each in IMPORTERS)}
        assert row["category"] in ("code", "reason", "write", "tool_use", "rag")
        assert row["difficulty"] in ("easy", "medium", "hard")
        assert len(row["rationale"]) > 15 and None not in row
        re.compile(row["pattern"])
    patterns = [(row["importer"], row["pattern"]) for row in rows]
    assert len(set(patterns)) == len(patterns)


def test_what_a_document_cannot_hold_is_refused(tmp_path):
    for given in (
        Given(nickname="n" * 41, category="code", difficulty="easy"),
        Given(nickname="a\nb", category="code", difficulty="easy"),
        Given(nickname="ada", model="m" * 201, category="code", difficulty="easy"),
    ):
        assert "at `$." in refused(EXACT_JSON, given)


def test_what_was_read_is_a_document_that_can_be_read_again():
    import msgspec

    for path in (EXACT_JSON, EXACT_DEFLATE, LM_EVAL, EEE_SUMS):
        run = run_of(path)
        body = msgspec.json.encode(run)
        assert msgspec.json.decode(body, type=type(run)) == run
        assert "null" not in json.dumps(msgspec.to_builtins(run))
