"""Every Eval Ever, against the scores of its aggregates and against the logs behind them."""

import json

import pytest

from loaders.runs.shapes import Harness, PackStamp, Run, TaskResult
from tests.runs.importers.conftest import (
    EEE_CHOICE,
    EEE_JUDGED,
    EEE_REPEATED,
    EEE_SUMS,
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


def samples_of(path):
    return path.with_name(f"{path.stem}_samples.jsonl")


def with_samples(path, change):
    rows = json_lines(samples_of(path))
    for row in rows:
        change(row)
    write_lines(samples_of(path), rows)
    return path


def test_of_several_metrics_the_first_of_the_aggregate_counts():
    assert importer_of(EEE_CHOICE) == "every_eval_ever"

    def result(number, prompt, output, passed):
        return TaskResult(
            task=f"tiny_choice/{number}",
            category="reason",
            difficulty="easy",
            grading="deterministic",
            passed=passed,
            grader_name="every_eval_ever/acc",
            prompt=prompt,
            output=output,
        )

    assert run_of(EEE_CHOICE) == Run(
        format="benchmart-run/1",
        nickname="ada",
        model="acme/fixed-1",
        started_at=moment("2026-11-21T22:40:19Z"),
        harness=Harness(name="lm_eval", version="0.4.13"),
        pack=PackStamp(
            pack="eee:tiny_choice",
            sha256=digest(
                {
                    "datasets": ["tiny_choice"],
                    "tasks": sorted(
                        ["tiny_choice", row["sample_id"], row["sample_hash"]]
                        for row in json_lines(samples_of(EEE_CHOICE))[::2]
                    ),
                }
            ),
        ),
        tasks=[
            result(0, "The sky is", "blue", True),
            result(1, "Grass is", "blue", False),
            result(2, "Snow is", "black", False),
        ],
    )


@pytest.mark.parametrize("path", [EEE_CHOICE, EEE_SUMS])
def test_shares_are_those_of_the_aggregate_and_of_the_log_behind_it(path):
    tasks = run_of(path).tasks
    [stated, *_] = json.loads(path.read_text("utf-8"))["evaluation_results"]
    assert sum(each.passed for each in tasks) / len(tasks) == stated["score_details"]["score"]
    behind = {each.task: each.passed for each in run_of(LM_EVAL).tasks}
    assert {each.task: each.passed for each in tasks}.items() <= behind.items()


def test_parts_of_stated_bounds_are_scores():
    run = run_of(EEE_JUDGED)
    assert [(each.grading, each.passed, each.score) for each in run.tasks] == [
        ("judged", None, 10.0),
        ("judged", None, 5.0),
    ]
    assert run.harness == Harness(name="inspect", version="inspect_ai:0.3.285")
    # Total time, of which the converter calls the waiting latency.
    assert [each.duration_s for each in run.tasks] == [0.015, 0.009]
    assert [(each.input_tokens, each.output_tokens) for each in run.tasks] == [(11, 3), (11, 3)]


def test_bounds_are_what_a_score_is_scaled_by(eee):
    path = eee(EEE_JUDGED)

    def bounds(aggregate):
        aggregate["evaluation_results"][0]["metric_config"] |= {"min_score": -1, "max_score": 3}

    changed(path, path.parent, bounds)
    assert [each.score for each in run_of(path).tasks] == [5.0, 3.75]


@pytest.mark.parametrize("bounds", [(None, None), (0, "Infinity"), (1, 1), (2, 1), (-1e308, 1e308)])
def test_a_scale_without_known_ends_is_refused(eee, bounds):
    path = eee(EEE_JUDGED)

    def change(aggregate):
        metric = aggregate["evaluation_results"][0]["metric_config"]
        metric["min_score"], metric["max_score"] = bounds

    changed(path, path.parent, change)
    assert "nothing says on which scale 'model_graded_qa:accuracy' scores" in refused(path)


def test_means_over_epochs_are_refused(eee):
    assert "nothing says on which scale 'exact:mean' scores" in refused(EEE_REPEATED)
    path = eee(EEE_REPEATED)

    def bounds(aggregate):
        aggregate["evaluation_results"][0]["metric_config"] |= {"min_score": 0, "max_score": 1}

    changed(path, path.parent, bounds)
    assert "each row has the mean of them all" in refused(path)


def test_an_errored_row_stays_and_repeated_ones_are_numbered(eee):
    path = eee(EEE_REPEATED)

    def right(row):
        row["evaluation"] = {"score": 1.0, "is_correct": True}

    tasks = run_of(with_samples(path, right)).tasks
    error = "ValueError('the sandbox went away')\n(removed)"
    assert [(each.task, each.run_no, each.passed, each.error) for each in tasks] == [
        ("tiny_exact/add-1", 1, True, None),
        ("tiny_exact/add-2", 1, True, None),
        ("tiny_exact/add-3", 1, None, error),
        ("tiny_exact/add-1", 2, True, None),
        ("tiny_exact/add-2", 2, True, None),
        ("tiny_exact/add-3", 2, None, error),
    ]


def test_filters_of_one_sample_do_not_count_twice(eee):
    path = eee(EEE_CHOICE)

    def filtered(row):
        row["evaluation_name"] = f"tiny_choice/{row['evaluation_result_id']}"

    assert [each.task for each in run_of(with_samples(path, filtered)).tasks] == [
        f"tiny_choice/acc/{number}" for number in range(3)
    ]


def test_a_score_that_contradicts_its_verdict_is_refused(eee):
    path = with_samples(eee(EEE_SUMS), lambda row: row["evaluation"].update(is_correct=True))
    assert "sample '1' has score 0.0 and is_correct True" in refused(path)


def test_a_metric_with_judges_is_judged(eee):
    path = eee(EEE_SUMS)

    def judged(aggregate):
        metric = aggregate["evaluation_results"][0]["metric_config"]
        metric["llm_scoring"] = {"judges": [], "input_prompt": "Grade it."}

    changed(path, path.parent, judged)
    assert [each.score for each in run_of(path).tasks] == [10.0, 0.0, 10.0, 10.0]


def test_a_binary_metric_with_parts_and_one_of_which_less_is_better_are_refused(eee):
    path = eee(EEE_JUDGED)
    metric = {"score_type": "binary"}
    changed(
        path, path.parent, lambda it: it["evaluation_results"][0]["metric_config"].update(metric)
    )
    assert "is binary and has other scores than 0 and 1" in refused(path)
    metric = {"lower_is_better": True}
    changed(
        path, path.parent, lambda it: it["evaluation_results"][0]["metric_config"].update(metric)
    )
    assert "less is better" in refused(path)


def test_latency_is_the_duration_where_no_inspect_log_is_behind_it(eee):
    path = with_samples(eee(EEE_SUMS), lambda row: row.update(performance={"latency_ms": 1500}))
    assert {each.duration_s for each in run_of(path).tasks} == {1.5}


def test_of_turns_the_last_answer_is_the_output(eee):
    turns = [
        {"turn_idx": 0, "role": "user", "content": "2 + 2?"},
        {"turn_idx": 1, "role": "assistant", "content": "Let me see."},
        {"turn_idx": 2, "role": "assistant", "content": "4"},
        {"turn_idx": 3, "role": "user", "content": "Thanks."},
    ]
    path = with_samples(eee(EEE_SUMS), lambda row: row.update(output=None, messages=turns))
    assert {each.output for each in run_of(path).tasks} == {"4"}


@pytest.mark.parametrize("version", ["0.2.2", "0.4.0", "1", ""])
def test_another_version_is_refused_by_name(eee, version):
    path = eee(EEE_SUMS)
    changed(path, path.parent, lambda it: it.update(schema_version=version))
    assert f"schema_version of Every Eval Ever is {version!r}; known is '0.3.0'" in refused(path)


def test_rows_of_another_version_or_evaluation_are_refused(eee):
    path = with_samples(eee(EEE_SUMS), lambda row: row.update(evaluation_id="other"))
    assert "samples of another evaluation" in refused(path)
    with_samples(path, lambda row: row.update(schema_version="0.2.2"))
    assert "is '0.2.2'; known is '0.3.0'" in refused(path)


def test_samples_that_were_changed_are_refused(tmp_path):
    path = changed(EEE_SUMS, tmp_path, lambda it: None)
    samples_of(path).write_bytes(samples_of(EEE_SUMS).read_bytes() + b"\n")
    assert "not the file that the aggregate was written with" in refused(path)


def test_an_aggregate_without_its_samples_is_refused(eee):
    path = eee(EEE_SUMS)
    rows = json_lines(samples_of(path))
    write_lines(samples_of(path), rows[:3])
    assert "it has 3 rows, and the aggregate says 4" in refused(path)
    samples_of(path).unlink()
    assert "is not beside it" in refused(path)
    changed(path, path.parent, lambda it: it.pop("detailed_evaluation_results"))
    assert "it holds aggregates only" in refused(path)


@pytest.mark.parametrize(
    ("text", "started_at"),
    [
        ("1795300819", "2026-11-21T22:40:19Z"),
        ("2026-11-21T22:40:19+02:00", "2026-11-21T22:40:19+02:00"),
        ("2026-11-21", "2026-11-21T00:00:00Z"),
    ],
)
def test_the_moment_is_read_as_it_is_written(eee, text, started_at):
    path = eee(EEE_SUMS)
    changed(path, path.parent, lambda it: it.update(evaluation_timestamp=text))
    assert run_of(path).started_at == moment(started_at)


@pytest.mark.parametrize("text", ["2026-11-21T22:40:19", "nan", "1e300", "yesterday", "-inf"])
def test_what_is_no_moment_is_refused(eee, text):
    path = eee(EEE_SUMS)
    changed(path, path.parent, lambda it: it.update(evaluation_timestamp=text))
    refused(path)


def test_without_a_moment_nothing_is_made_up(eee):
    path = eee(EEE_SUMS)

    def change(aggregate):
        del aggregate["evaluation_timestamp"]
        del aggregate["evaluation_results"][0]["evaluation_timestamp"]

    changed(path, path.parent, change)
    assert "it does not say when it was run" in refused(path)


def test_the_named_path_of_the_samples_is_not_followed(eee, tmp_path):
    path = eee(EEE_SUMS)
    for named in ("/etc/passwd", "data/../..", "data/x.jsonl/..", "..\\x.jsonl", "x\x00.jsonl"):
        changed(
            path,
            path.parent,
            lambda it, to=named: it["detailed_evaluation_results"].update(file_path=to),
        )
        assert "are no .jsonl file" in refused(path)
    outside = tmp_path.parent / f"{tmp_path.name}.jsonl"
    samples_of(path).rename(outside)
    samples_of(path).symlink_to(outside)
    changed(
        path,
        path.parent,
        lambda it: it["detailed_evaluation_results"].update(
            file_path=f"../../{samples_of(path).name}"
        ),
    )
    assert "leads out of its folder" in refused(path)
