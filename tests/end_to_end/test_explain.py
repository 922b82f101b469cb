"""`benchmart explain` opens scores into points that add up, and says what is estimated or missing."""

import itertools
import json
import re
import shlex
import subprocess
import sys
from decimal import Decimal

import duckdb
import pytest

from benchmart.errors import OptionError
from benchmart.explaining import read_explanation
from tests.conftest import PROJECT, copy_project
from tests.end_to_end.test_bad_input import state

OPUS, GPT = "anthropic/claude-opus-4.8", "openai/gpt-5.5"
HOSTILE = "\x1b[2J\x1b]0;pwned\x07[red]x[/] \u202e\r\n::error::pwned\x9b31m"


@pytest.fixture(scope="module")
def models(published):
    return [model for (model,) in published.query("select model_id from marts.dim_models")]


def roles_of(explanation, limit):
    """The lines of each role, without the first line of all."""
    roles = []
    for line in list(explanation.lines(limit))[2:]:
        if not line.startswith(" "):
            roles.append([])
        roles[-1].append(line)
    return roles


def check_column(lines, metrics, total, *, limit, start=0):
    """The printed points add up to the last one, which is `total`, and rounding hides no metric.

    `metrics` are the points behind the lines, largest first.
    """
    rows = [match.groups() for line in lines if (match := re.match(r" *([+-]?[\d.]+)  (.*)", line))]
    *points, last = [Decimal(value) for value, _ in rows]
    assert sum(points) == last == Decimal(f"{total:.1f}"), lines
    if start:
        assert rows[0] == (f"{start:.1f}", "start")
    expected = [f"{value:+.1f}" for value in metrics[:limit]]
    if rest := metrics[limit:]:
        expected.append(f"{sum(rest):+.1f}")
        said = f"and {len(rest)} more metric{'s' if len(rest) > 1 else ''}"
        assert [text for _, text in rows if " more metric" in text] == [said]
    shown = points[1 if start else 0 :]
    rounded = [Decimal(value) for value, text in rows if text == "rounding of these lines"]
    assert shown == [Decimal(value) for value in expected] + rounded
    assert all(0 < abs(value) <= Decimal("0.05") * (len(expected) + 1) for value in rounded)


def test_points_and_50_are_the_score_of_every_model_and_role(published, models):
    scores = {
        (model, role): score
        for model, role, score in published.query(
            "select model_id, role_key, score from marts.fct_role_scores"
        )
    }
    seen, told = {}, set()
    for model in models:
        explanation = read_explanation(published.database, model)
        for role in explanation.document()["roles"]:
            points = [part["points"] for part in role["parts"] if part["points"] is not None]
            seen[model, role["role_key"]] = 50 + sum(points)
            assert role["score"] == scores[model, role["role_key"]]
            # Every metric of the role is there, and their weights are the whole role.
            weights = sum(part["effective_weight"] for part in role["parts"])
            assert weights == pytest.approx(1, abs=1e-9)
            sizes = [abs(part["points"] or 0) for part in role["parts"]]
            assert sizes == sorted(sizes, reverse=True)
        for limit in (5, 31, 100):
            for role, lines in zip(explanation.roles, roles_of(explanation, limit), strict=True):
                metrics = [part.points for part in role.parts if part.points is not None]
                check_column(lines, metrics, role.score, limit=limit, start=50)
                told.add((model, role.role_key))
    assert len(seen) == 200 and seen == pytest.approx(scores, abs=1e-9)
    assert told == scores.keys()


def test_differences_add_up_between_any_two_models(published, models):
    pairs = list(itertools.islice(itertools.combinations(models, 2), 0, None, 25))
    assert len(pairs) > 40
    for first, second in pairs:
        comparison = read_explanation(published.database, first, second)
        document = comparison.document()
        for role, lines in zip(document["roles"], roles_of(comparison, 5), strict=True):
            left, right = role["scores"]
            assert role["difference"] == left - right
            added = sum(metric["difference"] for metric in role["metrics"])
            assert added == pytest.approx(left - right, abs=1e-9)
            sizes = [abs(metric["difference"]) for metric in role["metrics"]]
            assert sizes == sorted(sizes, reverse=True)
            counted = [
                metric["difference"]
                for metric in role["metrics"]
                if any(metric[side]["score"] is not None for side in ("first", "second"))
            ]
            check_column(lines, counted, role["difference"], limit=5)


