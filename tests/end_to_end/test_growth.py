"""The scoring models on a synthetic board, held against a script that shares no code with them."""

import duckdb
import pytest

from benchmarks.growth.__main__ import OURS, SCORING, by_dbt, by_hand
from benchmarks.growth.boards import Size, grow

COMPARED = {
    "metric_scores": (("entry_no", "metric_key"), ("normalized", "score")),
    "group_scores": (("model_id", "group_key"), ("score", "coverage", "weight_factor")),
    "role_scores": (("model_id", "role_key"), ("score", "coverage", "measured_weight_share")),
    "contributions": (("entry_no", "role_key", "metric_key"), ("score", "factor", "points")),
}


@pytest.fixture(scope="module")
def scored(published, module_folder):
    folder = module_folder("growth")
    database = folder / "board.duckdb"
    grow(database, Size(models=70, metrics=60), parameters=published.database)
    by_dbt(folder, database, "1GB", SCORING)
    by_hand(folder, database, "1GB")
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@pytest.mark.parametrize("table", COMPARED)
def test_the_models_say_what_the_script_says(scored, table):
    key, columns = COMPARED[table]
    differences = ", ".join(
        f"max(abs(ours.{name} - theirs.{name})),"
        f" count(*) filter (where (ours.{name} is null) <> (theirs.{name} is null))"
        for name in columns
    )
    joined = (
        f"intermediate.{OURS[table]} as ours full join by_hand.{table} as theirs"
        f" using ({', '.join(key)})"
    )
    alone, rows = scored.execute(
        f"select count(*) filter (where ours.{columns[-1]} is null <> (theirs.{columns[-1]} is null)),"
        f" count(*) from {joined}"
    ).fetchone()
    assert alone == 0 and rows >= 280
    found = scored.execute(f"select {differences} from {joined}").fetchone()
    assert max(found[::2]) < 1e-9 and not any(found[1::2])


def test_the_board_has_what_the_formulas_tell_apart(scored):
    """Gaps, three classes, a metric with two ways into a role, and models that lack much."""
    count = "select count(*) from intermediate."
    assert scored.execute(f"{count}int_metrics_normalized where score is null").fetchone()[0] > 100
    assert scored.execute(
        "select count(distinct evidence_class) from intermediate.int_evidence_of_editions"
    ).fetchone() == (3,)
    assert scored.execute(
        "select count(*) from (select input_key from intermediate.int_weights"
        " where level = 'group' group by input_key having count(*) > 1)"
    ).fetchone() >= (5,)
    assert scored.execute(f"{count}int_groups_blended where is_shrunk").fetchone()[0] >= 5
