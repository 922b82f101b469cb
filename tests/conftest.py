"""Shared by every test: the project, copies of it, and the material beside it."""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"
MADE = {"build", "cache", "out", "runs", "snapshots", "target", "warehouse", "logs"}
# Where the main job and plain dbt keep what dbt has read.
PARSED = ("build/dbt", "target")
NOW = "2026-06-12T12:00:00Z"
BAD_INPUT = "bad input"
FAULT = "fault"
KILL = "kill"
# Upstream rows of each recording.
ROWS = {
    "openrouter": 369,
    "lmarena": 1150,
    "artificial_analysis": 513,
    "swebench": 238,
    "swebench_pro": 24,
    "sweatlas_qna": 13,
    "sweatlas_test_writing": 13,
    "sweatlas_refactoring": 12,
    "mcp_atlas": 20,
    "hil_bench": 12,
    "swerebench": 103,
    "livecodebench": 16,
    "gso": 28,
    "terminal_bench": 124,
    "terminal_bench_2_1": 11,
    "bfcl": 109,
    "sonar": 60,
    "arc_agi": 573,
}


@dataclass(frozen=True)
class Checkout:
    """A copy of the project that a test may run and break."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "warehouse" / "benchmart.duckdb"

    def benchmart(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "benchmart", *arguments], environment)

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        dbt = Path(sys.executable).with_name("dbt")
        return self._run([str(dbt), *arguments])

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a run starts with: nothing of the person's own settings and keys."""
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("BENCHMART", "DBT", "AA_", "HF_", "OPENROUTER_"))
        }
        ours = {"PYTHONPATH": str(self.root), "COLUMNS": "120", "NO_COLOR": "1"}
        return {**kept, **ours, **(more or {})}

    def _run(
        self, command: list[str], environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(environment),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def copy_project(target: Path, source: Path = PROJECT) -> Checkout:
    """What a clone holds: nothing that a run or a tool made."""

    def made(folder: str, names: list[str]) -> list[str]:
        if Path(folder) != source:
            return [name for name in names if name == "__pycache__"]
        return [name for name in names if name in MADE or name.startswith(".")]

    shutil.copytree(source, target, ignore=made)
    return Checkout(target)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Where the main job ran once, and what a test breaks is put right for the next.

    dbt reads the whole project anew wherever it has not run before, so this place is kept.
    """
    checkout = copy_project(tmp_path_factory.mktemp("desk") / "benchmart")
    outcome = checkout.benchmart("all", "--offline", "--now", NOW)
    assert outcome.returncode == 0, outcome.stderr
    return checkout


@pytest.fixture(scope="session")
def published(desk: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout in which the main job ran once; tests read it and never change it."""
    root = tmp_path_factory.mktemp("published") / "benchmart"
    shutil.copytree(desk.root, root)
    return Checkout(root)


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Path]]:
    """Make folders for what the tests of one file share; they go with its last test."""
    made: list[Path] = []

    def make(name: str) -> Path:
        made.append(tmp_path_factory.mktemp(name))
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def lay_out(published: Checkout, desk: Checkout) -> Callable[[Checkout | None], Checkout]:
    """Put a checkout on the desk, in place of what lay there; without one, what a clone holds."""

    def lay(source: Checkout | None) -> Checkout:
        shutil.rmtree(desk.root)
        if source is None:
            copy_project(desk.root)
        else:
            shutil.copytree(source.root, desk.root)
        # What dbt has read of the project holds for this place alone.
        for folder in PARSED:
            shutil.rmtree(desk.root / folder, ignore_errors=True)
        shutil.copytree(published.root / PARSED[0], desk.root / PARSED[0])
        return desk

    return lay


@pytest.fixture
def checkout(published: Checkout, lay_out: Callable[[Checkout | None], Checkout]) -> Checkout:
    """A copy of the published checkout, outputs included, that the test may break."""
    return lay_out(published)


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Find material that lies beside the project; skip the test where it is absent."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"shared/{name} is not beside the project")
        return path

    return find


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what became of each bad input and each fault of an upstream, whichever worker met it."""
    met = [
        (name, row)
        for report in terminalreporter.stats.get("passed", [])
        for name, row in report.user_properties
    ]
    if kills := sorted(row for name, row in met if name == KILL):
        terminalreporter.section(f"killed runs: {len(kills)} lines, every board whole")
        for (part, found), times in Counter(kills).items():
            terminalreporter.write_line(f"{times:>3} x {part:32}{found}")
    print_faults(terminalreporter, sorted(row for name, row in met if name == FAULT))
    rows = sorted(row for name, row in met if name == BAD_INPUT)
    if rows:
        terminalreporter.section(f"bad input: {len(rows)} cases, nothing published, nothing lost")
        for case, code, message in rows:
            terminalreporter.write_line(f"{case:58} exit {code}  {message[:150]}")


def print_faults(terminalreporter: pytest.TerminalReporter, rows: list[tuple]) -> None:
    """A line a fault, a column a source: how it ends with an older answer, and without one."""
    if not rows:
        return
    terminalreporter.section(f"faults: {len(rows)} x {len(ROWS)} sources")
    for ordinal, key in enumerate(ROWS):
        terminalreporter.write_line(f"{'':32}{'   ' * ordinal}{key}")
    for name, ends in rows:
        cells = "".join(f"{(a or ' ')[0]}{(b or ' ')[0]} " for _, a, b in ends)
        terminalreporter.write_line(f"{name:32}{cells}")
    terminalreporter.write_line(
        "v verified, d degraded, s stale (the older answer is used), f failed (there is none);"
        " blank where an upstream cannot have the fault"
    )
