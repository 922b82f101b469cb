"""Which published label is which model, where comparable boards go wrong."""

import json
import subprocess
import sys

import duckdb
import pytest

from tests.conftest import SHARED


@pytest.fixture(scope="module")
def named(published):
    """{(source, label): (model, effort, agent)}; one label never has two answers on one source."""
    answers = {}
    for source, label, *answer in published.query(
        "select distinct source_key, label, model_id, effort, agent from marts.fct_identity"
    ):
        assert answers.setdefault((source, label), tuple(answer)) == tuple(answer), (source, label)
    return answers


@pytest.fixture(scope="module")
def cell(published):
    """The figure of a model: value, label, effort, agent."""

    def find(model_id, metric_key):
        [row] = published.query(
            "select raw_value, label, effort, agent from marts.fct_metric_scores"
            f" where model_id = '{model_id}' and metric_key = '{metric_key}'"
        )
        return row

    return find


def test_one_label_has_two_answers_on_two_boards(named, published):
    """Kimi K2 Instruct is the release of September on one board and the first release elsewhere."""
    assert named["terminal_bench", "Kimi K2 Instruct"][0] == "moonshotai/kimi-k2-0905"
    for source in ("swebench", "gso"):
        assert named[source, "Kimi K2 Instruct"][0] is None
    assert named["swebench_pro", "kimi-k2-instruct"][0] is None
    assert named["swebench", "mini-SWE-agent + Kimi K2 Instruct"][0] is None
    assert named["swerebench", "Kimi K2 Instruct 0905"][0] == "moonshotai/kimi-k2-0905"


def test_a_slug_that_hides_its_effort_says_none(named, cell):
    """gpt-5-5 is the xhigh variant there, gemini-3-flash the one without reasoning."""
    assert named["artificial_analysis", "gpt-5-5"] == ("openai/gpt-5.5", None, None)
    assert named["artificial_analysis", "GPT-5.5 (xhigh)"] == ("openai/gpt-5.5", "xhigh", None)
    assert named["artificial_analysis", "gemini-3-flash"] == ("google/gemini-3-flash", None, None)
    assert cell("openai/gpt-5.5", "ArtificialAnalysisIntelligence")[1:3] == (
        "GPT-5.5 (xhigh)", "xhigh",
    )  # fmt: skip
    assert cell("google/gemini-3-flash", "ArtificialAnalysisIntelligence")[1:3] == (
        "Gemini 3 Flash Preview (Reasoning)", "thinking",
    )  # fmt: skip


@pytest.mark.parametrize("source", ["arc_agi", "swebench", "swebench_pro", "swerebench"])
def test_a_date_is_no_version(named, source):
    """gpt-5-2025-08-07 is GPT-5 of August 2025, and not GPT-5.2."""
    dated = {
        label: answer
        for (where, label), answer in named.items()
        if where == source and "gpt-5-2025-08-07" in label.lower()
    }
    assert dated and all(answer[0] is None for answer in dated.values())
    if source == "swebench":
        assert named[source, "gpt-5-2"][0] == "openai/gpt-5.2"
        assert named[source, "gpt-5.2-2025-12-11"][0] == "openai/gpt-5.2"
    if source == "arc_agi":
        assert named[source, "gpt-5-2-2025-12-11-thinking-high"] == ("openai/gpt-5.2", "high", None)
        assert named[source, "gpt-5-2-pro-2025-12-11-high"][0] is None


def test_a_vision_model_with_the_slug_of_the_text_model_gives_it_nothing(named, published):
    assert named["openrouter", "z-ai/glm-4.6-20251208"][0] is None
    assert named["openrouter", "z-ai/glm-4.6v"][0] is None
    assert named["openrouter", "z-ai/glm-4.6"][0] == "z-ai/glm-4.6"
    assert published.query("select count(*) from marts.audit_identity_conflicts") == [(0,)]


def test_a_tier_that_is_left_out_is_the_only_one_there_is(named, cell):
    assert named["arc_agi", "Claude 4.7 (Max)"] == ("anthropic/claude-opus-4.7", "max", None)
    value, label, effort, _ = cell("anthropic/claude-opus-4.7", "ARC_AGI_2")
    assert (round(value, 2), label, effort) == (75.83, "Claude 4.7 (Max)", "max")


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("terminal_bench", "Claude Haiku 4.5 + Claude Sonnet 4.5 + GPT-5-Nano"),
        ("terminal_bench", "claude-haiku-4-5 + gpt-5.2"),
        ("swebench", "claude-sonnet-4.5 + gpt-5"),
        ("swebench", "TRAE + Claude Sonnet 4 + Opus 4 + Sonnet 3.7 + Gemini 2.5 Pro"),
        ("swebench", "Refact.ai Agent + Claude 4 Sonnet + o4-mini"),
        ("arc_agi", "GPT-5.2 (Refine.)"),
        ("arc_agi", "Human Panel"),
        ("arc_agi", "Stem Grad"),
        ("openrouter", "openrouter/auto"),
        ("openrouter", "~anthropic/claude-opus-latest"),
        ("openrouter", "~moonshotai/kimi-latest"),
    ],
)
def test_systems_people_routers_and_rolling_names_are_no_models(named, published, source, label):
    assert named[source, label][0] is None
    [(reason,)] = published.query(
        "select distinct exclusion_reason from marts.fct_identity"
        f" where source_key = '{source}' and label = '{label}'"
    )
    assert reason is not None
    assert published.query(
        "select count(*) from marts.audit_excluded_rows"
        f" where source_key = '{source}' and is_system"
    ) > [(0,)]


