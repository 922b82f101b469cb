"""lm-evaluation-harness: results_*.json with the samples of each task beside it is one run."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from loaders.runs.importers.foreign import (
    Files,
    Foreign,
    Given,
    Importer,
    converted,
    decoded,
    exact_match,
    figure_of,
    grades_of,
    has_marks,
    is_there,
    kind_of,
    moment_of,
    names_of,
    note,
    pack_stamp,
    refusal,
    require_known,
    rows_of,
    run_of,
)
from loaders.runs.shapes import MOST_TASKS, ExactMatch, Harness, Run, TaskResult

# The shape of these files is the same within a series.
SERIES = ("0.4",)
NAME = re.compile(r"results_(?P<moment>[^/\\]+)\.json")
PLAIN = re.compile(r"[^/\\\x00]+")
WHOLE = "Name the results that the harness wrote, whole and unchanged, with their samples."
LOGGED = "Run the harness with --log_samples, and keep its files together."
NO_FILTER = "none"
# Of these it is known that they go from 0 to 1; others go to 100, or have no end.
UNIT_METRICS = frozenset(
    {
        *("acc", "acc_norm", "acc_mutual_info", "exact_match", "em", "f1", "contains"),
        *("mc1", "mc2", "pass@1", "pass_at_1"),
        *("prompt_level_strict_acc", "prompt_level_loose_acc"),
    }
)
KEYS_OF_A_PLAIN_METRIC = {"metric", "aggregation", "higher_is_better"}


class _Version(Foreign):
    lm_eval_version: str


class _Config(Foreign):
    output_type: str | None = None
    metric_list: list[dict[str, Any]] | None = None
    filter_list: list[dict[str, Any]] | None = None


class _Counts(Foreign):
    effective: int


class _Results(Foreign, kw_only=True):
    lm_eval_version: str
    configs: dict[str, _Config]
    date: float
    model_name: str | None = None
    versions: dict[str, Any] = msgspec.field(default_factory=dict)
    n_samples: dict[str, _Counts] = msgspec.field(name="n-samples")
    higher_is_better: dict[str, dict[str, bool | None]] = msgspec.field(default_factory=dict)


class _Row(Foreign):
    doc_id: int
    target: Any
    arguments: Any
    resps: list[Any]
    filtered_resps: list[Any]
    metrics: list[str]
    filter: str = NO_FILTER
    doc_hash: str | None = None


def recognises(path: Path) -> bool:
    """Whether a path is the file with the results of a run of the harness."""
    return has_marks(path, "lm_eval_version", "results", "configs")


def read(path: Path, given: Given) -> Iterator[Run]:
    """The one run of a file of results. Raises RunUnreadable."""
    files = Files(path.parent)
    body = Files().read(path)
    version = decoded(body, _Version, path, WHOLE).lm_eval_version
    series = ".".join(version.split(".")[:2])
    if series not in SERIES:
        require_known(path, "the lm_eval_version", version, [f"{each}.*" for each in SERIES])
    results = decoded(body, _Results, path, WHOLE)
    tasks: list[TaskResult] = []
    docs: dict[str, Any] = {}
    for name in sorted(results.n_samples):
        rows = _rows(files, path, name, results)
        tasks += _task_results(name, rows, results, given, path)
        docs[name] = {
            "version": str(results.versions.get(name)),
            "docs": sorted([str(row.doc_id), row.doc_hash or ""] for row, _ in rows),
        }
    if len(tasks) > MOST_TASKS:
        raise refusal(path, f"it holds {len(tasks)} results", "Import fewer tasks at a time.")
    yield run_of(
        given,
        path,
        model=results.model_name,
        started_at=moment_of(results.date, path, "its date"),
        harness=Harness(name="lm_eval", version=version),
        pack=pack_stamp(f"lm_eval:{_pack_name(list(docs))}", {"tasks": docs}, path),
        tasks=tasks,
    )


def _pack_name(tasks: Sequence[str]) -> str:
    return "+".join(tasks) if len(tasks) <= 3 else f"{tasks[0]}+{len(tasks) - 1}"


def _rows(
    files: Files, path: Path, task: str, results: _Results
) -> list[tuple[_Row, Mapping[str, Any]]]:
    """The rows of one task that count, as they are checked and as they are written."""
    named = NAME.fullmatch(path.name)
    if named is None or not PLAIN.fullmatch(task):
        raise refusal(path, "its name, or that of a task in it, is none of the harness", WHOLE)
    samples = path.with_name(f"samples_{task}_{named['moment']}.jsonl")
    if not is_there(samples):
        raise refusal(path, f"{samples.name} is not beside it", LOGGED)
    rows: list[tuple[_Row, Mapping[str, Any]]] = [
        (converted(row, _Row, samples, WHOLE), row)
        for row in rows_of(files.read(samples), samples, WHOLE)
    ]
    counted = _counted_filter(results.configs.get(task), [row.filter for row, _ in rows])
    rows = [(row, written) for row, written in rows if row.filter == counted]
    if len(rows) != results.n_samples[task].effective:
        raise refusal(
            samples,
            f"it has {len(rows)} samples, and the results say {results.n_samples[task].effective}",
            WHOLE,
        )
    return rows


def _counted_filter(config: _Config | None, found: Sequence[str]) -> str:
    """The first filter of the task's own list; one answer is not counted once for each."""
    for entry in (config and config.filter_list) or []:
        if entry.get("name") in found:
            return str(entry["name"])
    return found[0] if found else NO_FILTER


