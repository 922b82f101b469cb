"""lm-evaluation-harness, against the figures in its own results."""

import json

import pytest

from loaders.runs.shapes import ExactMatch, Harness, PackStamp, Run, TaskResult
from tests.runs.importers.conftest import (
    LM_EVAL,
    changed,
    digest,
    importer_of,
    json_lines,
    moment,
    refused,
    run_of,
    write_lines,
)


def samples_of(path, task):
    return path.with_name(path.name.replace("results_", f"samples_{task}_") + "l")


def docs_of(task):
    return sorted(
        [str(row["doc_id"]), row["doc_hash"]] for row in json_lines(samples_of(LM_EVAL, task))
    )


def with_samples(path, task, change):
    """Change every row of a task's samples."""
    samples = samples_of(path, task)
    rows = json_lines(samples)
    for row in rows:
        change(row)
    write_lines(samples, rows)
    return path


def choice(number, prompt, passed):
    return TaskResult(
        task=f"tiny_choice/{number}",
        category="reason",
        difficulty="easy",
        grading="deterministic",
        passed=passed,
        grader_name="lm_eval/acc",
        grade_note="acc counts; also measured: acc_norm",
        prompt=prompt,
    )


def total(number, term, output, expected):
    return TaskResult(
        task=f"tiny_sums/{number}",
        category="reason",
        difficulty="easy",
        grading="deterministic",
        passed=output == expected,
        grader=ExactMatch(expected=[expected]),
        grader_name="lm_eval/exact_match",
        prompt=f"Question: What is {term} + {term}?\nAnswer:",
        output=output,
    )


def test_results_of_several_tasks_are_one_run():
    assert importer_of(LM_EVAL) == "lm_eval"
    assert run_of(LM_EVAL) == Run(
        format="benchmart-run/1",
        nickname="ada",
        model="acme/fixed-1",
        started_at=moment("2026-11-21T22:40:19.605940Z"),
        harness=Harness(name="lm_eval", version="0.4.13"),
        pack=PackStamp(
            pack="lm_eval:tiny_choice+tiny_sums",
            sha256=digest(
                {
                    "tasks": {
                        "tiny_choice": {"docs": docs_of("tiny_choice"), "version": "2.0"},
                        "tiny_sums": {"docs": docs_of("tiny_sums"), "version": "1.0"},
                    }
                }
            ),
        ),
        tasks=[
            choice(0, "The sky is", True),
            choice(1, "Grass is", False),
            choice(2, "Snow is", False),
            total(0, 2, "4", "4"),
            total(1, 3, "7", "6"),
            total(2, 4, "8", "8"),
            total(3, 5, "10", "10"),
        ],
    )


@pytest.mark.parametrize(("task", "key"), [("tiny_sums", "exact_match"), ("tiny_choice", "acc")])
def test_shares_are_those_that_the_harness_reports(task, key):
    tasks = [each for each in run_of(LM_EVAL).tasks if each.task.startswith(f"{task}/")]
    reported = json.loads(LM_EVAL.read_text("utf-8"))["results"][task]
    assert sum(each.passed for each in tasks) / len(tasks) == reported[f"{key},none"]
    assert len(tasks) == reported["sample_len"]


def test_of_several_filters_the_first_of_the_task_counts(harness):
    samples = samples_of(harness, "tiny_sums")
    rows = json_lines(samples)
    loose = [{**row, "filter": "loose", "exact_match": 1.0} for row in rows]
    strict = [{**row, "filter": "strict", "filtered_resps": ["x"]} for row in rows]
    write_lines(samples, loose + strict)
    filters = [{"name": "strict"}, {"name": "loose"}]
    changed(
        harness, harness.parent, lambda it: it["configs"]["tiny_sums"].update(filter_list=filters)
    )
    tasks = run_of(harness).tasks[3:]
    assert [each.passed for each in tasks] == [True, False, True, True]
    # What a filter took out of an answer is not the answer, so nothing can be graded again.
    assert {(each.grader_name, each.grader) for each in tasks} == {
        ("lm_eval/exact_match,strict", None)
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["configs"]["tiny_sums"]["metric_list"][0].update(ignore_case=True),
        lambda it: it["configs"]["tiny_sums"].update(output_type="multiple_choice"),
    ],
)
def test_a_rule_that_ours_does_not_share_gets_no_grader(harness, change):
    changed(harness, harness.parent, change)
    assert {each.grader for each in run_of(harness).tasks} == {None}