def test_a_free_offer_is_no_price(named, published, cell):
    """The :free variant names its model and stands behind the plain entry; 0 is no figure."""
    assert named["openrouter", "minimax/minimax-m2.5:free"][0] == "minimax/minimax-m2.5"
    value, label, *_ = cell("minimax/minimax-m2.5", "BlendedCost")
    assert value > 0 and ":free" not in label
    assert published.query(
        "select count(*) from marts.fct_metric_scores where raw_value <= 0 and metric_key in"
        " ('BlendedCost', 'PromptPricePerMillion', 'CompletionPricePerMillion', 'TTFT', 'OutputSpeed')"
    ) == [(0,)]


def test_a_harness_is_an_agent_wherever_it_stands(named):
    assert named["sweatlas_refactoring", "GPT-5.5 (Codex) xHigh"] == (
        "openai/gpt-5.5", "xhigh", "Codex",
    )  # fmt: skip
    assert named["sweatlas_refactoring", "Opus 4.8 (Claude Code)"][0] == "anthropic/claude-opus-4.8"
    assert named["sweatlas_qna", "Gpt 5.4 xHigh (Mini-SWE-Agent)"] == (
        "openai/gpt-5.4", "xhigh", "Mini-SWE-Agent",
    )  # fmt: skip
    assert named["sweatlas_refactoring", "GPT 5.3 (Codex) xHigh"][0] == "openai/gpt-5.3-codex"
    assert named["lmarena", "gpt-5.4-high (codex-harness)"] == (
        "openai/gpt-5.4", "high", "codex-harness",
    )  # fmt: skip


def test_the_agent_of_an_entry_is_what_its_label_says(named, shared):
    """The published tables name the agent of each hand-typed label."""
    assert named["swebench", "mini-SWE-agent + Claude 4.5 Opus (high reasoning)"] == (
        "anthropic/claude-opus-4.5", "high", "mini-SWE-agent",
    )  # fmt: skip
    for source in ("sweatlas_qna", "sweatlas_test_writing", "sweatlas_refactoring", "hil_bench"):
        facts = json.loads(shared(f"data/facts/{source}.json").read_text("utf-8"))
        for row in facts["rows"]:
            assert named[source, row["model"].strip()][2] == row["agent_part"], row["model"]


def test_the_search_tool_is_taken_off_on_the_search_board_only(named, published):
    assert named["lmarena", "claude-opus-4-6-search"][0] == "anthropic/claude-opus-4.6"
    assert named["lmarena", "gpt-5.2-search-non-reasoning"][:2] == ("openai/gpt-5.2", "none")
    assert named["lmarena", "gemini-2.5-pro-grounding"][0] == "google/gemini-2.5-pro"
    assert named["lmarena", "grok-4-fast-search"][0] is None
    assert published.query(
        "select count(*) from intermediate.int_labels_published where source_key = 'lmarena'"
        " and endpoint <> 'search' and model_text <> label"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("model_id", "metric_key", "value", "effort", "agent"),
    [
        ("anthropic/claude-opus-4.5", "SWEBenchVerified", 76.8, "high", "mini-SWE-agent"),
        ("anthropic/claude-opus-4.6", "TerminalBench", 79.78, "default", "ForgeCode"),
        ("anthropic/claude-opus-4.6", "TerminalBenchTerminus2", 62.92, "default", "Terminus 2"),
        ("openai/gpt-5.4", "SWEAtlasQnA", 40.8, "xhigh", "Codex"),
        ("z-ai/glm-5.1", "SWERebench", 50.7, "default", None),
        ("openai/gpt-5.4", "GSO", 30.39, "xhigh", "OpenHands"),
        ("anthropic/claude-opus-4.6", "GSO", 37.25, "high", "OpenHands"),
        ("anthropic/claude-opus-4.5", "BFCL", 77.47, "default", None),
        ("anthropic/claude-opus-4.7", "SonarFunctionalSkill", 81.65, "high", None),
        ("openai/gpt-5.5", "ARC_AGI_2", 85.0, "xhigh", None),
        ("openai/gpt-5.5", "HiLBench", 29.1, "default", None),
        ("google/gemini-2.5-pro", "LiveCodeBench", 81.52, "default", None),
        ("anthropic/claude-opus-4.7", "BlendedCost", 10.0, "default", None),
        ("openai/gpt-5.5", "BlendedCost", 11.25, "default", None),
    ],
)
def test_the_configuration_that_stands_for_a_model(
    cell, model_id, metric_key, value, effort, agent
):
    """Figures that the sources' documentation names as the right choice among several rows."""
    found, _, found_effort, found_agent = cell(model_id, metric_key)
    assert (round(found, 2), found_effort, found_agent) == (value, effort, agent)


