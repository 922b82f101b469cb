"""Every Eval Ever: an aggregate file with the samples beside it is one run."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import Any, Literal

from loaders.runs.importers.foreign import (
    JUDGED,
    Files,
    Foreign,
    Given,
    Grades,
    Importer,
    Numbering,
    Usage,
    converted,
    decoded,
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
    used,
)
from loaders.runs.shapes import MOST_TASKS, Harness, Run, TaskResult

VERSIONS = ("0.3.0",)
# Where the path of the samples leads in the data store; here they lie beside the aggregate.
SAMPLES = re.compile(r"(?:[^\x00]*/)?(?P<name>[^/\\\x00]+\.jsonl)")
WHOLE = "Name the aggregate file, whole and unchanged, with its samples beside it."
INSPECT = "inspect"


class _Version(Foreign):
    schema_version: str


class _Named(Foreign):
    name: str
    version: str | None = None


class _Model(Foreign):
    id: str


class _Data(Foreign):
    dataset_name: str


class _Metric(Foreign):
    lower_is_better: bool
    metric_name: str | None = None
    evaluation_description: str | None = None
    score_type: str | None = None
    min_score: float | Literal["Infinity", "-Infinity"] | None = None
    max_score: float | Literal["Infinity", "-Infinity"] | None = None
    llm_scoring: dict[str, Any] | None = None


class _Result(Foreign):
    evaluation_name: str
    source_data: _Data
    metric_config: _Metric
    evaluation_result_id: str | None = None
    evaluation_timestamp: str | None = None


class _Detailed(Foreign):
    format: str
    file_path: str
    hash_algorithm: str | None = None
    checksum: str | None = None
    total_rows: int | None = None


class _Aggregate(Foreign):
    schema_version: str
    evaluation_id: str
    eval_library: _Named
    model_info: _Model
    evaluation_results: list[_Result]
    evaluation_timestamp: str | None = None
    detailed_evaluation_results: _Detailed | None = None


class _Input(Foreign):
    raw: str
    formatted: str | None = None


class _Output(Foreign):
    raw: list[str]


class _Message(Foreign):
    role: str
    content: str | None = None


class _Evaluation(Foreign):
    score: float
    is_correct: bool


class _Performance(Foreign):
    latency_ms: float | None = None
    generation_time_ms: float | None = None


class _Row(Foreign):
    schema_version: str
    evaluation_id: str
    evaluation_name: str
    sample_id: str
    input: _Input
    evaluation: _Evaluation
    evaluation_result_id: str | None = None
    sample_hash: str | None = None
    output: _Output | None = None
    messages: list[_Message] | None = None
    token_usage: Usage | None = None
    performance: _Performance | None = None
    error: str | None = None


def recognises(path: Path) -> bool:
    """Whether a path is an aggregate file."""
    return has_marks(path, "schema_version", "evaluation_id", "evaluation_results")


def read(path: Path, given: Given) -> Iterator[Run]:
    """The one run of an aggregate file. Raises RunUnreadable."""
    body = Files().read(path)
    found = decoded(body, _Version, path, WHOLE).schema_version
    require_known(path, "the schema_version of Every Eval Ever", found, VERSIONS)
    aggregate = decoded(body, _Aggregate, path, WHOLE)
    if not aggregate.evaluation_results:
        raise refusal(path, "it holds no result", WHOLE)
    rows = _counted(aggregate, _rows(aggregate, path))
    if len(rows) > MOST_TASKS:
        raise refusal(path, f"it holds {len(rows)} results", "Import fewer tasks at a time.")
    results = {each.evaluation_result_id: each for each in aggregate.evaluation_results}
    names = sorted({each.source_data.dataset_name for each in aggregate.evaluation_results})
    grades = {
        (row.evaluation_name, row.evaluation_result_id): _grades(
            row.evaluation_name, row.evaluation_result_id, rows, aggregate, path
        )
        for row in {(row.evaluation_name, row.evaluation_result_id): row for row in rows}.values()
    }
    numbering = Numbering()
    yield run_of(
        given,
        path,
        model=aggregate.model_info.id,
        started_at=_started_at(aggregate, path),
        harness=_harness(aggregate.eval_library),
        pack=pack_stamp(
            f"eee:{'+'.join(names)}",
            {
                "datasets": names,
                "tasks": sorted(
                    {(row.evaluation_name, row.sample_id, row.sample_hash or "") for row in rows}
                ),
            },
            path,
        ),
        tasks=[
            _result(
                row,
                grades[row.evaluation_name, row.evaluation_result_id],
                results.get(row.evaluation_result_id),
                aggregate,
                numbering,
                given,
                path,
            )
            for row in rows
        ],
    )


def _rows(aggregate: _Aggregate, path: Path) -> list[_Row]:
    """The samples that the aggregate names, when they are all there and unchanged."""
    detailed = aggregate.detailed_evaluation_results
    if detailed is None:
        raise refusal(
            path,
            "it holds aggregates only, and a run is made of tasks",
            "Convert the results again with their samples, in lm_eval's case with "
            "--include_samples.",
        )
    named = SAMPLES.fullmatch(detailed.file_path)
    if detailed.format != "jsonl" or named is None:
        raise refusal(path, "the samples that it names are no .jsonl file", WHOLE)
    samples = path.with_name(named["name"])
    if not is_there(samples):
        raise refusal(path, f"{samples.name} is not beside it", WHOLE)
    body = Files(path.parent).read(samples)
    stated = detailed.checksum if detailed.hash_algorithm == "sha256" else None
    if stated is not None and sha256(body).hexdigest() != stated.lower():
        raise refusal(samples, "it is not the file that the aggregate was written with", WHOLE)
    rows = [converted(row, _Row, samples, WHOLE) for row in rows_of(body, samples, WHOLE)]
    if detailed.total_rows is not None and len(rows) != detailed.total_rows:
        raise refusal(
            samples, f"it has {len(rows)} rows, and the aggregate says {detailed.total_rows}", WHOLE
        )
    for row in rows:
        require_known(
            samples, "the schema_version of Every Eval Ever", row.schema_version, VERSIONS
        )
        if row.evaluation_id != aggregate.evaluation_id:
            raise refusal(samples, "it holds samples of another evaluation", WHOLE)
    return rows


def _counted(aggregate: _Aggregate, rows: Sequence[_Row]) -> list[_Row]:
    """One row a run of a sample: of several metrics, the one that the aggregate lists first.

    A row without a metric is one that went wrong, and stays.
    """
    ranks = {
        result.evaluation_result_id: rank
        for rank, result in enumerate(aggregate.evaluation_results)
        if result.evaluation_result_id is not None
    }
    best: dict[tuple[str, str, str], int] = {}
    for row in rows:
        if row.evaluation_result_id in ranks:
            rank = ranks[row.evaluation_result_id]
            best[_sample(row, aggregate)] = min(rank, best.get(_sample(row, aggregate), rank))
    return [
        row
        for row in rows
        if row.evaluation_result_id not in ranks
        or ranks[row.evaluation_result_id] == best[_sample(row, aggregate)]
    ]


def _sample(row: _Row, aggregate: _Aggregate) -> tuple[str, str, str]:
    """What tells samples apart: by their hash, since each filter has a name of its own."""
    result = _result_of(row.evaluation_name, row.evaluation_result_id, aggregate)
    return result.source_data.dataset_name, row.sample_id, row.sample_hash or row.evaluation_name


def _result_of(name: str, result_id: str | None, aggregate: _Aggregate) -> _Result:
    """The aggregate result of a row: by its id, else by its name, else the first."""
    results = aggregate.evaluation_results
    if result_id is not None:
        for result in results:
            if result.evaluation_result_id == result_id:
                return result
    return next((each for each in results if each.evaluation_name == name), results[0])


def _grades(
    name: str, result_id: str | None, rows: Sequence[_Row], aggregate: _Aggregate, path: Path
) -> Grades:
    """How the scores of one metric are read. Raises RunUnreadable where they contradict."""
    metric = _result_of(name, result_id, aggregate).metric_config
    scorer = result_id or metric.metric_name or name
    scored = [
        row
        for row in rows
        if row.error is None
        and (row.evaluation_name, row.evaluation_result_id) == (name, result_id)
    ]
    if metric.lower_is_better:
        raise refusal(path, f"less is better of {scorer!r}", "Import another metric.")
    grades = grades_of(
        [row.evaluation.score for row in scored],
        scorer=scorer,
        path=path,
        is_judged=metric.llm_scoring is not None or JUDGED.fullmatch(scorer) is not None,
        bounds=_bounds(metric),
    )
    if grades.grading == "deterministic":
        for row in scored:
            if row.evaluation.is_correct != (row.evaluation.score == 1):
                raise refusal(
                    path,
                    f"sample {row.sample_id!r} has score {row.evaluation.score} and is_correct "
                    f"{row.evaluation.is_correct}",
                    "Correct one of them.",
                )
        return grades
    if metric.score_type == "binary":
        raise refusal(path, f"{scorer!r} is binary and has other scores than 0 and 1", WHOLE)
    _require_own_scores(scored, aggregate, path)
    return grades


def _require_own_scores(rows: Sequence[_Row], aggregate: _Aggregate, path: Path) -> None:
    """Refuse the means that the converter of Inspect logs writes where a sample ran repeatedly."""
    ran = [row.sample_id for row in rows]
    if aggregate.eval_library.name == INSPECT and len(set(ran)) != len(ran):
        raise refusal(
            path,
            "its samples ran more than once, and each row has the mean of them all",
            "Import the Inspect log itself.",
        )


def _bounds(metric: _Metric) -> tuple[float, float] | None:
    match metric.min_score, metric.max_score:
        case float(floor), float(ceiling) if -inf < floor < ceiling < inf:
            return floor, ceiling
    return None


def _result(
    row: _Row,
    grades: Grades,
    result: _Result | None,
    aggregate: _Aggregate,
    numbering: Numbering,
    given: Given,
    path: Path,
) -> TaskResult:
    task = f"{row.evaluation_name}/{row.sample_id}"
    dataset = _result_of(row.evaluation_name, row.evaluation_result_id, aggregate).source_data
    names = names_of(task, row.evaluation_name, dataset.dataset_name)
    category, difficulty = kind_of(given, "every_eval_ever", names, path)
    return TaskResult(
        task=task,
        category=category,
        difficulty=difficulty,
        run_no=numbering.next_of(task),
        error=note(row.error or "an error without a message") if row.error is not None else None,
        grader_name=_grader_name(row, result),
        prompt=row.input.formatted if row.input.formatted is not None else row.input.raw,
        output=_output(row),
        duration_s=_seconds(row.performance, aggregate.eval_library.name),
        **used(row.token_usage),
        **grades.of(row.evaluation.score if row.error is None else None),
    )


def _grader_name(row: _Row, result: _Result | None) -> str | None:
    if result is None:
        return None
    metric = row.evaluation_result_id or result.metric_config.metric_name
    return f"every_eval_ever/{metric}" if metric else None


def _output(row: _Row) -> str | None:
    """What the model said; the last of it where there were several turns."""
    if row.messages is not None:
        said = [message.content for message in row.messages if message.role == "assistant"]
        return said[-1] if said else None
    return "\n\n".join(row.output.raw) if row.output is not None else None


def _seconds(performance: _Performance | None, library: str) -> float | None:
    """How long the sample took; of an Inspect log `latency_ms` is only what it waited."""
    if performance is None or performance.latency_ms is None:
        return None
    if library != INSPECT:
        return performance.latency_ms / 1000
    if performance.generation_time_ms is None:
        return None
    return (performance.latency_ms + performance.generation_time_ms) / 1000


def _started_at(aggregate: _Aggregate, path: Path) -> datetime:
    """When it was run: seconds since 1970, or a moment with a zone."""
    text = aggregate.evaluation_timestamp or aggregate.evaluation_results[0].evaluation_timestamp
    if text is None:
        raise refusal(path, "it does not say when it was run", "Add evaluation_timestamp to it.")
    try:
        return moment_of(float(text), path, "evaluation_timestamp")
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refusal(
            path, f"evaluation_timestamp is {text!r}", "Write seconds since 1970 there."
        ) from error
    # A day without a clock is that day in UTC; a clock without a zone could be anywhere.
    return moment.replace(tzinfo=UTC) if len(text) == len("2026-01-01") else moment


def _harness(library: _Named) -> Harness:
    version = library.version if library.version not in ("", "unknown") else None
    return Harness(name=library.name, version=version)


IMPORTER = Importer(
    name="every_eval_ever",
    title="Every Eval Ever aggregate .json with its samples .jsonl",
    versions=f"schema_version {', '.join(VERSIONS)}",
    recognises=recognises,
    read=read,
)
