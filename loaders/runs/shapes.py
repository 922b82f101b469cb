"""The documents of own runs: what a run says, and what a pack of tasks says.

The types are the one place of both formats: `run_schema` and `pack_schema` give them as JSON Schema
2020-12, and a key that is not here is refused with its path.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

RUN_FORMAT = "benchmart-run/1"
PACK_FORMAT = "benchmart-pack/1"

Category = Literal["code", "reason", "write", "tool_use", "rag"]
Difficulty = Literal["easy", "medium", "hard"]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Nickname = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Pin = Annotated[str, Meta(max_length=200, pattern=r"^[a-z0-9-]+:\S+$(?!\n)")]
Moment = Annotated[datetime, Meta(tz=True)]
Text = Annotated[str, Meta(max_length=1_000_000)]
Note = Annotated[str, Meta(max_length=2_000)]
Seconds = Annotated[float, Meta(ge=0, le=1e7)]
Money = Annotated[float, Meta(ge=0, le=1e6)]
Count = Annotated[int, Meta(ge=0, le=10**12)]
MOST_TASKS = 20_000
MOST_CALLS = 20_000


class Document(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Keys that no field has are refused, and what was not said is left out when written."""


class ExactMatch(Document, frozen=True, tag="exact_match", tag_field="kind"):
    """Right when the output, without space at its ends, is one of the expected texts."""

    expected: Annotated[list[Text], Meta(min_length=1, max_length=100)]
    ignores_case: bool = False


class NumberMatch(Document, frozen=True, tag="number", tag_field="kind"):
    """Right when the last number of the output is within `tolerance` of the expected one."""

    expected: float
    tolerance: Annotated[float, Meta(ge=0)] = 0.0


class JsonSchema(Document, frozen=True, tag="json_schema", tag_field="kind"):
    """Right when the output is JSON of this schema (2020-12)."""

    schema: dict[str, Any]


class PythonTests(Document, frozen=True, tag="python_tests", tag_field="kind"):
    """Right when the output, run as a Python file with these tests after it, comes to their end."""

    tests: Text
    timeout_s: Annotated[float, Meta(gt=0, le=120)] = 10.0


class Rubric(Document, frozen=True, tag="rubric", tag_field="kind"):
    """Graded by a judge, 0 to 10, by this text."""

    rubric: Text


Grader = ExactMatch | NumberMatch | JsonSchema | PythonTests | Rubric


class TaskResult(Document, frozen=True):
    """What one configuration made of one task, once.

    Prompt, output and transcript are bodies: they are kept outside the warehouse, for a while. The
    transcript names a text file beside the document.
    `passed` (deterministic) and `score` (judged, 0-10) are what the client says: provisional.
    """

    task: Name
    category: Category
    difficulty: Difficulty
    grading: Literal["deterministic", "judged"]
    run_no: Annotated[int, Meta(ge=1, le=10_000)] = 1
    passed: bool | None = None
    score: Annotated[float, Meta(ge=0, le=10)] | None = None
    error: Note | None = None
    grader: Grader | None = None
    grader_name: Name | None = None
    grade_note: Note | None = None
    integrity: Literal[0, 1] | None = None
    integrity_note: Note | None = None
    prompt: Text | None = None
    output: Text | None = None
    transcript: Name | None = None
    duration_s: Seconds | None = None
    cost_usd: Money | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    task_added_date: date | None = None


class Call(Document, frozen=True):
    """One call under a load profile; a failed one is counted and has no times."""

    failed: bool = False
    latency_s: Seconds | None = None
    output_tokens: Count | None = None


class Load(Document, frozen=True):
    """Calls made to measure speed, under a profile of seeds/runs/run_load_profiles.csv."""

    profile: Name
    calls: Annotated[list[Call], Meta(max_length=MOST_CALLS)]


class Harness(Document, frozen=True):
    """The program that ran the tasks."""

    name: Name
    version: Name | None = None


class PackStamp(Document, frozen=True):
    """Which pack of tasks was run; with day and MAC (hexadecimal) it is the pack of that day."""

    pack: Name
    sha256: Sha256
    day: date | None = None
    mac: Sha256 | None = None


class Agent(Document, frozen=True):
    """The set-up of an agent: with it each task is a run of a cell.

    A field that is left out is a gap; the seed run_cell_fields says which kind of gap it is.
    """

    tui: Name | None = None
    behavior_mode: Name | None = None
    plugin_stack: Annotated[list[Name], Meta(max_length=100)] | None = None
    tui_image_sha: Name | None = None
    model_endpoint_sha: (
        Annotated[str, Meta(max_length=200, pattern=r"^[a-z0-9-]+:\S+$(?!\n)")] | None
    ) = None
    sampling_profile: Name | None = None
    format_version: Annotated[int, Meta(ge=1, le=1000)] = 1


class RunSignature(Document, frozen=True):
    """An Ed25519 signature (hexadecimal) of the canonical JSON of the run without it."""

    key_id: Sha256
    value: Annotated[str, Meta(pattern=r"^[0-9a-f]{128}$(?!\n)")]


class Run(Document, frozen=True):
    """One run of one configuration over its tasks."""

    format: Literal["benchmart-run/1"]
    nickname: Nickname
    model: Name
    started_at: Moment
    tasks: Annotated[list[TaskResult], Meta(max_length=MOST_TASKS)]
    config_tag: Annotated[str, Meta(max_length=200)] | None = None
    finished_at: Moment | None = None
    harness: Harness | None = None
    pack: PackStamp | None = None
    agent: Agent | None = None
    load: Load | None = None
    lab: bool | None = None
    signature: RunSignature | None = None


class PackTask(Document, frozen=True):
    """One task of a pack, with what grades it."""

    task: Name
    category: Category
    difficulty: Difficulty
    grader: Grader
    prompt: Text
    added_on: date


class Pack(Document, frozen=True):
    """Tasks that belong together; the hash of its canonical JSON names exactly these."""

    format: Literal["benchmart-pack/1"]
    pack: Name
    title: Name
    tasks: Annotated[list[PackTask], Meta(min_length=1, max_length=MOST_TASKS)]


def run_schema() -> dict[str, Any]:
    """The format of a run as JSON Schema 2020-12."""
    return _schema(Run, "A run of own tasks, for benchmart")


def pack_schema() -> dict[str, Any]:
    """The format of a pack as JSON Schema 2020-12."""
    return _schema(Pack, "A pack of tasks, for benchmart")


def _schema(kind: type[Struct], title: str) -> dict[str, Any]:
    (reference,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **reference,
        "$defs": parts,
    }
