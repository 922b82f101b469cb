"""Harbor job folders, against the statistics that Harbor itself keeps of them."""

import json
from collections import Counter

import pytest

from loaders.runs.importers import Given
from loaders.runs.shapes import Agent, Harness, PackStamp, Run, TaskResult
from tests.runs.importers.conftest import (
    JOB,
    changed,
    digest,
    importer_of,
    moment,
    refused,
    runs_of,
)

GIVEN = Given(nickname="ada")
TRIAL = "hello-world__aaaaaaa"


def result(task, **fields):
    return TaskResult(
        task=f"terminal-bench/{task}",
        category="tool_use",
        difficulty="hard",
        grading="deterministic",
        grader_name="harbor/reward",
        duration_s=40.0,
        **fields,
    )


def test_a_job_is_a_run_for_each_agent_and_model():
    assert importer_of(JOB) == "harbor"
    pack = PackStamp(
        pack="harbor:terminal-bench",
        sha256=digest(
            {
                "tasks": [
                    ["terminal-bench/fix-git", "cd" * 32],
                    ["terminal-bench/hello-world", "ab" * 32],
                ]
            }
        ),
    )
    assert runs_of(JOB, GIVEN) == [
        Run(
            format="benchmart-run/1",
            nickname="ada",
            model="anthropic/claude-x",
            started_at=moment("2026-11-20T10:00:00Z"),
            finished_at=moment("2026-11-20T10:02:50Z"),
            harness=Harness(name="harbor", version="0.25.0"),
            pack=pack,
            agent=Agent(tui="claude-code", plugin_stack=[]),
            tasks=[
                result(
                    "hello-world", passed=True, cost_usd=0.25, input_tokens=1000, output_tokens=200
                ),
                result(
                    "hello-world",
                    run_no=2,
                    passed=False,
                    cost_usd=0.25,
                    input_tokens=1001,
                    output_tokens=201,
                ),
                result(
                    "fix-git",
                    error="AgentTimeoutError: Agent execution timed out after 40 seconds",
                    cost_usd=0.25,
                    input_tokens=1002,
                    output_tokens=202,
                ),
            ],
        ),
        Run(
            format="benchmart-run/1",
            nickname="ada",
            model="gpt-y",
            started_at=moment("2026-11-20T10:03:00Z"),
            finished_at=moment("2026-11-20T10:04:50Z"),
            harness=Harness(name="harbor", version="0.25.0"),
            pack=pack,
            agent=Agent(tui="codex", plugin_stack=[]),
            tasks=[result("hello-world", passed=True), result("fix-git", passed=False)],
        ),
    ]


def test_counts_are_those_that_harbor_reports():
    evals = json.loads((JOB / "result.json").read_text("utf-8"))["stats"]["evals"]
    runs = {run.agent.tui: run for run in runs_of(JOB, GIVEN)}
    for key, stats in evals.items():
        tasks = runs[key.split("__")[0]].tasks
        rewards = {
            float(reward): len(names) for reward, names in stats["reward_stats"]["reward"].items()
        }
        graded = Counter(float(each.passed) for each in tasks if each.error is None)
        assert graded == rewards and sum(graded.values()) == stats["n_trials"]
        assert sum(each.error is not None for each in tasks) == stats["n_errors"]


def with_trial(job, change):
    changed(job / TRIAL / "result.json", job / TRIAL, change)
    return runs_of(job, GIVEN)[0].tasks[0]


def exception(kind):
    return {
        "exception_type": kind,
        "exception_message": "m",
        "exception_traceback": "",
        "occurred_at": "2026-11-20T10:00:00Z",
    }


def test_what_the_agent_brought_about_itself_is_graded_and_other_errors_are_not(job):
    counted = with_trial(job, lambda it: it.update(exception_info=exception("AgentTimeoutError")))
    assert (counted.passed, counted.error) == (True, None)
    assert counted.grade_note == "graded after AgentTimeoutError"
    other = with_trial(job, lambda it: it.update(exception_info=exception("ApiOverloadedError")))
    assert (other.passed, other.error, other.grade_note) == (None, "ApiOverloadedError: m", None)


def test_an_error_of_a_step_is_one_of_its_trial(job):
    step = {"step_name": "one", "exception_info": exception("HealthcheckError")}
    first = with_trial(job, lambda it: it.update(step_results=[step]))
    assert (first.passed, first.error) == (None, "HealthcheckError: m")


def test_what_steps_used_is_added_up_and_what_is_not_recorded_stays_out(job):
    steps = [
        {"step_name": "one", "agent_result": {"n_input_tokens": 5, "cost_usd": 0.5}},
        {"step_name": "two", "agent_result": {"n_input_tokens": 6, "cost_usd": None}},
        {"step_name": "three"},
    ]
    first = with_trial(job, lambda it: it.update(agent_result=None, step_results=steps))
    assert (first.input_tokens, first.output_tokens, first.cost_usd) == (11, None, 0.5)


