"""The page about adding a source, followed to the letter in a checkout."""

import re

import pytest

from tests.conftest import PROJECT

STEP = re.compile(
    r"^(?:Create|Add to|In) `(?P<path>[^`]+)`(?:, below the line `(?P<line>[^`]+)`, add)?:\n\n"
    r"```\w+\n(?P<text>.*?)```$",
    re.M | re.S,
)
PAGE = PROJECT / "docs" / "adding-a-source.md"


def follow(root, path, line, text):
    """Do one step of the page: a new file, lines at the end of a file, or lines below another."""
    file = root / path
    if line is not None:
        lines = file.read_text("utf-8").splitlines(keepends=True)
        [place] = [index for index, known in enumerate(lines) if known == f"{line}\n"]
        lines.insert(place + 1, text)
        file.write_text("".join(lines), encoding="utf-8")
    elif file.exists():
        file.write_text(file.read_text("utf-8") + text, encoding="utf-8")
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def steps():
    found = [match.groupdict() for match in STEP.finditer(PAGE.read_text("utf-8"))]
    assert len(found) == PAGE.read_text("utf-8").count("\n```\n") == 13
    return found


def test_the_recipe_adds_a_twentieth_source(checkout, steps):
    for step in steps[:-1]:
        follow(checkout.root, step["path"], step["line"], step["text"])
    outcome = checkout.benchmart("all", "--offline")
    assert outcome.returncode == 0, outcome.stderr
    assert "kata" in outcome.stdout
    assert checkout.query("select count(*) from marts.dim_sources") == [(20,)]
    assert checkout.query(
        "select label from marts.audit_unmatched_labels where source_key = 'kata'"
    ) == [("Four-Six",)]
    follow(checkout.root, steps[-1]["path"], steps[-1]["line"], steps[-1]["text"])
    assert checkout.benchmart("all", "--offline").returncode == 0
    assert checkout.query(
        "select model_id, round(raw_value, 6), round(uncertainty, 6), label, effort"
        " from marts.fct_metric_scores where metric_key = 'Kata' and evidence_class = 'direct'"
        " order by model_id"
    ) == [
        ("anthropic/claude-opus-4.7", 79.0, 2.0, "Claude Opus 4.7", "default"),
        ("google/gemini-3.1-pro-preview", 77.0, 2.0, "Gemini 3.1 Pro", "default"),
        ("moonshotai/kimi-k2.6", 58.0, 3.0, "Kimi K2.6", "default"),
        ("openai/gpt-5.5", 81.0, 2.0, "GPT-5.5 (high)", "high"),
        ("z-ai/glm-4.6", 41.0, 3.0, "Four-Six", "default"),
        ("z-ai/glm-5.1", 60.0, 3.0, "GLM-5.1", "default"),
    ]
    assert checkout.query(
        "select label, reason from marts.audit_excluded_rows where source_key = 'kata'"
    ) == [("A team of people", "human")]
    assert checkout.dbt("test", "--select", "test_type:data").returncode == 0
