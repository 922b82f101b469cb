"""A browser, the published site served to it, and what every page must bear."""

import contextlib
import functools
import http.server
import shutil
import sys
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from benchmarks.large_site import enlarge
from site_builder.render import render
from tests.site_builder.small_board import build_small_board

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A page that the browser left before its picture came is no fault."""
        if not isinstance(sys.exception(), BrokenPipeError | ConnectionResetError):
            super().handle_error(request, client_address)


@contextlib.contextmanager
def serving(site):
    handler = functools.partial(Quiet, directory=str(site))
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def address(published):
    with serving(published.root / "out" / "site") as address:
        yield address


@pytest.fixture(scope="module")
def hostile_site(module_folder):
    """The site of three models whose names and labels try to break out or to break the layout."""
    folder = module_folder("hostile")
    render(build_small_board(folder / "small.duckdb"), folder / "out", generator="benchmart test")
    return folder / "out" / "site"


@pytest.fixture(scope="module")
def large_site(published, module_folder):
    """The site of three hundred models: those of the board six times over."""
    folder = module_folder("large")
    shutil.copyfile(published.database, folder / "large.duckdb")
    enlarge(folder / "large.duckdb", 300)
    render(folder / "large.duckdb", folder / "out", generator="benchmart test")
    return folder / "out" / "site"


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """Open a page; afterwards no console error and no request beyond the site may be left."""
    with contextlib.ExitStack() as stack:
        complaints = []

        def run(path="index.html", width=1280, address=address, **options):
            context = browser.new_context(viewport={"width": width, "height": 900}, **options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "request",
                lambda r: None if r.url.startswith(address) else complaints.append(r.url),
            )
            page.goto(address + path)
            return page

        yield run
        assert complaints == []


def assert_readable(page, width):
    """Opened to the last detail, a page fits, stands out from its ground, and satisfies axe."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ratio, text = faintest(page)
    assert ratio >= 4.5, text
    found = Axe().run(page).response["violations"]
    assert [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ] == []


def faintest(page):
    """The lowest ratio of text to ground, by the formula of WCAG 2, and that text."""
    return page.evaluate(
        """() => {
          const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
          const light = (color) => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
              .map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = (element) => {
            for (let node = element; node; node = node.parentElement) {
              const color = getComputedStyle(node).backgroundColor;
              if (color !== "rgba(0, 0, 0, 0)") return light(color);
            }
            return light("white");
          };
          const texts = [...document.body.querySelectorAll("*")].filter((element) =>
            element.checkVisibility()
            && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
          return texts.map((element) => {
            const [a, b] = [light(getComputedStyle(element).color), ground(element)].sort((x, y) => y - x);
            return [(a + 0.05) / (b + 0.05), element.textContent.trim().slice(0, 40)];
          }).sort((x, y) => x[0] - y[0])[0];
        }"""
    )