def test_a_comparison_the_other_way_round_has_the_other_signs(published):
    one, other = (
        {
            (role["role_key"], metric["first"]["metric_key"]): metric["difference"]
            for role in read_explanation(published.database, *names).document()["roles"]
            for metric in role["metrics"]
        }
        for names in ((OPUS, GPT), (GPT, OPUS))
    )
    assert one == {key: -value for key, value in other.items()}


def test_each_figure_is_told_with_its_mark_and_origin(published):
    outcome = published.benchmart("explain", OPUS, "--role", "B", "--limit", "40")
    assert (outcome.returncode, outcome.stderr) == (0, "")
    head, ability, score, header, start, *lines = outcome.stdout.splitlines()
    assert head.startswith(f"Claude Opus 4.8 ({OPUS}), board ")
    assert ability == ("Ability: 61.0 (57.0 to 65.1) from 9 measured figures, rank 7, may be 2-13")
    assert score == (
        "Building: 85.6 (84.2 to 90.2 under other weights or benchmarks), rank 2 of 36, may be 2-5"
    )
    assert header.split() == ["points", "metric", "place", "score", "figure"]
    assert start.split() == ["50.0", "start"]
    told = {}
    for line in lines[:-2]:
        points, metric, *rest = re.split(r" {2,}", line.strip(), maxsplit=4)
        told[metric] = (points, *rest)
    assert told["SWE-rebench"] == (
        "+4.6", "90.8", "90.8",
        "56.4 percent, measured: SWE-rebench as 'Claude Opus 4.8-xhigh', effort xhigh,"
        " observed 2026-05-15, fetched 2026-06-10",
    )  # fmt: skip
    assert told["SWE-bench Pro"] == (
        "+4.5", "100.0", "95.0",
        "69.2 percent, vendor-reported: Opus 4.8 system card,"
        " https://www.anthropic.com/claude-opus-4-8-system-card, observed 2026-06-08",
    )  # fmt: skip
    # An estimate is its donor's figure, and never told as the model's own.
    assert told["GSO"][-1] == (
        "estimated, Claude Opus 4.7 stands in with its 42.16 percent: GSO as 'Claude Opus 4.7',"
        " effort high, agent OpenHands, observed 2026-04-27, fetched 2026-05-07"
    )
    assert "Claude Opus 4.6, 2 siblings away, stands in with" in told["SWE Atlas questions"][-1]
    assert ", lower is better: " in told["Sonar bug density"][-1]
    assert lines[-1] == (
        " missing  LiveCodeBench (AA) (3.4% of the weight); BFCL overall (2.6% of the weight);"
        " Toolathlon (1.5% of the weight)"
    )
    assert not told.keys() & {"LiveCodeBench (AA)", "BFCL overall", "Toolathlon"}


def test_every_estimate_names_its_donor(published, models):
    names = dict(published.query("select model_id, display_name from marts.dim_models"))
    found = 0
    for model in models:
        for role in read_explanation(published.database, model).roles:
            for part in role.parts:
                if part.evidence_class.startswith("fill_"):
                    assert part.donor == names[part.donor_model_id] and part.donor in part.told
                    assert part.told.startswith("estimated, ")
                    found += 1
    assert found > 500


def test_two_models_come_with_their_chances(published):
    ((abler, winning),) = published.query(
        "select abler_probability, winning_probability from marts.fct_ability_pairs"
        f" where model_id = '{GPT}' and other_model_id = '{OPUS}'"
    )
    assert 0.5 < winning < abler < 0.99
    comparison = read_explanation(published.database, GPT, OPUS)
    document = comparison.document()
    assert (document["abler_probability"], document["winning_probability"]) == (abler, winning)
    assert list(comparison.lines(1))[1] == (
        f"GPT-5.5 is the abler one with {abler:.0%}, and has the better figure on an unseen"
        f" benchmark with {winning:.0%}"
    )
    unknown = read_explanation(published.database, GPT, "z-ai/glm-5.2")
    assert unknown.document()["abler_probability"] is None
    assert list(unknown.lines(1))[1].startswith("Which is the abler one nobody can say")


