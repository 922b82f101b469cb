"""Inspect logs, against what Inspect itself says of them."""

import json
import zipfile
from importlib.util import find_spec

import pytest

from loaders.runs.importers import inspect_log
from loaders.runs.shapes import ExactMatch, Harness, NumberMatch, PackStamp, Run, TaskResult
from tests.runs.importers.conftest import (
    EXACT_DEFLATE,
    EXACT_JSON,
    EXACT_ZSTD,
    GIVEN,
    JUDGED_JSON,
    MATCH_JSON,
    changed,
    digest,
    importer_of,
    moment,
    refused,
    run_of,
)

HAS_INSPECT = find_spec("inspect_ai") is not None


def metric_of(path, name):
    [score] = json.loads(path.read_text("utf-8"))["results"]["scores"]
    return score["metrics"][name]["value"]


def result(task, **fields):
    return TaskResult(
        task=task,
        category="reason",
        difficulty="easy",
        **{"grading": "deterministic", **fields},
    )


def test_a_log_with_errors_and_epochs_is_read_whole():
    used = {"input_tokens": 11, "output_tokens": 3, "grader_name": "inspect_ai/exact"}
    add_1 = {"prompt": "What is 2 + 2?", "output": "4", "passed": True, **used}
    add_2 = {"prompt": "What is 3 + 3?", **used}
    add_3 = {
        "prompt": "What is 4 + 4? (broken)",
        "error": "ValueError('the sandbox went away')",
        "grader_name": "inspect_ai/exact",
    }
    assert run_of(EXACT_JSON) == Run(
        format="benchmart-run/1",
        nickname="ada",
        model="mockllm/acme/fixed-1",
        started_at=moment("2026-11-21T22:44:13Z"),
        finished_at=moment("2026-11-21T22:44:13Z"),
        harness=Harness(name="inspect_ai", version="0.3.285"),
        pack=PackStamp(
            pack="inspect:tiny-sums",
            sha256=digest(
                {
                    "dataset": "tiny-sums",
                    "tasks": ["tiny-sums/add-1", "tiny-sums/add-2", "tiny-sums/add-3"],
                    "version": "3",
                }
            ),
        ),
        tasks=[
            result("tiny-sums/add-1", run_no=1, duration_s=0.264, **add_1),
            result(
                "tiny-sums/add-2", run_no=1, duration_s=0.004, output="7", passed=False, **add_2
            ),
            result("tiny-sums/add-3", run_no=1, duration_s=0.03, **add_3),
            result("tiny-sums/add-1", run_no=2, duration_s=0.005, **add_1),
            result("tiny-sums/add-2", run_no=2, duration_s=0.004, output="6", passed=True, **add_2),
            result("tiny-sums/add-3", run_no=2, duration_s=0.004, **add_3),
        ],
    )


def test_the_zip_says_what_the_json_says():
    assert importer_of(EXACT_DEFLATE) == "inspect"
    assert run_of(EXACT_DEFLATE) == run_of(EXACT_JSON)


@pytest.mark.skipif(not HAS_INSPECT, reason="inspect_ai is not installed here")
def test_zstandard_is_read_with_inspect():
    assert run_of(EXACT_ZSTD) == run_of(EXACT_JSON)


@pytest.mark.skipif(HAS_INSPECT, reason="inspect_ai is installed here")
def test_zstandard_without_inspect_is_refused_with_both_remedies():
    assert importer_of(EXACT_ZSTD) == "inspect"
    message = refused(EXACT_ZSTD)
    assert "Install inspect_ai" in message and "inspect log convert --to json" in message


def test_shares_are_those_that_inspect_reports():
    scored = [each for each in run_of(EXACT_JSON).tasks if each.error is None]
    # Inspect's figure leaves out what went wrong; ours keeps it in the denominator.
    assert sum(each.passed for each in scored) / len(scored) == metric_of(EXACT_JSON, "mean")
    assert len(scored) == 4 and len(run_of(EXACT_JSON).tasks) == 6
    matched = run_of(MATCH_JSON).tasks
    assert sum(each.passed for each in matched) / 2 == metric_of(MATCH_JSON, "accuracy")
    judged = run_of(JUDGED_JSON).tasks
    assert sum(each.score for each in judged) / 20 == metric_of(JUDGED_JSON, "accuracy")


