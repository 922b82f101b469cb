"""The outputs of a board: whole values, same bytes, and no break-out."""

import hashlib
import shutil
import tomllib
from html.parser import HTMLParser

import duckdb
import pytest

from site_builder.addresses import model_path
from site_builder.errors import InvalidSite, MartsError
from site_builder.render import render
from tests.site_builder.conftest import HOSTILE


def document(published, name):
    return tomllib.loads((published.root / "out" / name).read_text("utf-8"))


def test_scoreboard_toml_says_what_the_marts_say(published):
    board = document(published, "scoreboard.toml")
    [(board_id,)] = published.query("select board_id from marts.board")
    assert {key: board[key] for key in ("schema_version", "board_id", "generated_at")} == {
        "schema_version": "1.5",
        "board_id": board_id,
        "generated_at": "2026-06-12T12:00:00Z",
    }
    assert list(board["sources"]) == sorted(board["sources"])
    assert board["sources"]["bfcl"] == {
        "status": "recorded",
        "n_rows_ingested": 109,
        "n_rows_matched": board["sources"]["bfcl"]["n_rows_matched"],
        "n_rows_unmatched": 109 - board["sources"]["bfcl"]["n_rows_matched"],
        "fetched_at": "2025-12-16T00:00:00Z",
        "payload_sha256": published.query(
            "select payload_sha256 from raw.payloads where source_key = 'bfcl'"
        )[0][0],
    }
    expected = {
        (model, metric): round(score, 6)
        for model, metric, score in published.query(
            "select model_id, metric_key, score from marts.fct_metric_scores"
            " where score is not null"
        )
    }
    actual = {
        (model["canonical_id"], metric): score
        for model in board["models"]
        for metric, score in model["metrics"].items()
    }
    assert actual == expected
    for model in board["models"]:
        scores = model["scores"]
        assert [scores[f"{role}_adj"] for role in "ipb"] == [scores[f"{r}_raw"] for r in "ipb"]
        for table in ("groups", "metrics", "scores"):
            assert list(model[table]) == sorted(model[table])


def test_ability_and_ranges_are_those_of_the_marts(published):
    names = {"I_raw": "i_raw", "P_raw": "p_raw", "B_raw": "b_raw", "R": "r"}
    models = {
        model["canonical_id"]: model for model in document(published, "scoreboard.toml")["models"]
    }
    ranked = 0
    for model, role, low, high, best, worst, filled in published.query(
        "select model_id, role_key, score_low, score_high, rank_low, rank_high, gap_filled_score"
        " from marts.fct_role_scores"
    ):
        name, said = names[role], models[model]
        assert said["score_ranges"][name] == [round(low, 6), round(high, 6)]
        assert said["gap_filled"].get(name) == (None if filled is None else round(filled, 6))
        assert said["rank_ranges"].get(name, [None, None]) == [best, worst]
        assert (name in said["rank_ranges"]) == (name in said["ranks"])
        ranked += name in said["ranks"]
        if name in said["ranks"]:
            assert best <= said["ranks"][name] <= worst
    assert ranked > 100
    rows = published.query(
        "select model_id, ability, ability_low, ability_high, ability_rank, rank_low, rank_high,"
        " best_share, measured_cells from marts.fct_abilities"
    )
    keys = ("value", "low", "high", "rank", "rank_low", "rank_high", "best_share", "measured_cells")
    for model, *values in rows:
        expected = dict(zip(keys, values, strict=True))
        if expected["value"] is None:
            assert "ability" not in models[model]
        else:
            assert models[model]["ability"] == pytest.approx(expected, abs=1e-6)


def test_missing_metrics_are_listed(published):
    missing = document(published, "missing.toml")
    expected = published.query(
        "select cells.model_id, list_sort(list(cells.metric_key))"
        " from marts.fct_metric_scores as cells"
        " inner join marts.dim_metrics as metrics using (metric_key)"
        " where cells.evidence_class = 'missing' and metrics.status = 'scored' group by 1"
    )
    assert {model: row["metrics"] for model, row in missing.items()} == dict(expected)
    assert len(missing) == 50
    assert "CRE" in missing["openai/gpt-5.5"]["groups_shrunk"]


