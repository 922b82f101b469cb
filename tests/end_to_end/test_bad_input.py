"""Bad input stops with one message that names file, row and remedy; nothing is lost."""

import hashlib
from pathlib import Path

import pytest


def state(root: Path) -> dict[str, str]:
    """Hash of every published file."""
    files = [root / "warehouse" / "benchmart.duckdb", *sorted((root / "out").rglob("*"))]
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.is_file()
    }


def replace(name, old, new):
    def change(checkout):
        path = checkout.root / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def append(name, line):
    def change(checkout):
        path = checkout.root / name
        path.write_text(path.read_text("utf-8") + line + "\n", encoding="utf-8")

    return change


def garble(name):
    def change(checkout):
        path = checkout.root / name
        path.write_bytes(path.read_bytes() + b"\xff\n")

    return change


def cut_in_half(name):
    def change(checkout):
        path = checkout.root / name
        body = path.read_bytes()
        path.write_bytes(body[: len(body) // 2])

    return change


def coefficients(text):
    def change(checkout):
        (checkout.root / "mine.toml").write_text(text, encoding="utf-8")

    return change


MINE = ("--coefficients", "mine.toml")
CASES = {
    "weights do not sum to 1": (
        replace("seeds/coefficients/group_weights.csv", "BUILD,SWEComposite,0.31", "BUILD,SWEComposite,0.41"),
        (),
        ("seeds/coefficients/group_weights.csv: group BUILD: ", "sum to 1.1", "so that they sum to 1"),
    ),
    "a negative weight": (
        replace("seeds/coefficients/role_weights.csv", "R,BUILD,0.36", "R,BUILD,-0.36"),
        (),
        ("seeds/coefficients/role_weights.csv: role R: ", "Change the weights of R"),
    ),
    "a weighted metric missing from the catalogue": (
        replace("seeds/coefficients/group_weights.csv", "BUILD,GSO,", "BUILD,GSOO,"),
        (),
        ("seeds/coefficients/group_weights.csv: group BUILD, input GSOO: ", "is no scored metric", "Correct the name"),
    ),
    "a metric that nothing weighs": (
        append("seeds/catalogue/metrics.csv", "New,New,What it is.,bfcl,percent,true,false,percentile,0,100,priority,true,scored,why"),
        (),
        ("seeds/catalogue/metrics.csv: New: ", "no weight uses it", "Give it a weight"),
    ),
    "an alias claimed twice": (
        append("seeds/identity/aliases.csv", "openai/gpt-5.4,Opus 4.7,,wrong"),
        (),
        ("seeds/identity/aliases.csv: ", "openai/gpt-5.4", "anthropic/claude-opus-4.7", "Remove one of the rows"),
    ),
    "an alias of an unknown model": (
        append("seeds/identity/aliases.csv", "openai/gpt-99,gpt 99,,wrong"),
        (),
        ("seeds/identity/aliases.csv: ", "openai/gpt-99", "seeds/identity/models.csv"),
    ),
    "an override for an unknown model": (
        append("seeds/overrides/score_overrides.csv", "openai/gpt-99,GSO,50,a card,2026-01-01,day"),
        (),
        ("seeds/overrides/score_overrides.csv: openai/gpt-99, GSO: ", "no model of the registry", "Correct the row"),
    ),
    "an override without citation": (
        append("seeds/overrides/score_overrides.csv", "openai/gpt-5.2,GDPval,1500,,2026-01-01,day"),
        (),
        ("seeds/overrides/score_overrides.csv: openai/gpt-5.2, GDPval: ", "the citation is empty"),
    ),
    "an override out of range": (
        append("seeds/overrides/score_overrides.csv", "openai/gpt-5.4-mini,ARC_AGI_2,500,a card,2026-01-01,day"),
        (),
        ("openai/gpt-5.4-mini, ARC_AGI_2: ", "outside the range"),
    ),
    "an override that is no number": (
        append("seeds/overrides/score_overrides.csv", "openai/gpt-5.4-mini,ARC_AGI_2,many,a card,2026-01-01,day"),
        (),
        ("seeds/overrides/score_overrides.csv: ", "many"),
    ),
    "a parameter that is no number": (
        replace("seeds/coefficients/parameters.csv", "trust_threshold,0.7,", "trust_threshold,most,"),
        (),
        ("seeds/coefficients/parameters.csv: trust_threshold = most: ", "is not a number"),
    ),
    "a model with an unknown vendor": (
        replace("seeds/identity/models.csv", "GPT-5.5,openai,", "GPT-5.5,opnai,"),
        (),
        ("seeds/identity/models.csv: ", "opnai", "seeds/catalogue/vendors.csv"),
    ),
    "a model that stands twice": (
        append("seeds/identity/models.csv", "openai/gpt-5.5,GPT-5.5,openai,gpt,default,,,,again"),
        (),
        ("seeds/identity/models.csv: ", "openai/gpt-5.5"),
    ),
    "a seed row with a cell too few": (
        append("seeds/identity/aliases.csv", "openai/gpt-5.5,short"),
        (),
        ("seeds/identity/aliases.csv: line ", "2 cells, and the header has 4", "one cell a column"),
    ),
    "a seed with an open quote": (
        append("seeds/identity/aliases.csv", 'openai/gpt-5.5,"open,,why'),
        (),
        ("seeds/identity/aliases.csv: line ", "Correct the quotes"),
    ),
    "a seed that is not UTF-8": (
        garble("seeds/identity/aliases.csv"),
        (),
        ("seeds/identity/aliases.csv: byte ", "is not UTF-8", "Save the file as UTF-8"),
    ),
    "a recording cut in half": (
        cut_in_half("recordings/artificial_analysis_llms.json"),
        (),
        ("artificial_analysis: ", "artificial_analysis_llms.json is broken", "Nothing was landed"),
    ),
    "a page cut in half": (
        cut_in_half("recordings/swebench_pro.html"),
        (),
        ("swebench_pro: ", "swebench_pro.html is broken", "restore the file"),
    ),
    "a missing recording": (
        lambda checkout: (checkout.root / "recordings/bfcl.csv").unlink(),
        (),
        ("bfcl.csv: the recording of bfcl cannot be read", "Restore it"),
    ),
    "a coefficients file that is not there": (
        lambda checkout: None,
        MINE,
        ("mine.toml: cannot be read", "--coefficients"),
    ),
    "a coefficients file that is no TOML": (
        coefficients("[group_weights.BUILD\n"),
        MINE,
        ("mine.toml: the file: is not valid TOML", "coefficients.toml of a run"),
    ),
    "a coefficients file with an unknown table": (
        coefficients("[weights]\nBUILD = 1\n"),
        MINE,
        ("mine.toml: [weights]: is not one of", "group_weights"),
    ),
    "a coefficients file with a text for a weight": (
        coefficients('[role_weights.R]\nBUILD = "all"\n'),
        MINE,
        ("mine.toml: [role_weights.R] BUILD: 'all' is no weight",),
    ),
    "a coefficients file whose set does not sum to 1": (
        coefficients("[role_weights.R]\nBUILD = 0.5\n"),
        MINE,
        ("mine.toml: role R: ", "sum to 0.5 instead of 1"),
    ),
    "a coefficients file with an unknown role": (
        coefficients("[role_weights.Q]\nBUILD = 1.0\n"),
        MINE,
        ("mine.toml: role Q, input BUILD: ", "is no role"),
    ),
    "a coefficients file with an unknown parameter": (
        coefficients("[parameters]\ntrust = 0.5\n"),
        MINE,
        ("mine.toml: trust = 0.5: ", "no parameter has this name"),
    ),
    "a moment that is none": (lambda checkout: None, ("--now", "yesterday"), ("--now: 'yesterday'", "Write it as")),
    "a moment without zone": (lambda checkout: None, ("--now", "2026-05-07T00:00:00"), ("has no time zone", "Add Z")),
    "an unknown option": (lambda checkout: None, ("--frobnicate",), ("No such option '--frobnicate'",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_and_loses_nothing(checkout, case):
    change, options, words = CASES[case]
    before = state(checkout.root)
    change(checkout)
    outcome = checkout.benchmart("all", "--offline", *options)
    assert outcome.returncode in (1, 2), outcome.stdout
    assert "Traceback" not in outcome.stderr
    for word in words:
        assert word in outcome.stderr
    assert state(checkout.root) == before


def test_without_offline_the_command_says_what_is_there(checkout):
    outcome = checkout.benchmart("all")
    assert outcome.returncode == 2
    assert "Add --offline" in outcome.stderr


def test_two_runs_do_not_meet(checkout):
    import fcntl

    lock = checkout.root / "build" / "lock"
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        outcome = checkout.benchmart("all", "--offline", "--now", "2026-06-13T00:00:00Z")
    assert outcome.returncode == 1
    assert "another benchmart run is at work" in outcome.stderr
