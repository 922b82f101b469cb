"""Task results of the ledger with what grades them: outputs, graders and prompts that are kept."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb
import msgspec

from loaders.runs.ledger import Ledger
from loaders.runs.shapes import Grader, Pack

AT_A_TIME = 5_000
RESULTS = """
with bodies as (
    select body_sha256, any_value(text) as text from {bodies} group by body_sha256
),

opened as (
    select
        submission_no,
        run_sha256,
        route,
        model,
        pack_sha256,
        unnest(from_json(tasks, '[{
            "task": "varchar", "run_no": "integer", "grading": "varchar", "is_error": "boolean",
            "passed": "boolean", "score": "double", "prompt_sha256": "varchar",
            "output_sha256": "varchar", "grader_sha256": "varchar", "grade_sha256": "varchar"
        }]')) as result
    from submissions
    where is_accepted
),

rechecked as (
    select run_sha256, task, run_no, arg_max(passed, event_no) as passed
    from events
    where kind = 'recheck' and passed is not null
    group by run_sha256, task, run_no
)

select
    opened.submission_no,
    opened.run_sha256,
    opened.route,
    opened.model,
    opened.pack_sha256,
    result.task,
    result.run_no,
    result.grading,
    result.passed,
    result.score,
    rechecked.passed,
    result.grade_sha256,
    result.prompt_sha256,
    result.output_sha256,
    result.grader_sha256,
    prompts.text as prompt,
    outputs.text as output,
    graders.text as grader
from opened
left join bodies as prompts on result.prompt_sha256 = prompts.body_sha256
left join bodies as outputs on result.output_sha256 = outputs.body_sha256
left join bodies as graders on result.grader_sha256 = graders.body_sha256
left join rechecked
    on
        opened.run_sha256 = rechecked.run_sha256
        and result.task = rechecked.task
        and result.run_no = rechecked.run_no
where not coalesce(result.is_error, false) and {condition}
order by opened.submission_no, result.task, result.run_no
"""


class Result(NamedTuple):
    """A task result that did not end in an error; a text is None that was never there, or expired.

    `passed` and `score` are the client's word, `rechecked` the last of a grader here.
    `has_own_grader` says that the grader came with the run, and not from the pack.
    """

    submission_no: int
    run_sha256: str
    route: str
    model: str
    pack_sha256: str | None
    task: str
    run_no: int
    grading: str
    passed: bool | None
    score: float | None
    rechecked: bool | None
    grade_sha256: str | None
    prompt_sha256: str | None
    output_sha256: str | None
    grader_sha256: str | None
    prompt: str | None
    output: str | None
    grader: Grader | None
    has_own_grader: bool


PACK, TASK = Result._fields.index("pack_sha256"), Result._fields.index("task")


def results(
    connection: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    packs: Mapping[str, Pack],
    *,
    condition: str,
    values: tuple[object, ...] = (),
) -> Iterator[Result]:
    """The task results of accepted runs that meet an SQL condition, with their kept bodies."""
    listed = {(sha256, task.task): task for sha256, pack in packs.items() for task in pack.tasks}
    bodies = ledger.bodies.relation() or "(select null as body_sha256, null as text where false)"
    decode = msgspec.json.Decoder(Grader).decode
    cursor = connection.cursor()
    try:
        query = RESULTS.replace("{bodies}", bodies).replace("{condition}", condition)
        found = cursor.execute(query, list(values))
        while rows := found.fetchmany(AT_A_TIME):
            for row in rows:
                *told, own = row
                of_pack = listed.get((row[PACK], row[TASK])) if listed else None
                if of_pack is not None:
                    yield Result._make((*told, of_pack.grader, False))
                elif row[PACK] in packs:
                    yield Result._make((*told, None, False))
                else:
                    grader = None if own is None else decode(own)
                    yield Result._make((*told, grader, own is not None))
    finally:
        cursor.close()
