"""Takes the README's picture of the board: `make picture`, with chromium installed."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Write docs/board.png, 1280 pixels wide."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    board = PROJECT / "out" / "site" / "index.html"
    if chromium is None or not board.exists():
        sys.exit("docs/picture.py: needs chromium and a rendered board. Install it, and run make.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="light")
        page.goto(board.as_uri())
        page.screenshot(path=PROJECT / "docs" / "board.png")
        browser.close()


if __name__ == "__main__":
    main()
