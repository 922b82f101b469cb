"""Our own models on another implementation's published metrics give its published scores."""

import json
import shutil

import duckdb
import pytest

ROLES = {"i_raw": "I_raw", "p_raw": "P_raw", "b_raw": "B_raw", "r": "R"}
COMPOSITES = ("SWEComposite", "SWEAtlasComposite", "SonarComposite")


@pytest.fixture(scope="module")
def golden(shared):
    return json.loads(shared("data/golden/scoreboard.json").read_text(encoding="utf-8"))["models"]


@pytest.fixture(scope="module")
def rescored(published, golden, module_folder):
    """The published checkout with the golden metrics in place of its own, blended again."""
    root = module_folder("golden") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = type(published)(root)
    rows = [
        (model, metric, score)
        for model, board in golden.items()
        for metric, score in board["metrics"].items()
        if metric not in COMPOSITES
    ]
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute("delete from intermediate.int_metrics_normalized")
        connection.executemany(
            "insert into intermediate.int_metrics_normalized"
            " (entry_no, edition, metric_key, score)"
            " select entry_no, edition, $2, $3 from intermediate.int_entries"
            " where edition = 'current' and model_id = $1",
            rows,
        )
    outcome = checkout.dbt(
        "run", "--select", "int_composites_blended", "int_groups_blended", "int_roles_blended"
    )
    assert outcome.returncode == 0, outcome.stdout
    return checkout


def scores(checkout, table, key):
    rows = checkout.query(f"select model_id, {key}, score from intermediate.{table}")
    return {(model, name): score for model, name, score in rows}


def worst(expected, actual):
    return max(abs(actual[cell] - score) for cell, score in expected.items())


def test_composites_agree(rescored, golden):
    expected = {
        (model, name): board["metrics"][name]
        for model, board in golden.items()
        for name in COMPOSITES
        if name in board["metrics"]
    }
    assert len(golden) == 33 and len(expected) > 60
    assert worst(expected, scores(rescored, "int_composites_blended", "composite_key")) <= 1e-6


def test_groups_agree(rescored, golden):
    expected = {
        (model, name): score
        for model, board in golden.items()
        for name, score in board["groups"].items()
    }
    assert len(expected) == 33 * 8
    assert worst(expected, scores(rescored, "int_groups_blended", "group_key")) <= 1e-6


def test_roles_agree(rescored, golden):
    expected = {
        (model, ROLES[name]): score
        for model, board in golden.items()
        for name, score in board["scores"].items()
        if name in ROLES
    }
    assert len(expected) == 33 * 4
    assert worst(expected, scores(rescored, "int_roles_blended", "role_key")) <= 1e-6


def test_the_same_groups_are_shrunk(rescored, golden):
    rows = rescored.query(
        "select model_id, group_key from intermediate.int_groups_blended where is_shrunk"
    )
    actual = {model: {g for m, g in rows if m == model} for model in golden}
    assert actual == {model: set(board["groups_shrunk"]) for model, board in golden.items()}
