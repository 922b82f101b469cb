"""What holds for every kind of page: it fits, it is quiet, and axe finds nothing serious."""

import pytest

from tests.browser.conftest import assert_readable

# Every page that there is one of, and of those that there are many of the fullest and the barest.
PAGES = (
    "index.html",
    "index.html?role=a&cap=5",
    "compare.html",
    "compare.html?m=openai/gpt-5.5&m=anthropic/claude-opus-4.8&m=google/gemini-3.1-pro-preview",
    "value.html",
    "weights.html",
    "history.html",
    "coverage.html",
    "runs.html",
    "runs/sample-*.html",
    "cells.html",
    "lab.html",
    "verdicts.html",
    "contradictions.html",
    "exploits.html",
    "adjudications.html",
    "validity.html",
    "sources.html",
    "s/artificial_analysis.html",
    "s/overrides.html",
    "b/LMArenaText.html",
    "b/SWEComposite.html",
    "b/AATerminalBench21.html",
    "b/BlendedCost.html",
    "m/openai/gpt-5.5.html",
    "m/anthropic/claude-fable-5.html",
    "m/z-ai/glm-5.2.html",
    "method/1.2.0.html",
    "changelog.html",
    "lineage.html",
    "data.html",
    "snapshots.html",
    "provenance.html",
    "unmatched.html",
)


def first_of(published, path):
    """The path, or the first page that a pattern fits: what is named by a hash."""
    site = published.root / "out/site"
    return min(site.glob(path)).relative_to(site).as_posix() if "*" in path else path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_and_is_accessible(visit, published, path, scheme):
    page = visit(first_of(published, path), 1280, color_scheme=scheme)
    assert page.locator("h1").count() == 1
    assert_readable(page, 1280)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_has_without_script(visit, published, path):
    page = visit(first_of(published, path), 390, java_script_enabled=False)
    assert page.locator("h1").inner_text() and len(page.locator("main").inner_text()) > 200
    assert page.locator("body").evaluate("() => document.documentElement.scrollWidth") <= 390


def test_no_page_is_left_out(published):
    site = published.root / "out/site"
    kinds = {
        path.name if path.parent == site else path.relative_to(site).parts[0]
        for path in site.rglob("*.html")
    }
    assert kinds == {path.split("?")[0].split("/")[0] for path in PAGES}