def test_missing_is_said_and_never_a_zero(published):
    outcome = published.benchmart("explain", "GLM 5.2", "--role", "idea")
    _, ability, *lines = outcome.stdout.splitlines()
    assert ability == "Ability: nothing is measured"
    assert lines[0] == (
        "Idea: 50.0, not ranked: 0% of the weight is measured or vendor-reported, 40% is needed"
    )
    assert [line.split() for line in lines[2:4]] == [["50.0", "start"], ["50.0", "score"]]
    assert lines[4].startswith(
        " missing  LM Arena creative writing (40.3% of the weight); LM Arena"
    )
    assert len(lines) == 5 and lines[4].count("of the weight") == 13
    document = json.loads(published.benchmart("explain", "GLM 5.2", "--json").stdout)
    for role in document["roles"]:
        assert {(part["points"], part["score"]) for part in role["parts"]} == {(None, None)}


def test_the_share_that_a_rank_needs_is_that_of_the_board(checkout):
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute(
            "update marts.dim_parameters set parameter_value = '0.29'"
            " where parameter_key = 'min_measured_share'"
        )
    said = checkout.benchmart("explain", OPUS, "--role", "I_raw").stdout.splitlines()[2]
    assert said.endswith("0% of the weight is measured or vendor-reported, 29% is needed")


def test_what_only_one_of_two_has_is_said(published):
    outcome = published.benchmart("explain", OPUS, "gpt 5.5", "--role", "B", "--limit", "40")
    text = outcome.stdout
    assert (
        "Building: Claude Opus 4.8 85.6 (rank 2 of 36, may be 2-5),"
        " GPT-5.5 93.4 (rank 1 of 36, may be 1-2)\n"
    ) in text
    assert "  90.8   100.0  56.4 percent, measured; 66.7 percent, measured\n" in text
    assert "  95.0       -  Claude Opus 4.8 alone: 84.4 percent, vendor-reported\n" in text
    assert (
        " - Claude" not in text
        and (
            "Claude Opus 4.8 alone: estimated, Claude Opus 4.7 stands in with its 1,572.44 Elo points"
        )
        in text
    )
    assert "GPT-5.5 alone: 55.6 percent, vendor-reported" in text
    assert text.splitlines()[-1] == (
        " missing  for both: LiveCodeBench (AA) (3.4% of the weight);"
        " BFCL overall (2.6% of the weight)"
    )
    # Those that neither has stand by weight, whatever the points of the others are.
    lines = published.benchmart("explain", "GLM-5.2", GPT, "--role", "R").stdout.splitlines()
    weights = [float(share) for share in re.findall(r"\(([\d.]+)% of the weight\)", lines[-1])]
    assert len(weights) > 5 and weights == sorted(weights, reverse=True)
    turned = published.benchmart("explain", "gpt 5.5", OPUS, "--role", "B", "--limit", "40").stdout
    assert "Claude Opus 4.8 alone: 84.4 percent, vendor-reported\n" in turned


@pytest.mark.parametrize(
    ("name", "model"),
    [
        (OPUS, OPUS),
        ("cLAUDE oPUS 4.8", OPUS),
        ("Opus 4.8 (Claude Code)", OPUS),
        ("Kimi K2 Instruct", "moonshotai/kimi-k2-0905"),
        ("MOONSHOTAI KIMI K2P5", "moonshotai/kimi-k2.5"),
        ("gpt 5.3", "openai/gpt-5.3-codex"),
    ],
)
def test_a_model_is_found_by_id_name_or_alias(published, name, model):
    assert read_explanation(published.database, name).model_id == model


def test_an_id_goes_before_a_name_and_a_name_before_an_alias(checkout):
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute(
            "update marts.dim_models set display_name = ?, aliases = ['Twin', '---']"
            " where model_id = 'z-ai/glm-5'",
            [GPT],
        )
        connection.execute(
            "update marts.dim_models set aliases = ['GLM-5.2', 'twin!'] where model_id = ?", [OPUS]
        )
    assert read_explanation(checkout.database, GPT).model_id == GPT
    assert read_explanation(checkout.database, GPT.upper()).model_id == "z-ai/glm-5"
    assert read_explanation(checkout.database, "glm-5.2").model_id == "z-ai/glm-5.2"
    # Two models answer to it: neither is taken.
    outcome = checkout.benchmart("explain", "TWIN")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr == (
        f"benchmart: explain: 'TWIN' may be {OPUS} or z-ai/glm-5. Name the model by its id.\n"
    )
    # Without a letter or digit nothing is alike.
    with pytest.raises(OptionError, match="'---' is no model of the registry"):
        read_explanation(checkout.database, "---")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("Claud Opus 4.8x",), ("'Claud Opus 4.8x' is no model", f"Claude Opus 4.8 ({OPUS})")),
        (
            (OPUS, "gpt-99"),
            ("'gpt-99' is no model", "Nearest are GPT-5", "`benchmart list-models`"),
        ),
        ((OPUS, OPUS), (f"are one model, {OPUS}", "Name another")),
        ((OPUS, "claude opus 4.8"), (f"are one model, {OPUS}", "Name another")),
        ((OPUS, "--role", "Coding"), ("--role: 'Coding'", "Idea (I), Planning (P), Building (B)")),
        (("",), ("'' is no model of the registry",)),
        ((HOSTILE,), (r"'\x1b[2J\x1b]0;pwned\x07[red]x[/] \u202e\r\n::error::pwned\x9b31m'",)),
        (("\udcff",), (r"'\udcff' is no model of the registry",)),
    ],
    ids=["unknown", "second", "twice", "alias", "role", "empty", "hostile", "no text"],
)
def test_a_name_that_is_none_is_named_with_the_nearest(published, arguments, words):
    outcome = published.benchmart("explain", *arguments)
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("benchmart: ") and outcome.stderr.count("\n") == 1
    assert outcome.stderr.rstrip("\n").isprintable()
    for word in words:
        assert word in outcome.stderr