def test_space_that_the_harness_counts_as_wrong_gets_no_grader(harness):
    def spaced(row):
        row["resps"], row["filtered_resps"] = [[" 4"]], [" 4"]

    with_samples(harness, "tiny_sums", spaced)
    assert {each.grader for each in run_of(harness).tasks} == {None}


def test_parts_of_a_known_scale_are_scores_and_others_are_refused(harness):
    with_samples(harness, "tiny_choice", lambda row: row.update(acc=0.5))
    assert [each.score for each in run_of(harness).tasks[:3]] == [5.0, 5.0, 5.0]

    def bleu(row):
        row["metrics"], row["bleu"] = ["bleu"], 0.5

    with_samples(harness, "tiny_choice", bleu)
    assert "nothing says on which scale 'tiny_choice/bleu' scores" in refused(harness)


def test_a_metric_of_which_less_is_better_is_refused(harness):
    changed(
        harness,
        harness.parent,
        lambda it: it["higher_is_better"]["tiny_sums"].update(exact_match=False),
    )
    assert "less is better of 'exact_match'" in refused(harness)


def test_a_metric_that_is_no_number_is_refused_and_one_that_is_missing_is_an_error(harness):
    with_samples(harness, "tiny_sums", lambda row: row.pop("exact_match"))
    missing = run_of(harness).tasks[3]
    assert (missing.passed, missing.error) == (None, "no exact_match is recorded")
    with_samples(harness, "tiny_sums", lambda row: row.update(exact_match=[1, 2]))
    assert "'exact_match' of 'tiny_sums' is [1, 2] and no number" in refused(harness)


@pytest.mark.parametrize("version", ["0.3.0", "0.5.0", "1.0", ""])
def test_another_version_is_refused_by_name(harness, version):
    changed(harness, harness.parent, lambda it: it.update(lm_eval_version=version))
    assert f"the lm_eval_version is {version!r}; known is '0.4.*'" in refused(harness)


def test_results_without_their_samples_are_refused(harness):
    samples_of(harness, "tiny_sums").unlink()
    message = refused(harness)
    assert "samples_tiny_sums_" in message and "--log_samples" in message


def test_samples_that_are_not_whole_are_refused(harness):
    samples = samples_of(harness, "tiny_sums")
    write_lines(samples, json_lines(samples)[:3])
    assert "it has 3 samples, and the results say 4" in refused(harness)


def test_another_document_is_another_pack(harness):
    before = run_of(harness).pack
    with_samples(harness, "tiny_sums", lambda row: row.update(doc_hash="00"))
    assert run_of(harness).pack.sha256 != before.sha256


def test_a_model_that_is_not_named_must_be_said(harness):
    changed(harness, harness.parent, lambda it: it.pop("model_name"))
    assert "Say it with --model" in refused(harness)


@pytest.mark.parametrize("task", ["../../secret", "a/b", "a\\b", ""])
def test_a_task_is_no_way_out_of_the_folder(harness, task):
    def rename(results):
        results["n-samples"][task] = results["n-samples"].pop("tiny_sums")

    changed(harness, harness.parent, rename)
    assert "is none of the harness" in refused(harness)


def test_samples_that_are_a_link_out_of_the_folder_are_refused(harness, tmp_path):
    samples = samples_of(harness, "tiny_sums")
    samples.rename(tmp_path / "outside")
    samples.symlink_to(tmp_path / "outside")
    assert "leads out of its folder" in refused(harness)


def test_numbers_and_names_beyond_any_machine_are_refused(harness):
    with_samples(harness, "tiny_sums", lambda row: row.update(exact_match=10**400))
    assert "'exact_match' of 'tiny_sums' is larger than any number" in refused(harness)

    def rename(results):
        results["n-samples"]["n" * 5000] = results["n-samples"].pop("tiny_choice")

    changed(harness, harness.parent, rename)
    assert "samples_nnnnn" in refused(harness)