def test_a_model_that_grades_gives_scores_and_no_passes():
    assert [
        (each.grading, each.passed, each.score, each.grader_name, each.grader)
        for each in run_of(JUDGED_JSON).tasks
    ] == [
        ("judged", None, 10.0, "inspect_ai/model_graded_qa", None),
        ("judged", None, 5.0, "inspect_ai/model_graded_qa", None),
    ]


def test_a_model_that_grades_is_a_judge_even_where_it_says_right_and_wrong(tmp_path):
    def change(log):
        log["samples"][1]["scores"]["model_graded_qa"]["value"] = "I"

    graded = run_of(changed(JUDGED_JSON, tmp_path, change)).tasks
    assert [(each.grading, each.score) for each in graded] == [("judged", 10.0), ("judged", 0.0)]


def test_a_scorer_that_is_one_of_our_graders_can_be_rechecked():
    assert [each.grader for each in run_of(MATCH_JSON).tasks] == [
        NumberMatch(expected=4.0),
        NumberMatch(expected=6.0),
    ]


@pytest.mark.parametrize(
    ("options", "output", "target", "grader"),
    [
        ({"numeric": True}, "It is 4", "4", NumberMatch(expected=4.0)),
        ({"numeric": True}, "-2.5", "-2.5", NumberMatch(expected=-2.5)),
        # Inspect compares five digits, takes whole words only, and passes over signs of money.
        ({"numeric": True}, "123456", "123457", None),
        ({"numeric": True}, "12345", "123457", None),
        ({"numeric": True}, "It is x=4", "4", None),
        ({"numeric": True}, "4, I think", "4", None),
        ({"numeric": True}, "$4", "4", None),
        ({"numeric": True}, "4", ["4", "5"], None),
        ({"numeric": True, "location": "any"}, "4", "4", None),
        ({"location": "exact"}, "Four", "four", ExactMatch(expected=["four"], ignores_case=True)),
        (
            {"location": "exact", "ignore_case": False},
            "four",
            "four",
            ExactMatch(expected=["four"]),
        ),
        ({"location": "exact"}, "four.", "four", None),
        ({"location": "exact"}, "four", "four!", None),
        ({"location": "end"}, "four", "four", None),
    ],
)
def test_a_grader_is_set_only_where_both_rules_mean_the_same(
    tmp_path, options, output, target, grader
):
    def change(log):
        log["eval"]["scorers"][0]["options"] = options
        sample = log["samples"][0]
        sample["output"]["completion"], sample["target"] = output, target

    assert run_of(changed(MATCH_JSON, tmp_path, change)).tasks[0].grader == grader


def test_what_a_broken_off_run_never_came_to_stays_in_the_denominator(tmp_path):
    def change(log):
        log["status"], log["error"] = "error", {"message": "disk full"}
        del log["samples"][3:]

    run = run_of(changed(EXACT_JSON, tmp_path, change))
    assert run.pack == run_of(EXACT_JSON).pack
    assert [(each.task, each.run_no, each.passed, each.error) for each in run.tasks[3:]] == [
        (
            f"tiny-sums/add-{number}",
            2,
            None,
            "not run: the log ended with status 'error': disk full",
        )
        for number in (1, 2, 3)
    ]


def test_a_sample_without_a_score_is_an_error_and_no_zero(tmp_path):
    def change(log):
        log["samples"][0]["scores"] = {}

    first = run_of(changed(EXACT_JSON, tmp_path, change)).tasks[0]
    assert (first.passed, first.score, first.error) == (None, None, "no score is recorded of exact")


def test_tokens_of_a_cache_are_input_and_those_of_a_judge_are_not(tmp_path):
    def change(log):
        usage = log["samples"][0]["model_usage"]
        usage["mockllm/acme/fixed-1"] |= {
            "input_tokens_cache_read": 100,
            "input_tokens_cache_write": 1000,
            "total_cost": 0.5,
        }

    first = run_of(changed(JUDGED_JSON, tmp_path, change)).tasks[0]
    assert (first.input_tokens, first.output_tokens, first.cost_usd) == (1111, 3, 0.5)


