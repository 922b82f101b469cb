"""Whatever an upstream calls a model, a vendor or a day: it is shown as text and nothing more."""

import copy
import csv
import io
import json
import random
import re
import tomllib
from collections import Counter
from html.parser import HTMLParser

import pytest

from loaders.registry import SOURCES
from tests.conftest import ROWS, copy_project
from tests.faults.live import Live
from tests.faults.server import serving
from tests.loaders.conftest import body_of
from tests.loaders.test_hostile_payloads import document_of
from tests.loaders.upstreams import play

PIECES = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "</style></script></title>", "<!--", "]]>", "&lt;b&gt;&amp;", "javascript:alert(1)",
    "'; drop table raw.payloads; --", "\"; copy raw.payloads to 'x'; --", "%s%n%d", "\\", '"""', "'''",
    '"\n[models]\nx = "', "\r\n::error::x", "=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1",
    "{{ 7 * 7 }}", "{% raw %}", "${7*7}", "\u202egpj.exe", "\u2066x\u2069", "\u200b", "\ufeff",
    "\x1b[31mred", "\x07", "\x7f", "e\u0301\u0302", "\U0001f9e8", "ﷺ", "x" * 3000, " ", "null", "NaN",
    "../../etc/passwd", "a,b;c|d", "\u2028\u2029", "[red]markup[/]",
)  # fmt: skip
# Fields whose words are the structure of a board: another word there is another board, which the
# contract refuses (tests/loaders/test_contracts.py).
STRUCTURE = {
    "category", "leaderboard_publish_date", "datasetId", "modelId", "setting", "instance_type",
    "question_id", "model_repr", "key", "providerId", "id",
}  # fmt: skip
SHARE = 0.2


class Maker:
    """Texts that no upstream has a reason to send, each different from the others."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.made = []

    def text(self):
        pieces = self.random.choices(PIECES, k=self.random.randint(1, 3))
        self.made.append("".join(pieces) + str(len(self.made)))
        return self.made[-1]

    def planted(self, node, key=""):
        """The same document with some of its texts replaced; figures stay."""
        if isinstance(node, dict):
            return {name: self.planted(value, name) for name, value in node.items()}
        if isinstance(node, list):
            return [self.planted(value, key) for value in node]
        is_text = isinstance(node, str) and not re.fullmatch(r"-?[\d.]+", node)
        if is_text and key not in STRUCTURE and self.random.random() < SHARE:
            return self.text()
        return node


def hostile_body(source, maker):
    """A recording in which a fifth of all texts is hostile."""
    body = body_of(source.source_key)
    if source.file.endswith(".csv"):
        rows = list(csv.DictReader(io.StringIO(body.decode())))
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        for row in rows:
            for name in ("Model", "Organization", "License"):
                if maker.random.random() < SHARE:
                    row[name] = maker.text()
            writer.writerow(row)
        return text.getvalue().encode()
    document, rebuild = document_of(source)
    document = copy.deepcopy(document)
    if source.source_key == "swebench":
        for board in document["leaderboards"]:
            board["results"] = maker.planted(board["results"])
        return rebuild(document)
    if source.source_key == "livecodebench":
        document["models"] = maker.planted(document["models"])
        return rebuild(document)
    if source.source_key == "lmarena":
        document["configs"] = {k: maker.planted(v) for k, v in document["configs"].items()}
        return rebuild(document)
    return rebuild(maker.planted(document))


@pytest.fixture(scope="module")
def maker():
    return Maker(20261121)


@pytest.fixture(scope="module")
def board(maker, module_folder):
    """A board from upstreams of which every one is hostile."""
    with serving(module_folder("upstreams")) as server:
        bodies = {source.source_key: hostile_body(source, maker) for source in SOURCES}
        server.script = lambda request, nth: play(request, bodies)
        live = Live(copy_project(module_folder("hostile") / "benchmart"), server)
        outcome = live.run("all")
        assert outcome.returncode == 0, outcome.stderr
        yield live


def test_hostile_texts_land_as_they_are(board, maker):
    assert board.statuses() == dict.fromkeys(ROWS, "verified")
    assert len(maker.made) > 1500
    rows = board.checkout.query(
        "select source_key, n_rows_ingested from marts.dim_sources where source_key <> 'overrides'"
    )
    assert dict(rows) == ROWS
    landed = "\n".join(
        row
        for source in SOURCES
        for endpoint in source.endpoints
        for (row,) in board.checkout.query(
            f"select payload::varchar from raw.{source.source_key}__{endpoint}"
        )
    )
    known = sum(json.dumps(text, ensure_ascii=False)[1:-1] in landed for text in maker.made)
    assert known > 0.6 * len(maker.made)


class Page(HTMLParser):
    """The tags of a page, the names of their attributes, and its text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = Counter(), []

    def handle_starttag(self, tag, attrs):
        self.tags[(tag, tuple(sorted(name for name, _ in attrs)))] += 1

    def handle_data(self, data):
        self.text.append(data)


