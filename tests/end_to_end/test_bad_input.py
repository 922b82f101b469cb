"""Bad input stops with one message that names file, row and remedy; nothing is lost."""

import hashlib
from pathlib import Path

import pytest

from tests.conftest import BAD_INPUT


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


def aliases(*lines, header="model_id,alias,source_key,rationale"):
    def change(checkout):
        text = "\n".join((header, *lines)) + "\n"
        (checkout.root / "mine.csv").write_text(text, encoding="utf-8")

    return change


def replace_all(name, old, new):
    def change(checkout):
        path = checkout.root / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


MINE = ("--coefficients", "mine.toml")
ALIASES = ("--aliases", "mine.csv")
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
        append("seeds/catalogue/metrics.csv", "New,New,What it is.,bfcl,percent,true,false,percentile,0,100,priority,true,scored,,why"),
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
    "an alias file that is not there": (
        lambda checkout: None,
        ALIASES,
        ("mine.csv: cannot be read", "--aliases"),
    ),
    "an alias file with other columns": (
        aliases("openai/gpt-5.5,gpt fünf", header="model,name"),
        ALIASES,
        ("mine.csv: line 1: the columns are model, name", "model_id,alias,source_key,rationale"),
    ),
    "an alias file with a cell too few": (
        aliases("openai/gpt-5.5,gpt fünf,why"),
        ALIASES,
        ("mine.csv: line 2: 3 cells instead of 4",),
    ),
    "an alias file without a reason": (
        aliases("openai/gpt-5.5,gpt fünf,,"),
        ALIASES,
        ("mine.csv: line 2: model_id, alias or rationale is empty",),
    ),
    "an alias file with an unknown model": (
        aliases("openai/gpt-99,gpt 99,,why"),
        ALIASES,
        ("mine.csv: gpt 99: openai/gpt-99 is no model", "Correct the name"),
    ),
    "an alias file with an unknown source": (
        aliases("openai/gpt-5.5,gpt fünf,nosuch,why"),
        ALIASES,
        ("mine.csv: gpt fünf: nosuch is no source",),
    ),
    "an alias file that claims another model's name": (
        aliases("openai/gpt-5.5,opus 4.7,,why"),
        ALIASES,
        ("mine.csv: ", "anthropic/claude-opus-4.7", "openai/gpt-5.5", "both claim the name opus47"),
    ),
    "a pattern on a field that the source does not have": (
        append("seeds/identity/exclusions.csv", "gso,title,like,%x%,row,why,because"),
        (),
        ("seeds/identity/exclusions.csv: gso, %x%: title is no field", "one of name"),
    ),
    "a pattern with an unknown scope": (
        append("seeds/identity/exclusions.csv", "gso,name,like,%x%,everything,why,because"),
        (),
        ("seeds/identity/exclusions.csv: scope 'everything': is not one of row, system, label",),
    ),
    "a selection rule for an unknown metric": (
        append("seeds/identity/selection_rules.csv", "gso,GSOO,name,%x%,1,because"),
        (),
        ("seeds/identity/selection_rules.csv: metric_key 'GSOO': is not in seeds/catalogue/metrics.csv",),
    ),
    "a qualifier with an unknown effort": (
        append("seeds/identity/qualifiers.csv", "ultra,effort,false,,ultra,why"),
        (),
        ("seeds/identity/qualifiers.csv: effort 'ultra': is not in seeds/identity/effort_ranks.csv",),
    ),
    "a pair whose model is its own donor": (
        append("seeds/synthesis/synthesis_pairs.csv", "99,openai/gpt-5.5,openai/gpt-5.5,conservative,,why"),
        (),
        ("seeds/synthesis/synthesis_pairs.csv: pair 99, ", "the model is its own donor", "Correct the pair"),
    ),
    "a pair with an unknown donor": (
        append("seeds/synthesis/synthesis_pairs.csv", "99,openai/gpt-5.5,openai/gpt-99,conservative,,why"),
        (),
        ("seeds/synthesis/synthesis_pairs.csv: donor_model_id 'openai/gpt-99': is not in seeds/identity/models.csv",),
    ),
    "a pair for an unknown source": (
        append("seeds/synthesis/synthesis_pairs.csv", "99,openai/gpt-5.5,openai/gpt-5.4,conservative,gso nosuch,why"),
        (),
        ("seeds/synthesis/synthesis_pairs.csv: pair 99, ", '"nosuch" is no source'),
    ),
    "a product line of two vendors": (
        append("seeds/synthesis/synthesis_pairs.csv", "99,openai/gpt-5.5,xai/grok-4.3,same_series_forward,,why"),
        (),
        ("pair 99, ", "models of two vendors cannot be one product line"),
    ),
    "two pairs with one place": (
        append("seeds/synthesis/synthesis_pairs.csv", "1,openai/gpt-5.5,openai/gpt-5.4,conservative,,why"),
        (),
        ("seeds/synthesis/synthesis_pairs.csv: pair_order 1: stands 2 times",),
    ),
    "a pull that is no number": (
        replace("seeds/coefficients/evidence_classes.csv", "ring,0.1,", "ring,some,"),
        (),
        ("seeds/coefficients/evidence_classes.csv: ", "some"),
    ),
    "a metric of an unknown source": (
        replace("seeds/catalogue/metrics.csv", "hacks discounted. Higher is better.\",gso,", "hacks discounted. Higher is better.\",gsoo,"),
        (),
        ("seeds/catalogue/metrics.csv: source_key 'gsoo': is not in seeds/catalogue/sources.csv",),
    ),
    "a recording whose pages do not follow each other": (
        replace("recordings/lmarena_overall.json", '"row_idx":100,', '"row_idx":99,'),
        (),
        ("lmarena: ", "the pages of 'text' do not follow each other", "Nothing was landed"),
    ),
    "a recording without its main board": (
        replace("recordings/swebench_leaderboards.json", '"name":"Verified"', '"name":"Lite"'),
        (),
        ("swebench: ", "the board 'Verified' is missing"),
    ),
    "a recording of another version": (
        replace_all("recordings/terminal_bench.html", "2.0", "2.1"),
        (),
        ("terminal_bench: ", "the page is not that of version 2.0"),
    ),
    "a recording with a negative density": (
        replace("recordings/sonar.json", '"issueDensity":26.65', '"issueDensity":-26.65'),
        (),
        ("sonar: ", "issueDensity is -26.65, outside 0.0 to inf"),
    ),
    "a recording with a row less than its index says": (
        replace("recordings/index.toml", "rows = 573", "rows = 574"),
        (),
        ("arc_agi: ", "573 rows, and 574 are stated"),
    ),
    "a recording whose figures name no model": (
        replace_all("recordings/arc_agi.json", '"id":"', '"key":"'),
        (),
        ("arc_agi: ", "evaluations name a model of the list"),
    ),
    "a moment that is none": (lambda checkout: None, ("--now", "yesterday"), ("--now: 'yesterday'", "Write it as")),
    "a moment without zone": (lambda checkout: None, ("--now", "2026-05-07T00:00:00"), ("has no time zone", "Add Z")),
    "an unknown option": (lambda checkout: None, ("--frobnicate",), ("No such option '--frobnicate'",)),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_named_and_loses_nothing(checkout, case, record_property):
    change, options, words = CASES[case]
    before = state(checkout.root)
    change(checkout)
    outcome = checkout.benchmart("all", "--offline", *options)
    assert outcome.returncode in (1, 2), outcome.stdout
    assert "Traceback" not in outcome.stderr
    for word in words:
        assert word in outcome.stderr
    assert state(checkout.root) == before
    record_property(BAD_INPUT, (case, outcome.returncode, outcome.stderr.splitlines()[-1]))


def test_two_runs_do_not_meet(checkout):
    import fcntl

    lock = checkout.root / "build" / "lock"
    with lock.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        outcome = checkout.benchmart("all", "--offline", "--now", "2026-06-13T00:00:00Z")
    assert outcome.returncode == 1
    assert "another benchmart run is at work" in outcome.stderr
