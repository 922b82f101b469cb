"""The order of upstream rows decides nothing, and a whole response says what its recording says."""

import random
import shutil

import duckdb
import pytest

from loaders.registry import SOURCES
from tests.conftest import NOW, SHARED
from tests.end_to_end.test_main_job import digests


def shuffle(database, seed):
    """Give every upstream row of every source another place in its payload."""
    generator = random.Random(seed)
    with duckdb.connect(str(database)) as connection:
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables()"
                " where schema_name = 'raw' and table_name not in ('payloads', 'fetches') order by all"
            ).fetchall()
        ]
        moved = 0
        for table in tables:
            rows = connection.execute(f"select row_ordinal from raw.{table}").fetchall()
            places = [place for (place,) in rows]
            generator.shuffle(places)
            connection.execute(
                f"create or replace table raw.{table} as"
                " select landed.* replace (places.place::integer as row_ordinal)"
                f" from raw.{table} as landed inner join"
                " (select unnest(range(len($places))) as row_ordinal, unnest($places) as place)"
                " as places using (row_ordinal) order by place",
                {"places": places},
            )
            moved += sum(place != index for index, place in enumerate(places))
        assert len(tables) == 28 and moved > 3000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_rows_change_no_byte(checkout, seed):
    before = digests(checkout.root / "out")
    with duckdb.connect(str(checkout.database)) as connection:
        connection.execute(
            "insert into request.board by name"
            " select generated_at, fingerprint, method_sha256, seeds_sha256 from marts.board"
        )
    shuffle(checkout.database, seed)
    outcome = checkout.dbt("build", "--exclude-resource-type", "unit_test")
    assert outcome.returncode == 0, outcome.stdout
    assert checkout.benchmart("render").returncode == 0
    assert digests(checkout.root / "out") == before


CELLS = (
    "select model_id, metric_key, raw_value, value_low, value_high, uncertainty, score,"
    " evidence_class, source_key, label, effort, agent, variant_count, donor_model_id,"
    " chain_length, observed_on from marts.fct_metric_scores order by all"
)


def test_whole_responses_give_the_cells_of_the_recordings(published, shared, lay_out):
    shared("data/recorded")
    again = lay_out(None)
    swapped = 0
    for source in SOURCES:
        whole = SHARED / "data/recorded" / source.file
        if whole.exists():
            shutil.copyfile(whole, again.root / "recordings" / source.file)
            swapped += 1
    assert swapped == 9
    outcome = again.benchmart("all", "--offline", "--now", NOW)
    assert outcome.returncode == 0, outcome.stderr
    cells = published.query(CELLS)
    assert len(cells) == 50 * 80
    assert again.query(CELLS) == cells