def test_coefficients_toml_holds_every_weight_in_full(published):
    coefficients = document(published, "coefficients.toml")
    weights = {
        (level, parent, key): weight
        for table, level in (
            ("composite_weights", "composite"),
            ("group_weights", "group"),
            ("role_weights", "role"),
        )
        for parent, inputs in coefficients[table].items()
        for key, weight in inputs.items()
    }
    assert weights == {
        (level, parent, key): weight
        for level, parent, key, weight in published.query("select * from marts.dim_weights")
    }
    assert coefficients["parameters"]["pull.override"] == 0.1
    assert coefficients["parameters"]["empty_composite"] == "neutral"


def test_every_text_file_ends_with_one_newline(published):
    for name in ("scoreboard.toml", "missing.toml", "coefficients.toml", "board.json"):
        text = (published.root / "out" / name).read_bytes()
        assert text.endswith(b"\n") and not text.endswith(b"\n\n") and b"\r" not in text


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.images, self.hrefs, self.text = [], 0, [], []

    def handle_starttag(self, tag, attrs):
        if tag == "script" and dict(attrs).get("type") != "application/json":
            self.scripts.append(dict(attrs).get("src"))
        self.images += tag in ("img", "b") and dict(attrs).get("src") == "x"
        if tag == "a":
            self.hrefs.append(dict(attrs).get("href", ""))
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text.append(data)


def test_hostile_texts_break_out_of_no_output(hostile_database, tmp_path):
    render(hostile_database, tmp_path / "out", generator="benchmart test")
    pages = sorted((tmp_path / "out/site").rglob("*.html"))
    seen = ""
    for page in pages:
        tags = Tags()
        tags.feed(page.read_text("utf-8"))
        assert len(tags.scripts) == 1 and tags.scripts[0].endswith("site.js"), page
        assert tags.images == 0, page
        assert not [href for href in tags.hrefs if href.startswith("javascript")], page
        seen += "".join(tags.text)
    for text in HOSTILE[:6]:
        assert text in seen, text
    board = tomllib.loads((tmp_path / "out/scoreboard.toml").read_text("utf-8"))
    names = {model["display_name"] for model in board["models"]}
    assert set(HOSTILE) <= names


def test_the_same_marts_give_the_same_bytes(hostile_database, tmp_path):
    digests = []
    for name in ("one", "two"):
        render(hostile_database, tmp_path / name, generator="benchmart test")
        digests.append(
            {
                path.relative_to(tmp_path / name): hashlib.sha256(path.read_bytes()).digest()
                for path in (tmp_path / name).rglob("*")
                if path.is_file()
            }
        )
    assert digests[0] == digests[1] and len(digests[0]) > 55


def test_a_missing_warehouse_is_named(tmp_path):
    with pytest.raises(MartsError, match=r"nothing\.duckdb: there is no warehouse.*make"):
        render(tmp_path / "nothing.duckdb", tmp_path / "out", generator="test")


def test_a_missing_mart_is_named(published, tmp_path):
    path = tmp_path / "benchmart.duckdb"
    shutil.copyfile(published.database, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table marts.fct_role_scores")
    with pytest.raises(MartsError, match=r"benchmart\.duckdb: a mart cannot be read.*role_scores"):
        render(path, tmp_path / "out", generator="test")


@pytest.mark.parametrize("model_id", ["../x", "a/../../x", "a/b?c", "a/b#c", "A/b", "a/b/c", "a"])
def test_an_id_that_leaves_the_folder_is_refused(model_id):
    with pytest.raises(InvalidSite, match=r"models\.csv"):
        model_path(model_id)
