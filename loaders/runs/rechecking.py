"""Grades recorded outputs again with their deterministic graders, and appends what they say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from loaders.runs.documents import Parted, sha256_of
from loaders.runs.graders import GRADERS_VERSION, grade
from loaders.runs.ledger import Ledger, ScoreEvent, known_packs
from loaders.runs.recorded import results
from loaders.runs.shapes import Grader, Pack, Rubric, TaskResult

# What this version of the graders has said of an output, it would say again. The grader of a pack
# is what everyone is held to; one that came with the run is its own measure, until its pack is
# known.
UNCHECKED = """
result.grading = 'deterministic' and outputs.text is not null and not exists (
    select 1 from events
    where
        events.run_sha256 = opened.run_sha256
        and events.task = result.task
        and events.run_no = result.run_no
        and events.kind = 'recheck'
        and events.grader_version = ?
        and events.input_sha256 = result.output_sha256
        and (
            events.grader_origin = 'pack'
            or opened.pack_sha256 is null
            or opened.pack_sha256 not in (select pack_sha256 from packs)
        )
)
"""


class Recorded(NamedTuple):
    """A task result with what a deterministic grader needs of it."""

    run_sha256: str
    task: str
    run_no: int
    output: str
    output_sha256: str
    grader: Grader
    origin: Literal["pack", "run"]
    is_strange: bool = False


def recheck_run(
    parted: Parted,
    packs: Mapping[str, Pack],
    *,
    decided_at: datetime,
) -> list[ScoreEvent]:
    """Grade the outputs of a run that was just read, where that runs no output; see `recheck`."""
    pack = packs.get(parted.run.pack.sha256) if parted.run.pack else None
    graders = {task.task: task.grader for task in pack.tasks} if pack else {}
    recorded = (
        Recorded(
            run_sha256=parted.run_sha256,
            task=task.task,
            run_no=task.run_no,
            output=task.output,
            output_sha256=sha256_of(task.output),
            grader=grader,
            origin="pack" if task.task in graders else "run",
        )
        for task in parted.run.tasks
        if (grader := graders.get(task.task) or (None if pack else task.grader)) is not None
        and is_checkable(task, grader)
        and task.output is not None
    )
    return list(recheck(recorded, may_execute=False, decided_at=decided_at))


def is_checkable(task: TaskResult, grader: Grader) -> bool:
    """Whether a deterministic grader has a say: an error has no grade, a rubric is for a judge."""
    return task.grading == "deterministic" and not task.error and not isinstance(grader, Rubric)


def recheck(
    recorded: Iterable[Recorded], *, may_execute: bool, decided_at: datetime
) -> Iterator[ScoreEvent]:
    """Grade recorded outputs; tests that would run an output wait for `may_execute`.

    A grader that fails gives an event without a grade.
    """
    for found in recorded:
        result = grade(
            found.grader,
            found.output,
            may_execute=may_execute,
            # A stranger's output can make even a schema of ours run for ever.
            is_own_grader=found.origin == "pack" and not found.is_strange,
        )
        if result.state == "not_executed":
            continue
        yield ScoreEvent(
            run_sha256=found.run_sha256,
            task=found.task,
            run_no=found.run_no,
            kind="recheck",
            state=result.state,
            grader=str(type(found.grader).__struct_config__.tag),
            grader_version=GRADERS_VERSION,
            grader_origin=found.origin,
            actor="benchmart",
            passed=result.passed,
            input_sha256=found.output_sha256,
            reason=result.note,
            decided_at=decided_at,
        )


def recheck_ledger(ledger: Ledger, *, may_execute: bool, now: datetime) -> Counter[str]:
    """Grade every kept output that this version of the graders has not graded, and append it all.

    Of a run that came over HTTP only the graders of packs count: a stranger's own grader would pass
    whatever it was written to pass. Returns how many grades came of it, by their state. Raises
    LedgerUnusable.
    """
    with ledger.open() as connection:
        found = results(
            connection,
            ledger,
            known_packs(connection),
            condition=UNCHECKED,
            values=(GRADERS_VERSION,),
        )
        recorded = (
            Recorded(
                run_sha256=result.run_sha256,
                task=result.task,
                run_no=result.run_no,
                output=result.output,
                output_sha256=str(result.output_sha256),
                grader=result.grader,
                origin="run" if result.has_own_grader else "pack",
                is_strange=result.route == "http",
            )
            for result in found
            if result.output is not None
            and result.grader is not None
            and not isinstance(result.grader, Rubric)
            and not (result.has_own_grader and result.route == "http")
        )
        states: Counter[str] = Counter()

        def events() -> Iterator[ScoreEvent]:
            for event in recheck(recorded, may_execute=may_execute, decided_at=now):
                states[event.state] += 1
                yield event

        ledger.append_events(connection, events())
    return states
