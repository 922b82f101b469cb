"""The pages in docs/ say what the seeds, the marts and the outputs say."""

import csv
import re
import tomllib

import pytest

from loaders.registry import SOURCES
from tests.conftest import PROJECT, ROWS
from tests.end_to_end.test_independent_scores import seed

DOCS = PROJECT / "docs"


def page(name):
    return (DOCS / name).read_text("utf-8")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.source_key)
def test_a_source_has_a_section_with_its_facts(source):
    sections = re.split(r"^## ", page("sources.md"), flags=re.M)[1:]
    [section] = [text for text in sections if f"(`{source.source_key}`)" in text.splitlines()[0]]
    words = " ".join(section.split())
    [row] = [row for row in seed("catalogue/sources.csv") if row["source_key"] == source.source_key]
    assert words.startswith(row["name"])
    for fact in (
        f"<{source.url}>",
        f"Fresh for {row['ttl_hours']} h; floor {source.floor} rows",
        f"with {ROWS[source.source_key]:,} rows in `recordings/{source.file}`",
        f"`{source.secret.env}`" if source.secret else "",
        row["licence"],
    ):
        assert fact in words, fact
    for metric in seed("catalogue/metrics.csv"):
        if metric["source_key"] == source.source_key and metric["status"] != "composite":
            assert f"`{metric['metric_key']}`" in words, metric["metric_key"]


def test_the_method_names_every_parameter_and_class():
    text = page("methodology.md")
    for row in seed("coefficients/parameters.csv"):
        assert f"`{row['parameter_key']}`" in text, row["parameter_key"]
    for row in seed("coefficients/evidence_classes.csv"):
        pull = "" if row["evidence_class"] == "missing" else row["pull"]
        assert re.search(rf"\| `{row['evidence_class']}` \|.*\| {pull}", text), row
    for row in seed("identity/effort_ranks.csv"):
        word = "unstated" if row["effort"] == "default" else row["effort"]
        assert word in text, row["effort"]


def test_the_output_page_names_every_key_and_mart(published):
    text = page("output-schema.md")
    board = tomllib.loads((published.root / "out/scoreboard.toml").read_text("utf-8"))
    triage = tomllib.loads(published.benchmart("triage").stdout)
    keys = {*board, *board["models"][0], *triage, *triage["summary"]}
    keys |= {key for source in triage["sources"].values() for key in source}
    for key in keys | {"board.json", "missing.toml", "coefficients.toml"}:
        assert f"`{key}`" in text, key
    for (table,) in published.query(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    ):
        assert f"`{table}`" in text, table


def test_links_of_the_pages_lead_somewhere():
    for name in DOCS.glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", name.read_text("utf-8")):
            assert (DOCS / link).exists(), (name.name, link)


def test_the_triage_report_names_what_a_person_would_look_for(published):
    triage = tomllib.loads(published.benchmart("triage").stdout)
    assert triage["generated_at"] == "2026-06-12T00:00:00Z"
    assert set(triage["provenance"]) == set(ROWS)
    assert {key: source["ingested"] for key, source in triage["sources"].items()} == ROWS
    groups = sum(source["unmatched_groups"] for source in triage["sources"].values())
    assert groups == triage["summary"]["total_unmatched_groups"] > 1000
    [kimi] = [
        name
        for name in triage["sources"]["terminal_bench"]["unmatched"]
        if name["normalized"] == "gpt 5.1 codex max"
    ]
    assert kimi["count"] >= 1 and kimi["vendor_hint"] == "OpenAI"
    assert list(kimi["sample_fields"]) == ["accuracy", "agent", "agentName"]
    assert triage["summary"]["total_synthesis_gaps"] == len(triage["gaps"])
    [(blocked,)] = published.query("select count(*) from marts.audit_blocked_fills")
    assert triage["summary"]["total_cap_blocked"] == blocked > 0
    [gap] = [
        gap
        for gap in triage["gaps"]["anthropic/claude-opus-4.6"]["missing_at"]
        if gap["source"] == "bfcl"
    ]
    assert gap["candidates"] == [
        {"canonical_id": "anthropic/claude-opus-4.5", "overlap": 0.6, "present_at_source": True}
    ]
    few = tomllib.loads(published.benchmart("triage", "--min-count", "3").stdout)
    counts = [name["count"] for source in few["sources"].values() for name in source["unmatched"]]
    assert counts and min(counts) == 3
    assert all(
        source["unmatched"]
        == sorted(source["unmatched"], key=lambda name: (-name["count"], name["normalized"]))
        for source in few["sources"].values()
    )


def test_aliases_of_a_file_count_for_one_run(checkout):
    # As a spreadsheet writes it: a mark at the start, a blank line at the end.
    with (checkout.root / "mine.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["model_id", "alias", "source_key", "rationale"])
        writer.writerow(["moonshotai/kimi-k2-0905", "Kimi K2 Instruct", "gso", "For a test"])
        writer.writerow([])
    sql = (
        "select model_id from marts.fct_identity"
        " where source_key = 'gso' and label = 'Kimi K2 Instruct'"
    )
    assert checkout.query(sql) == [(None,)]
    assert checkout.benchmart("all", "--offline", "--aliases", "mine.csv").returncode == 0
    assert checkout.query(sql) == [("moonshotai/kimi-k2-0905",)]
    assert checkout.query("select count(*) from request.aliases") == [(0,)]
    assert checkout.benchmart("all", "--offline").returncode == 0
    assert checkout.query(sql) == [(None,)]