def _counted_metric(config: _Config | None, rows: Sequence[_Row]) -> str | None:
    """The first metric of the task's own list, else of its first sample."""
    measured = rows[0].metrics if rows else []
    for entry in (config and config.metric_list) or []:
        if entry.get("metric") in measured:
            return str(entry["metric"])
    return measured[0] if measured else None


def _task_results(
    task: str,
    rows: Sequence[tuple[_Row, Mapping[str, Any]]],
    results: _Results,
    given: Given,
    path: Path,
) -> list[TaskResult]:
    config = results.configs.get(task)
    metric = _counted_metric(config, [row for row, _ in rows])
    if metric is None:
        raise refusal(path, f"the samples of {task!r} have no metric", LOGGED)
    if results.higher_is_better.get(task, {}).get(metric) is False:
        raise refusal(
            path, f"less is better of {metric!r}, the metric of {task!r}", "Import another task."
        )
    values = [_value(written.get(metric), metric, task, path) for _, written in rows]
    grades = grades_of(
        values,
        scorer=f"{task}/{metric}",
        path=path,
        bounds=(0.0, 1.0) if metric in UNIT_METRICS else None,
    )
    category, difficulty = kind_of(given, "lm_eval", names_of(task), path)
    return [
        TaskResult(
            task=f"{task}/{row.doc_id}",
            category=category,
            difficulty=difficulty,
            error=None if value is not None else f"no {metric} is recorded",
            grader=_grader(config, metric, row),
            grader_name=_grader_name(metric, row.filter),
            grade_note=_others(metric, row),
            prompt=_prompt(row),
            output=_output(row),
            **grades.of(value),
        )
        for (row, _), value in zip(rows, values, strict=True)
    ]


def _value(value: object, metric: str, task: str, path: Path) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool | int | float):
        return figure_of(value, path, f"{metric!r} of {task!r}")
    raise refusal(
        path,
        f"{metric!r} of {task!r} is {value!r} and no number",
        "Import a task whose metric is one number a sample.",
    )


def _grader_name(metric: str, filtered: str) -> str:
    return f"lm_eval/{metric}" if filtered == NO_FILTER else f"lm_eval/{metric},{filtered}"


def _others(metric: str, row: _Row) -> str | None:
    others = [name for name in row.metrics if name != metric]
    return note(f"{metric} counts; also measured: {', '.join(others)}") if others else None


def _grader(config: _Config | None, metric: str, row: _Row) -> ExactMatch | None:
    """The grader of ours that means the same: plain exact_match of what the model wrote."""
    if config is None or config.output_type != "generate_until" or metric != "exact_match":
        return None
    entries = [each for each in config.metric_list or [] if each.get("metric") == metric]
    if len(entries) != 1 or not entries[0].keys() <= KEYS_OF_A_PLAIN_METRIC:
        return None
    output = _output(row)
    # What a filter took out of an answer cannot be graded again on the answer.
    if row.filtered_resps != [output] or not isinstance(row.target, str):
        return None
    return exact_match(output, [row.target])


def _prompt(row: _Row) -> str | None:
    """What the model was given first; the choices of a question are its continuations."""
    first = row.arguments.get("gen_args_0") if isinstance(row.arguments, dict) else None
    text = first.get("arg_0") if isinstance(first, dict) else None
    return text if isinstance(text, str) else None


def _output(row: _Row) -> str | None:
    """The text that the model wrote, once; likelihoods of choices are none."""
    match row.resps:
        case [[str(text)]]:
            return text
    return None


IMPORTER = Importer(
    name="lm_eval",
    title="lm-evaluation-harness results_*.json with its samples",
    versions=f"lm_eval {', '.join(f'{each}.*' for each in SERIES)}",
    recognises=recognises,
    read=read,
)