def test_every_attribution_is_right_against_the_checked_labels(published, shared):
    truth = shared("data/identity/identity_truth_dev.csv")
    outcome = subprocess.run(
        [
            sys.executable, str(SHARED / "checks/identity.py"), str(published.database),
            "--truth", str(truth),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(outcome.stdout)
    assert outcome.returncode == 0, outcome.stdout


def land(checkout, table, payload):
    """One more upstream row of the payload that is in force."""
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute(
            f"insert into raw.{table} select * replace (? as payload, row_ordinal + 1 as row_ordinal)"
            f" from raw.{table} order by row_ordinal desc limit 1",
            [json.dumps(payload)],
        )


NEIGHBOURS = (
    "GPT-5 (2)", "GPT-5.2-Codex-Max", "GPT-5.3-Codex Max", "GPT 5.2 Pro", "GPT-5.5 Image",
    "gpt-5.5-chat-latest", "gpt-5-2025-12-11", "GPT-5.4 nano (xhigh)", "Claude Opus 4",
    "Claude Opus 4.1", "Claude Haiku 4.7", "Claude 3.7 Sonnet", "GLM-4.6V", "GLM-4.7-Flash",
    "GLM 5 Turbo", "Kimi K2", "Kimi K2 Thinking", "kimi-k2-0711-preview", "Gemini 3 Pro Image",
    "Gemini 3 Deep Think", "Gemini 2.5 Flash-Lite", "Qwen3.6 Max", "Qwen3.5-35B-A3B",
    "DeepSeek V3.2 Exp", "DeepSeek-V3.2-Speciale", "grok-4-fast", "Grok 4.1", "Grok 4 Heavy",
    "MiniMax M2", "MiMo-V2-Flash", "Muse", "GPT-5.5 + Claude Opus 4.7", "Claude Opus 4.6 or 4.7",
)  # fmt: skip
SPELLINGS = {
    "GLM-5 [1]": "z-ai/glm-5",
    "GPT-5.5 (Extra High)*": "openai/gpt-5.5",
    "claude-opus-4-7-20260416-thinking-64k": "anthropic/claude-opus-4.7",
    "MoonshotAI: Kimi K2.6 (free)": "moonshotai/kimi-k2.6",
    "GLM-5.1 (OpenHands) (Claude Code) xHigh": "z-ai/glm-5.1",
    "Google DeepMind Gemini 3.1 Pro": "google/gemini-3.1-pro-preview",
}


def test_names_made_to_mislead_give_nothing(checkout, published):
    """Rows that look like a model of the registry and are another product or several models."""
    for label in (*NEIGHBOURS, *SPELLINGS):
        land(checkout, "gso__models", {"name": label, "setting": "Opt@1", "score": 99.5})
    land(
        checkout,
        "openrouter__models",
        {
            "id": "openai/gpt-5.5-image",
            "canonical_slug": "openai/gpt-5.5-20990101",
            "name": "OpenAI: GPT-5.5 Image",
            "context_length": 9_999_999,
            "pricing": {"prompt": "0.00000001", "completion": "0.00000001"},
        },
    )
    land(
        checkout,
        "terminal_bench__runs",
        {
            "model": ["Multiple"],
            "modelNames": ["anthropic/claude-fable-5", "moonshotai/kimi-k2.7-code"],
            "modelOrganization": [],
            "agent": "A",
            "accuracy": 0.999,
        },
    )
    land(
        checkout,
        "swebench__verified",
        {"name": "Zed + GPT-5.4 + Gemini 3.5 Flash", "resolved": 99.5, "date": "2026-05-01"},
    )
    land(
        checkout,
        "arc_agi__evaluations",
        {
            "datasetId": "v2_Semi_Private",
            "modelId": "glm-5-2-high",
            "score": 0.995,
            "display": True,
        },
    )
    land(
        checkout,
        "lmarena__text",
        {"model_name": "gpt-5.5-search", "organization": "openai", "rating": 1999.5},
    )
    outcome = checkout.dbt("build", "--exclude-resource-type", "unit_test")
    assert outcome.returncode == 0, outcome.stdout
    found = dict(
        checkout.query("select label, model_id from marts.fct_identity where source_key = 'gso'")
    )
    assert {label: found[label] for label in NEIGHBOURS} == dict.fromkeys(NEIGHBOURS)
    assert {label: found[label] for label in SPELLINGS} == SPELLINGS
    sql = (
        "select model_id, metric_key, raw_value from marts.fct_metric_scores"
        " where evidence_class = 'direct' and source_key <> 'gso' order by all"
    )
    assert checkout.query(sql) == published.query(sql)
    [(claims,)] = checkout.query("select claims from marts.audit_identity_conflicts")
    assert 'name "OpenAI: GPT-5.5 Image" names no model' in claims
