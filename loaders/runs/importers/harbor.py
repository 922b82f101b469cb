"""Harbor job folders: each agent with a model is one run, each trial a task result.

Nothing of a folder is followed but its own trials: paths that its documents name are not opened.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from loaders.errors import RunUnreadable
from loaders.runs.importers.foreign import (
    Files,
    Foreign,
    Given,
    Grades,
    Importer,
    Marks,
    Numbering,
    decoded,
    grades_of,
    is_there,
    kind_of,
    names_of,
    note,
    pack_stamp,
    refusal,
    require_known,
    run_of,
)
from loaders.runs.shapes import MOST_TASKS, Agent, Harness, Moment, Run, TaskResult

# A job's lock says which shape its documents have; it was written by Harbor 0.25.
LOCK_VERSIONS = (3,)
LOCK = "lock.json"
RESULT = "result.json"
REWARD = "reward"
UNKNOWN = "unknown"
WHOLE = "Name the job folder that Harbor wrote, whole and unchanged."
# The agent's own doing: Harbor counts what the verifier then found, and nothing of other errors.
COUNTED_ERRORS = (
    "AgentTimeoutError",
    "ContextWindowExceededError",
    "OutputTokenExceededError",
    "ContextLengthExceededError",
    "OutputLengthExceededError",
    "AgentSafetyRefusalError",
    "ContentPolicyViolationError",
)


class _Version(Foreign):
    schema_version: int


class _Program(Foreign):
    version: str | None = None


class _Lock(Foreign):
    schema_version: int
    harbor: _Program = msgspec.field(default_factory=_Program)


class _Stats(Foreign):
    pass


class _Job(Foreign):
    n_total_trials: int
    stats: _Stats
    # Written as local time without a zone, so nothing is made of it but whether it is there.
    finished_at: str | None = None


class _Model(Foreign):
    name: str
    provider: str | None = None


class _AgentInfo(Foreign):
    name: str
    version: str
    model_info: _Model | None = None


class _Context(Foreign):
    n_input_tokens: int | None = None
    n_output_tokens: int | None = None
    cost_usd: float | None = None


class _Exception(Foreign):
    exception_type: str
    exception_message: str


class _Verified(Foreign):
    rewards: dict[str, float] | None = None


class _Timing(Foreign):
    started_at: Moment | None = None
    finished_at: Moment | None = None


class _Step(Foreign):
    agent_result: _Context | None = None
    exception_info: _Exception | None = None


class _Server(Foreign):
    name: str


class _AgentConfig(Foreign):
    skills: list[str] | None = None
    mcp_servers: list[_Server] | None = None


class _Config(Foreign):
    agent: _AgentConfig


class _Trial(Foreign):
    task_name: str
    trial_name: str
    task_checksum: str
    config: _Config
    agent_info: _AgentInfo
    source: str | None = None
    agent_result: _Context | None = None
    verifier_result: _Verified | None = None
    exception_info: _Exception | None = None
    started_at: Moment | None = None
    finished_at: Moment | None = None
    agent_execution: _Timing | None = None
    step_results: list[_Step] | None = None


def recognises(path: Path) -> bool:
    """Whether a path is a folder with the result of a job."""
    try:
        if not path.is_dir():
            return False
        marks = decoded(Files(path).read(path / RESULT), Marks, path, WHOLE)
    except (RunUnreadable, OSError, ValueError):
        return False
    return marks.has("n_total_trials", "stats")


def read(path: Path, given: Given) -> Iterator[Run]:
    """A run for each agent, version of it and model. Raises RunUnreadable."""
    files = Files(path)
    version = _harbor_version(files, path)
    job = decoded(files.read(path / RESULT), _Job, path / RESULT, WHOLE)
    if job.finished_at is None:
        raise refusal(path, "the job never finished", "Let it finish: `harbor job resume -p JOB`.")
    trials = _trials(files, path)
    if len(trials) != job.n_total_trials:
        raise refusal(
            path, f"the job has {job.n_total_trials} trials, and {len(trials)} are there", WHOLE
        )
    groups: defaultdict[tuple[str, str, str], list[_Trial]] = defaultdict(list)
    for trial in trials:
        groups[trial.agent_info.name, trial.agent_info.version, _model(trial) or ""].append(trial)
    if given.model is not None and len({model for _, _, model in groups}) > 1:
        raise refusal(path, "--model names one model, and the job has several", "Leave it out.")
    for (agent, _, model), members in sorted(groups.items()):
        yield _run(members, agent, model, version, given, path)


def _harbor_version(files: Files, path: Path) -> str | None:
    """Which Harbor wrote the folder, where a lock says so. Raises RunUnreadable."""
    lock = path / LOCK
    if not is_there(lock) and not lock.is_symlink():
        return None
    body = files.read(lock)
    found = decoded(body, _Version, lock, WHOLE).schema_version
    require_known(lock, "the schema_version of the Harbor lock", found, LOCK_VERSIONS)
    return decoded(body, _Lock, lock, WHOLE).harbor.version


def _trials(files: Files, path: Path) -> list[_Trial]:
    """The trials of a job, in the order in which they were started."""
    try:
        folders = sorted(entry for entry in path.iterdir() if entry.is_dir())
        results = [folder / RESULT for folder in folders if is_there(folder / RESULT)]
    except OSError as error:
        raise refusal(path, f"cannot be read ({error.strerror})", WHOLE) from error
    if len(results) > MOST_TASKS:
        raise refusal(path, f"it holds {len(results)} trials", "Import a smaller job.")
    trials = [decoded(files.read(result), _Trial, result, WHOLE) for result in results]
    return sorted(
        trials,
        key=lambda trial: (trial.started_at is None, trial.started_at or 0, trial.trial_name),
    )


def _model(trial: _Trial) -> str | None:
    model = trial.agent_info.model_info
    if model is None:
        return None
    return f"{model.provider}/{model.name}" if model.provider else model.name


def _run(
    trials: Sequence[_Trial],
    agent: str,
    model: str,
    version: str | None,
    given: Given,
    path: Path,
) -> Run:
    rewards = [_reward(trial, path) for trial in trials]
    grades = grades_of(rewards, scorer=REWARD, path=path)
    numbering = Numbering()
    started = [trial.started_at for trial in trials if trial.started_at is not None]
    finished = [trial.finished_at for trial in trials if trial.finished_at is not None]
    if not started:
        raise refusal(path, "no trial says when it was started", WHOLE)
    checksums = sorted({(_task(trial), trial.task_checksum) for trial in trials})
    return run_of(
        given,
        path,
        model=model,
        started_at=min(started),
        finished_at=max(finished, default=None),
        harness=Harness(name="harbor", version=version),
        pack=pack_stamp(
            f"harbor:{'+'.join(sorted({_source(trial) for trial in trials}))}",
            {"tasks": [list(pair) for pair in checksums]},
            path,
        ),
        agent=Agent(tui=agent, plugin_stack=_plugins(trials, path)),
        tasks=[
            _result(trial, reward, grades, numbering, given, path)
            for trial, reward in zip(trials, rewards, strict=True)
        ],
    )


def _result(
    trial: _Trial,
    reward: float | None,
    grades: Grades,
    numbering: Numbering,
    given: Given,
    path: Path,
) -> TaskResult:
    task = _task(trial)
    names = names_of(task, trial.task_name, trial.source)
    category, difficulty = kind_of(given, "harbor", names, path)
    exception = _exception(trial)
    contexts = _contexts(trial)
    return TaskResult(
        task=task,
        category=category,
        difficulty=difficulty,
        run_no=numbering.next_of(task),
        error=_why_unscored(exception) if reward is None else None,
        grader_name=f"harbor/{REWARD}",
        grade_note=note(f"graded after {exception.exception_type}")
        if exception is not None and reward is not None
        else None,
        duration_s=_seconds(trial.agent_execution),
        cost_usd=_sum(context.cost_usd for context in contexts),
        input_tokens=_sum(context.n_input_tokens for context in contexts),
        output_tokens=_sum(context.n_output_tokens for context in contexts),
        **grades.of(reward),
    )


def _reward(trial: _Trial, path: Path) -> float | None:
    """What the verifier gave; None where an error or nothing is recorded."""
    rewards = trial.verifier_result.rewards if trial.verifier_result is not None else None
    exception = _exception(trial)
    if not rewards or (exception is not None and exception.exception_type not in COUNTED_ERRORS):
        return None
    if REWARD in rewards:
        return rewards[REWARD]
    if len(rewards) == 1:
        return next(iter(rewards.values()))
    raise refusal(
        path,
        f"{trial.trial_name!r} has the rewards {', '.join(sorted(rewards))}, and none is "
        f"{REWARD!r}",
        f"Let the verifier write one that is called {REWARD!r}.",
    )


def _exception(trial: _Trial) -> _Exception | None:
    """What went wrong first: in the trial, else in a step of it."""
    steps = [step.exception_info for step in trial.step_results or []]
    return next((each for each in (trial.exception_info, *steps) if each is not None), None)


def _why_unscored(exception: _Exception | None) -> str:
    if exception is None:
        return "no reward is recorded"
    return note(f"{exception.exception_type}: {exception.exception_message}")


def _contexts(trial: _Trial) -> list[_Context]:
    """What agents used: recorded for the trial, or for each step of one that has several."""
    if trial.agent_result is not None:
        return [trial.agent_result]
    steps = trial.step_results or []
    return [step.agent_result for step in steps if step.agent_result is not None]


def _sum(figures: Iterator[Any]) -> Any:
    """The sum of what was recorded; None when nothing was."""
    recorded = [figure for figure in figures if figure is not None]
    return sum(recorded) if recorded else None


def _seconds(timing: _Timing | None) -> float | None:
    if timing is None or timing.started_at is None or timing.finished_at is None:
        return None
    return (timing.finished_at - timing.started_at).total_seconds()


def _plugins(trials: Sequence[_Trial], path: Path) -> list[str]:
    """The servers and skills that the agent was given, the same in all its trials."""
    stacks = {
        tuple(
            sorted(
                [f"mcp:{server.name}" for server in trial.config.agent.mcp_servers or []]
                # A skill is recorded by its folder, of which only the last name is its own.
                + [f"skill:{PurePosixPath(skill).name}" for skill in _skills(trial)]
            )
        )
        for trial in trials
    }
    if len(stacks) > 1:
        raise refusal(
            path,
            f"the agent {trials[0].agent_info.name!r} was given different servers or skills",
            "Run a job for each set-up.",
        )
    return list(stacks.pop())


def _skills(trial: _Trial) -> list[str]:
    return trial.config.agent.skills or []


def _source(trial: _Trial) -> str:
    return trial.source or "adhoc"


def _task(trial: _Trial) -> str:
    """The name with its organisation, or with the data set where it has none."""
    name = trial.task_name
    return name if "/" in name else f"{_source(trial)}/{name}"


IMPORTER = Importer(
    name="harbor",
    title="Harbor job folder",
    versions="lock version 3, or a folder without a lock",
    recognises=recognises,
    read=read,
)
