"""Lets a judge grade the tasks that have a rubric, once for the same words, and appends it all."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import duckdb

from loaders.errors import one_line
from loaders.runs.bodies import Body
from loaders.runs.documents import sha256_of
from loaders.runs.judge import JUDGE_PROMPT_VERSION, Judge, Judged, is_same_model, judge_task
from loaders.runs.ledger import Ledger, ScoreEvent, known_packs
from loaders.runs.recorded import Result, results
from loaders.runs.shapes import Rubric

UNJUDGED = """
result.grading = 'judged' and outputs.text is not null and not exists (
    select 1 from events
    where
        events.run_sha256 = opened.run_sha256
        and events.task = result.task
        and events.run_no = result.run_no
        and events.kind = 'judge'
        and events.state in ('judged', 'self_judged')
        and events.grader = ?
        and events.grader_version = ?
)
"""
SELF_JUDGED = "the judge is the model that it would grade"


class _Said:
    """What the ledger knows a judge to have said, by the hash of all that it read."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._scores: dict[str, Decimal] = dict(
            connection.execute(
                "select input_sha256, any_value(score) from events"
                " where kind = 'judge' and state = 'judged' group by input_sha256"
            ).fetchall()
        )

    def get(self, key: str, /) -> Judged | None:
        """The judgement of that key, without its reasons."""
        score = self._scores.get(key)
        return None if score is None else Judged("judged", score, None, None)

    def keep(self, key: str, judged: Judged) -> None:
        if judged.score is not None:
            self._scores[key] = judged.score


def judge_ledger(ledger: Ledger, judge: Judge, *, now: datetime) -> Iterator[ScoreEvent]:
    """Judge every task with a rubric that this judge has not graded; yields each grade.

    What the ledger knows is not asked again. A failure is a grade of nothing (`judge_failed`), and
    is asked again by the next call. The ledger is not held while the judge thinks; each grade is
    appended as it comes, so a run that is stopped loses at most one. Raises LedgerUnusable.
    """
    with ledger.open() as connection:
        said = _Said(connection)
        packs = known_packs(connection)
        waiting = list(
            results(
                connection,
                ledger,
                packs,
                condition=UNJUDGED,
                values=(judge.model, JUDGE_PROMPT_VERSION),
            )
        )
    asked = {
        (sha256, task.task): task.prompt for sha256, pack in packs.items() for task in pack.tasks
    }
    for result in waiting:
        # A stranger's rubric would ask for the grade that it wants.
        is_strange = result.has_own_grader and result.route == "http"
        if is_strange or not isinstance(result.grader, Rubric):
            continue
        # What was asked is what the pack asks, whatever the run says.
        prompt = asked.get((result.pack_sha256 or "", result.task), result.prompt or "")
        event, rationale = _judged(result, result.grader, prompt, judge, said, now)
        with ledger.open() as connection, ledger.bodies.adding(received_at=now) as keep:
            keep([rationale] if rationale else [])
            ledger.append_events(connection, [event])
        yield event


def _judged(
    result: Result, grader: Rubric, prompt: str, judge: Judge, said: _Said, now: datetime
) -> tuple[ScoreEvent, Body | None]:
    def event(state: str, key: str | None, judged: Judged | None, reason: str | None) -> ScoreEvent:
        rationale = judged.rationale if judged else None
        return ScoreEvent(
            run_sha256=result.run_sha256,
            task=result.task,
            run_no=result.run_no,
            kind="judge",
            state=state,
            grader=judge.model,
            grader_version=JUDGE_PROMPT_VERSION,
            grader_origin="run" if result.has_own_grader else "pack",
            actor="benchmart",
            score=judged.score if judged else None,
            input_sha256=key,
            rationale_sha256=sha256_of(rationale) if rationale else None,
            reason=reason,
            decided_at=now,
        )

    if is_same_model(judge.model, result.model):
        return event("self_judged", None, None, SELF_JUDGED), None
    try:
        key, judged, was_known = judge_task(
            judge, grader.rubric, prompt, result.output or "", cache=said
        )
    except ValueError as error:
        return event("judge_failed", None, None, one_line(str(error))), None
    said.keep(key, judged)
    reason = "said before of the same words" if was_known else judged.problem
    rationale = judged.rationale
    body = Body(sha256_of(rationale), "rationale", rationale) if rationale else None
    return event(judged.state, key, judged, reason), body
