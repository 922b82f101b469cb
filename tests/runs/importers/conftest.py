"""The files of each tool, and the way they are imported."""

import json
import shutil
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from loaders.errors import RunUnreadable
from loaders.runs.importers import Given, find_importer, read_runs

HERE = Path(__file__).parent
GIVEN = Given(nickname="ada", category="reason", difficulty="easy")
EXACT_JSON = HERE / "inspect" / "tiny_exact.json"
EXACT_ZSTD = HERE / "inspect" / "tiny_exact.eval"
EXACT_DEFLATE = HERE / "inspect" / "tiny_exact_deflate.eval"
MATCH_JSON = HERE / "inspect" / "tiny_match.json"
JUDGED_JSON = HERE / "inspect" / "tiny_judged.json"
JOB = HERE / "harbor" / "job"
[LM_EVAL] = (HERE / "lm_eval").glob("*/results_*.json")
EEE = HERE / "every_eval_ever"
EEE_CHOICE = EEE / "e74eee53-a311-4683-9377-d8313a5e2712.json"
EEE_SUMS = EEE / "3fa7015e-eeef-444d-8b47-cb1e65d7964f.json"
EEE_REPEATED = EEE / "14951130-998d-4fde-b700-67634af572fd.json"
EEE_JUDGED = EEE / "92fc8a93-fdd6-4ecf-b88e-45cf274af2d6.json"


def runs_of(path, given=GIVEN):
    return list(read_runs(path, given))


def run_of(path, given=GIVEN):
    [run] = runs_of(path, given)
    return run


def refused(path, given=GIVEN):
    """Why a path is refused: one line that names a file and says what to do."""
    with pytest.raises(RunUnreadable) as caught:
        runs_of(path, given)
    message = str(caught.value)
    assert message.isprintable() and message.endswith((".", ")", "`.")), message
    return message


def moment(text):
    return datetime.fromisoformat(text)


def digest(identity):
    """The hash of plain data, written out by hand: sorted keys, no space."""
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def changed(source, folder, change):
    """A copy of a JSON file in a folder, after `change` was made to its document."""
    document = json.loads(source.read_text("utf-8"))
    change(document)
    path = folder / source.name
    path.write_text(json.dumps(document), "utf-8")
    return path


def json_lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write_lines(path, rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


@pytest.fixture
def job(tmp_path):
    return Path(shutil.copytree(JOB, tmp_path / "job"))


@pytest.fixture
def harness(tmp_path):
    """A copy of the harness's folder: the file of results in it."""
    return Path(shutil.copytree(LM_EVAL.parent, tmp_path / "harness")) / LM_EVAL.name


@pytest.fixture
def eee(tmp_path):
    """A copy of an aggregate with its samples, which no checksum binds to it."""

    def copy(source):
        samples = source.with_name(f"{source.stem}_samples.jsonl")
        shutil.copy(samples, tmp_path)
        return changed(
            source, tmp_path, lambda it: it["detailed_evaluation_results"].pop("checksum")
        )

    return copy


def importer_of(path):
    return find_importer(path).name