def test_upstream_texts_reach_the_terminal_as_text_alone(checkout):
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute(
            "update marts.fct_metric_scores set label = $text, effort = $text, agent = $text,"
            " citation = if(citation is null, null, $text)",
            {"text": HOSTILE},
        )
        for table, columns in (
            ("dim_metrics", ("label", "unit")),
            ("dim_sources", ("name",)),
            ("dim_models", ("display_name",)),
            ("dim_roles", ("label",)),
        ):
            for name in columns:
                connection.execute(
                    f"update marts.{table} set {name} = left({name}, 40) || $text",
                    {"text": HOSTILE},
                )
    for names in ((OPUS,), (OPUS, GPT)):
        outcome = checkout.benchmart(
            "explain", *names, "--limit", "40", environment={"FORCE_COLOR": "1"}
        )
        assert outcome.returncode == 0, outcome.stderr
        assert all(line.isprintable() for line in outcome.stdout.split("\n")), outcome.stdout
        assert "[red]x[/]" in outcome.stdout
        assert not [line for line in outcome.stdout.splitlines() if line.startswith("::")]
    part = json.loads(checkout.benchmart("explain", OPUS, "--json").stdout)["roles"][0]["parts"][0]
    assert part["label"] == HOSTILE


def test_it_reads_the_marts_alone_and_changes_nothing(published, checkout):
    before = state(published.root), published.database.stat().st_mtime_ns
    assert published.benchmart("explain", OPUS).returncode == 0
    assert (state(published.root), published.database.stat().st_mtime_ns) == before

    with duckdb.connect(str(checkout.database)) as connection:
        for schema in ("staging", "intermediate", "raw", "request", "history"):
            connection.execute(f"drop schema {schema} cascade")
    for names in ((OPUS,), (OPUS, GPT)):
        mine, whole = (side.benchmart("explain", *names) for side in (checkout, published))
        assert (mine.returncode, mine.stdout) == (0, whole.stdout), mine.stderr
    script = (
        "import sys; from benchmart.__main__ import cli;"
        f" cli(['explain', '{OPUS}'], standalone_mode=False);"
        " assert not [name for name in sys.modules if name.split('.')[0] == 'dbt']"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", script],
        cwd=checkout.root,
        env=checkout.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr


def test_without_a_board_it_says_how_to_make_one(tmp_path):
    fresh = copy_project(tmp_path / "benchmart")
    outcome = fresh.benchmart("explain", OPUS)
    assert outcome.returncode == 2 and "there is no warehouse yet" in outcome.stderr
    fresh.database.parent.mkdir()
    duckdb.connect(str(fresh.database)).close()
    outcome = fresh.benchmart("explain", OPUS)
    assert outcome.returncode == 1 and outcome.stderr.count("\n") == 1, outcome.stderr
    assert "Build the warehouse with `benchmart all --offline`" in outcome.stderr


def test_the_readme_shows_what_is_printed(published):
    text = (PROJECT / "README.md").read_text("utf-8")
    blocks = re.findall(r"^\$ \S+benchmart (explain .*)\n((?:(?!\$|```).*\n)+)", text, re.M)
    assert blocks
    for command, shown in blocks:
        outcome = published.benchmart(*shlex.split(command))
        # The first line names the board, which is another one each time.
        assert shown.split("\n")[1:] == outcome.stdout.split("\n")[1:]