def test_fractions_are_scores_and_what_is_outside_zero_to_one_is_refused(tmp_path):
    def change(value):
        def with_value(log):
            log["samples"][0]["scores"]["match"]["value"] = value

        return changed(MATCH_JSON, tmp_path, with_value)

    assert [(each.grading, each.score) for each in run_of(change(0.25)).tasks] == [
        ("judged", 2.5),
        ("judged", 0.0),
    ]
    assert "'match' gave 7.0, which is not from 0.0 to 1.0" in refused(change(7))
    assert "the score of sample 'add-1' is 'A'" in refused(change("A"))
    assert "the score of sample 'add-1' is [1]" in refused(change([1]))


def test_of_several_scorers_the_headline_counts(tmp_path):
    def change(log):
        log["results"]["headline"] = {"scorer": "both", "score": "b", "metric": "accuracy"}
        for sample in log["samples"]:
            sample["scores"]["both"] = {"value": {"a": 1, "b": 0}}

    run = run_of(changed(MATCH_JSON, tmp_path, change))
    assert {(each.passed, each.grader_name) for each in run.tasks} == {(False, "inspect_ai/both")}


def test_messages_are_read_as_their_texts(tmp_path):
    def change(log):
        log["samples"][0]["input"] = [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": [{"type": "text", "text": "2 + 2?"}, {"type": "image"}]},
        ]

    run = run_of(changed(MATCH_JSON, tmp_path, change))
    assert run.tasks[0].prompt == "Be short.\n\n2 + 2?"


@pytest.mark.parametrize("version", [1, 3, 0])
def test_another_version_is_refused_by_name(tmp_path, version):
    path = changed(EXACT_JSON, tmp_path, lambda log: log.update(version=version))
    message = refused(path)
    assert f"is {version}; known is 2" in message and str(path) in message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "started"}, "never finished"),
        ({"status": "paused"}, "the status of the Inspect log is 'paused'"),
        ({"invalidated": True}, "declared invalid"),
        ({"samples": None}, "it holds no samples"),
        ({"samples": []}, "it holds no task"),
    ],
)
def test_a_log_that_is_no_whole_run_is_refused(tmp_path, change, reason):
    assert reason in refused(changed(EXACT_JSON, tmp_path, lambda log: log.update(change)))


def test_a_broken_off_log_that_does_not_list_its_samples_is_refused(tmp_path):
    def change(log):
        log["status"] = "cancelled"
        del log["eval"]["dataset"]["sample_ids"]

    assert "does not list its samples" in refused(changed(EXACT_JSON, tmp_path, change))


def test_a_sample_that_is_there_twice_is_refused(tmp_path):
    def change(log):
        log["samples"].append(log["samples"][0])

    assert "it has run 1 of the task 'tiny-sums/add-1' twice" in refused(
        changed(EXACT_JSON, tmp_path, change)
    )


def test_a_zip_that_was_only_started_is_refused(tmp_path):
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inspect_log.START, '{"version": 2}')
    assert "it has a start and no end" in refused(path)


def test_given_values_have_precedence():
    given = {"nickname": "bo", "model": "acme/own", "config_tag": "fast", "category": "code"}
    run = run_of(EXACT_JSON, type(GIVEN)(**given, difficulty="hard"))
    assert (run.nickname, run.model, run.config_tag) == ("bo", "acme/own", "fast")
    assert {(each.category, each.difficulty) for each in run.tasks} == {("code", "hard")}


def test_a_score_beside_an_error_does_not_count(tmp_path):
    def change(log):
        log["samples"][0]["error"] = {"message": "late"}

    first = run_of(changed(EXACT_JSON, tmp_path, change)).tasks[0]
    assert (first.passed, first.error, first.output) == (None, "late", "4")


def test_the_start_is_that_of_the_statistics_and_else_of_the_log(tmp_path):
    def change(log):
        log["stats"] = {"started_at": "2026-11-21T20:00:00+00:00", "completed_at": ""}

    run = run_of(changed(EXACT_JSON, tmp_path, change))
    assert (run.started_at, run.finished_at) == (moment("2026-11-21T20:00:00Z"), None)
    run = run_of(changed(EXACT_JSON, tmp_path, lambda log: log.pop("stats")))
    assert run.started_at == moment("2026-11-21T22:44:13Z")
