"""Transcripts beside a run document: read as bodies, from its own folder and nowhere else."""

from pathlib import Path

import msgspec

from loaders.errors import RunUnreadable, one_line
from loaders.runs.shapes import Run, TaskResult

LARGEST_TRANSCRIPT = 8 << 20


def with_transcripts(run: Run, folder: Path | None, *, name: str) -> Run:
    """The run with each reference replaced by the text of the file that it names.

    Raises RunUnreadable for a reference that leaves the folder, a missing or too large file, or
    one that is no text; and for any reference of a run that came without a folder.
    """
    if all(task.transcript is None for task in run.tasks):
        return run
    tasks = [
        _read(task, folder, f"{name}: $.tasks[{place}].transcript")
        for place, task in enumerate(run.tasks)
    ]
    return msgspec.structs.replace(run, tasks=tasks)


def _read(task: TaskResult, folder: Path | None, where: str) -> TaskResult:
    if task.transcript is None:
        return task
    if folder is None:
        raise RunUnreadable(f"{where}: refers to a file, and this run came without any.")
    root = folder.resolve()
    path = (root / task.transcript).resolve()
    if not path.is_relative_to(root) or path == root:
        raise RunUnreadable(
            one_line(f"{where}: {task.transcript!r} leads out of the folder of the run.")
        )
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_TRANSCRIPT + 1)
    except (OSError, ValueError) as error:
        raise RunUnreadable(
            one_line(f"{where}: {task.transcript!r} cannot be read. Put it beside the run.")
        ) from error
    if len(data) > LARGEST_TRANSCRIPT:
        raise RunUnreadable(
            one_line(f"{where}: {task.transcript!r} has more than {LARGEST_TRANSCRIPT:,} bytes.")
        )
    try:
        return msgspec.structs.replace(task, transcript=data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise RunUnreadable(one_line(f"{where}: {task.transcript!r} is no UTF-8.")) from error