def read(path):
    page = Page()
    page.feed(path.read_text("utf-8"))
    page.close()
    return page


def test_pages_have_the_tags_of_any_board_and_show_the_texts(board, published, maker):
    kinds = set()
    for path in (published.root / "out/site").rglob("*.html"):
        kinds |= set(read(path).tags)
    shown = []
    for path in (board.checkout.root / "out/site").rglob("*.html"):
        page = read(path)
        shown += page.text
        strange = {
            (tag, names)
            for tag, names in page.tags
            if (tag, names) not in kinds
            and (
                tag in ("script", "style", "img", "iframe", "link", "meta")
                or any(name.startswith("on") for name in names)
            )
        }
        assert not strange, (path.name, strange)
        assert page.tags.keys() - kinds <= {("small", ()), ("bdi", ()), ("small", ("class",))}, (
            page.tags.keys() - kinds
        )
    text = "".join(shown)
    visible = [made for made in maker.made if " ".join(made.split()) and made.strip() in text]
    assert len(visible) > 300
    assert any("<script>" in made for made in visible)


def test_tables_and_files_keep_their_shape(board, published):
    for name in ("scoreboard.toml", "missing.toml", "coefficients.toml"):
        mine = tomllib.loads((board.checkout.root / "out" / name).read_text("utf-8"))
        plain = tomllib.loads((published.root / "out" / name).read_text("utf-8"))
        assert set(mine) == set(plain), name
        if name == "scoreboard.toml":
            assert [model["canonical_id"] for model in mine["models"]] == [
                model["canonical_id"] for model in plain["models"]
            ]
            assert set(mine["sources"]) == set(plain["sources"])
    json.loads((board.checkout.root / "out/board.json").read_text("utf-8"))
    assert board.checkout.query("select count(*) from raw.payloads") == [(18,)]
    assert not list(board.checkout.root.glob("x"))


def test_triage_gives_the_names_back(board, maker):
    outcome = board.checkout.benchmart("triage")
    assert outcome.returncode == 0, outcome.stderr
    report = tomllib.loads(outcome.stdout)
    names = {
        entry["example_name"]
        for source in report["sources"].values()
        for entry in source["unmatched"]
    }
    assert len(names & set(maker.made)) > 100


def test_a_message_about_a_hostile_answer_is_one_plain_line(board, lay_out):
    live = Live(lay_out(board.checkout), board.server)
    days = iter(range(1000))

    def spoil(request, nth):
        response = play(request)
        if "datasets-server" in str(request.url):
            page = json.loads(response.content)
            for row in page["rows"]:
                row["row"]["leaderboard_publish_date"] = f"\x1b[2J\r\n::error::pwned {next(days)}"
            response = type(response)(200, content=json.dumps(page).encode())
        return response

    live.server.script = spoil
    days = iter(range(10**6))
    outcome = live.run("fetch", "--refresh", "lmarena")
    [message] = [line for line in outcome.stderr.splitlines() if "lmarena" in line]
    assert message.startswith("warning: lmarena is stale: ") and len(message) < 400
    assert "\x1b" not in outcome.stderr and "\n::error" not in outcome.stderr
