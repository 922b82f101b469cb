"""The main job on the bundled recording: what it lands, writes and leaves alone."""

import hashlib
import sys
import tomllib
from pathlib import Path

from tests.conftest import NOW, ROWS, copy_project


def digests(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_every_row_is_landed(published):
    landed = dict(published.query("select source_key, n_rows_ingested from marts.dim_sources"))
    assert landed == {**ROWS, "overrides": 172}


def test_every_registry_model_is_on_the_board(published):
    document = tomllib.loads((published.root / "out/scoreboard.toml").read_text("utf-8"))
    ids = [model["canonical_id"] for model in document["models"]]
    assert len(ids) == 50 and ids == sorted(ids)
    for model in document["models"]:
        assert set(model["scores"]) == {
            "i_raw", "p_raw", "b_raw", "r", "i_adj", "p_adj", "b_adj",
        }  # fmt: skip
        page = published.root / "out/site/m" / model["canonical_id"]
        assert list(page.parent.glob(f"{page.name}*")), page
    assert (published.root / "out/site/index.html").stat().st_size > 10_000


def test_artefacts_carry_one_board(published):
    [(board,)] = published.query("select board_id from marts.board")
    for name in ("scoreboard.toml", "board.json", "site/index.html"):
        assert board in (published.root / "out" / name).read_text("utf-8"), name


def test_the_same_inputs_give_the_same_bytes_on_any_number_of_threads(published, tmp_path):
    again = copy_project(tmp_path / "benchmart", published.root)
    assert again.benchmart("all", "--offline", "--now", NOW, "--threads", "4").returncode == 0
    alone = copy_project(tmp_path / "alone", published.root)
    assert alone.benchmart("--threads", "1", "--now", NOW, "all", "--offline").returncode == 0
    expected = digests(published.root / "out")
    assert len(expected) > 50
    assert digests(again.root / "out") == expected
    assert digests(alone.root / "out") == expected


def test_an_unchanged_board_is_left_alone(checkout):
    before = digests(checkout.root / "out")
    modified = checkout.database.stat().st_mtime_ns
    outcome = checkout.benchmart("all", "--offline")
    assert outcome.returncode == 0, outcome.stderr
    assert "Nothing changed" in outcome.stdout
    assert digests(checkout.root / "out") == before
    assert checkout.database.stat().st_mtime_ns == modified


def test_an_unchanged_run_does_not_import_dbt(checkout):
    outcome = checkout._run(
        [
            sys.executable,
            "-c",
            "import sys; sys.argv = ['benchmart', 'all', '--offline']\n"
            "from benchmart.__main__ import main\n"
            "main()\n"
            "assert not [name for name in sys.modules if name.split('.')[0] == 'dbt']",
        ]
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "Nothing changed" in outcome.stdout


def test_a_site_of_another_board_is_repaired(checkout):
    manifest = checkout.root / "out" / "board.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"board_id": "', '"board_id": "0'))
    outcome = checkout.benchmart("all", "--offline", "--now", NOW)
    assert outcome.returncode == 0, outcome.stderr
    [(board,)] = checkout.query("select board_id from marts.board")
    assert f'"{board}"' in manifest.read_text("utf-8")


def test_a_lost_or_changed_output_is_rendered_again_without_a_build(checkout):
    before = digests(checkout.root / "out")
    modified = checkout.database.stat().st_mtime_ns
    (checkout.root / "out/scoreboard.toml").unlink()
    (checkout.root / "out/site/validity.html").write_text("edited", encoding="utf-8")
    outcome = checkout.benchmart("all", "--offline")
    assert outcome.returncode == 0, outcome.stderr
    assert digests(checkout.root / "out") == before
    assert checkout.database.stat().st_mtime_ns == modified


def test_outputs_go_where_they_are_asked_for(checkout):
    outcome = checkout.benchmart("all", "--offline", "--out", "elsewhere")
    assert outcome.returncode == 0, outcome.stderr
    assert digests(checkout.root / "elsewhere") == digests(checkout.root / "out")
    assert checkout.benchmart("score", "--out", "tables").returncode == 0
    assert sorted(digests(checkout.root / "tables")) == [
        "board.json", "coefficients.toml", "missing.toml", "scoreboard.toml",
    ]  # fmt: skip
    assert checkout.benchmart("render", "--out", "tables").returncode == 0
    assert digests(checkout.root / "tables") == digests(checkout.root / "out")


def test_history_goes_on_in_the_published_file(checkout):
    before = checkout.query("select count(*) from raw.openrouter__models")
    outcome = checkout.benchmart("all", "--offline", "--now", "2026-06-13T00:00:00Z")
    assert outcome.returncode == 0, outcome.stderr
    assert checkout.query("select count(*) from raw.openrouter__models") == before
    assert checkout.query("select generated_at::varchar from marts.board") == [
        ("2026-06-13 00:00:00",)
    ]


def test_coefficients_read_back_to_the_very_same_scores(checkout):
    before = checkout.query(
        "select model_id, role_key, score from marts.fct_role_scores order by all"
    )
    outcome = checkout.benchmart("all", "--offline", "--coefficients", "out/coefficients.toml")
    assert outcome.returncode == 0, outcome.stderr
    after = checkout.query(
        "select model_id, role_key, score from marts.fct_role_scores order by all"
    )
    assert after == before


def test_coefficients_take_effect_in_that_run_only(checkout):
    before = checkout.query("select * from marts.scoreboard order by model_id")
    file = checkout.root / "mine.toml"
    file.write_text(
        "[role_weights.R]\nBUILD = 1.0\n[parameters]\nmin_measured_share = 0.9\n", encoding="utf-8"
    )
    assert checkout.benchmart("all", "--offline", "--coefficients", "mine.toml").returncode == 0
    assert checkout.query(
        "select count(*) from marts.fct_role_scores as r"
        " inner join marts.fct_group_scores as g using (model_id)"
        " where r.role_key = 'R' and g.group_key = 'BUILD' and abs(r.score - g.score) > 1e-9"
    ) == [(0,)]
    assert checkout.query(
        "select count(*) from marts.fct_role_scores where is_ranked and measured_weight_share < 0.9"
    ) == [(0,)]
    assert checkout.query("select count(*) from request.weights") == [(0,)]
    assert checkout.benchmart("all", "--offline").returncode == 0
    assert checkout.query("select * from marts.scoreboard order by model_id") == before


def test_models_are_listed_by_vendor_and_id(published):
    outcome = published.benchmart("list-models")
    lines = outcome.stdout.splitlines()
    assert len(lines) == 50
    assert "anthropic\tanthropic/claude-opus-4.7" in lines
    assert "zai\tz-ai/glm-5.1" in lines