def test_parts_of_a_reward_make_scores_and_more_than_one_is_refused(job):
    half = with_trial(job, lambda it: it["verifier_result"].update(rewards={"reward": 0.5}))
    assert (half.grading, half.passed, half.score) == ("judged", None, 5.0)
    with_trial(job, lambda it: it["verifier_result"].update(rewards={"tests": 1}))
    changed(
        job / TRIAL / "result.json",
        job / TRIAL,
        lambda it: it["verifier_result"].update(rewards={"reward": 3}),
    )
    assert "'reward' gave 3.0, which is not from 0.0 to 1.0" in refused(job, GIVEN)


def test_several_rewards_without_the_one_that_counts_are_refused(job):
    changed(
        job / TRIAL / "result.json",
        job / TRIAL,
        lambda it: it["verifier_result"].update(rewards={"a": 1, "b": 0}),
    )
    assert "has the rewards a, b, and none is 'reward'" in refused(job, GIVEN)


def test_a_trial_without_a_reward_is_an_error(job):
    first = with_trial(job, lambda it: it.update(verifier_result=None))
    assert (first.passed, first.error) == (None, "no reward is recorded")


def test_servers_and_skills_are_the_plugins_and_only_their_names_are_kept(job):
    def change(trial):
        trial["config"]["agent"]["mcp_servers"] = [{"name": "search", "url": "http://127.0.0.1"}]
        trial["config"]["agent"]["skills"] = ["/home/someone/skills/review"]

    for name in ("aaaaaaa", "bbbbbbb"):
        folder = job / f"hello-world__{name}"
        changed(folder / "result.json", folder, change)
    assert "was given different servers or skills" in refused(job, GIVEN)
    changed(job / "fix-git__ccccccc" / "result.json", job / "fix-git__ccccccc", change)
    assert runs_of(job, GIVEN)[0].agent.plugin_stack == ["mcp:search", "skill:review"]


def test_another_version_of_the_lock_is_refused_by_name(job):
    changed(job / "lock.json", job, lambda lock: lock.update(schema_version=4))
    message = refused(job, GIVEN)
    assert "schema_version of the Harbor lock is 4; known is 3" in message
    assert str(job / "lock.json") in message
    (job / "lock.json").unlink()
    assert runs_of(job, GIVEN)[0].harness == Harness(name="harbor")


def test_another_checksum_is_another_pack(job):
    before = runs_of(job, GIVEN)[0].pack
    with_trial(job, lambda it: it.update(task_checksum="00" * 32))
    assert runs_of(job, GIVEN)[0].pack.sha256 != before.sha256


def test_a_job_that_is_not_whole_is_refused(job):
    changed(job / "result.json", job, lambda it: it.update(n_total_trials=6))
    assert "the job has 6 trials, and 5 are there" in refused(job, GIVEN)
    changed(job / "result.json", job, lambda it: it.update(finished_at=None))
    assert "the job never finished" in refused(job, GIVEN)


def test_one_model_for_several_is_refused(job):
    assert "the job has several" in refused(JOB, Given(nickname="ada", model="acme/own"))


def test_an_agent_without_a_model_needs_one_said(job):
    for folder in [each for each in job.iterdir() if each.is_dir()]:
        changed(folder / "result.json", folder, lambda it: it["agent_info"].update(model_info=None))
    assert "--model" in refused(job, GIVEN)
    named = runs_of(job, Given(nickname="ada", model="acme/own"))
    assert [run.model for run in named] == ["acme/own", "acme/own"]


@pytest.mark.parametrize("link", [TRIAL, f"{TRIAL}/result.json", "lock.json", "result.json"])
def test_a_link_out_of_the_folder_is_refused(job, tmp_path, link):
    outside = tmp_path / "outside"
    (job / link).rename(outside)
    (job / link).symlink_to(outside)
    message = refused(job, GIVEN)
    # Without its result the folder is no job at all.
    assert "leads out of its folder" in message or "the folder has no format" in message
    assert ("no format" in message) == (link == "result.json")


def test_a_link_that_goes_in_a_circle_is_refused(job):
    (job / TRIAL / "result.json").unlink()
    (job / TRIAL / "result.json").symlink_to(job / TRIAL / "result.json")
    assert "5 trials, and 4 are there" in refused(job, GIVEN)


@pytest.mark.parametrize("key", ["started_at", "finished_at"])
def test_a_moment_without_a_zone_is_refused(job, key):
    with_zone = job / TRIAL / "result.json"
    changed(with_zone, job / TRIAL, lambda it: it.update({key: "2026-11-20T10:00:00"}))
    assert f"timezone component - at `$.{key}`" in refused(job, GIVEN)
