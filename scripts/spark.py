"""Builds the score models on Spark, twice, and compares them with DuckDB's: `make spark`.

It runs in the environment of requirements-spark.txt. What Spark writes is below build/spark.
"""

import argparse
import logging
import os
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml
from dbt.cli.main import dbtRunner

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parents[1]
WORK = Path("build/spark")
SELECTED = ("+int_contributions", "+fct_metric_scores", "+fct_group_scores")
TOLERANCE = 1e-9
# What both engines must say alike, down the lineage, by the columns that tell rows apart.
COMPARED = {
    "intermediate.int_weights": ("level", "parent_key", "input_key"),
    "intermediate.int_rows_identified": ("source_key", "endpoint", "row_ordinal"),
    "intermediate.int_evidence": ("model_id", "metric_key"),
    "intermediate.int_metrics_normalized": ("entry_no", "metric_key"),
    "intermediate.int_composites_blended": ("edition", "model_id", "composite_key"),
    "intermediate.int_groups_blended": ("edition", "model_id", "group_key"),
    "intermediate.int_roles_blended": ("edition", "model_id", "role_key"),
    "intermediate.int_contributions": ("entry_no", "role_key", "metric_key"),
    "marts.fct_metric_scores": ("model_id", "metric_key"),
    "marts.fct_group_scores": ("model_id", "group_key"),
}

Row = dict[str, Any]
Table = dict[tuple[Any, ...], Row]


@dataclass(frozen=True)
class Difference:
    """What two tables of one shape disagree on; cells that are no doubles are equal or not."""

    rows: int
    missing: int
    surplus: int
    unequal: int
    largest: float

    @property
    def is_none(self) -> bool:
        """Whether the tables say the same, up to the rounding of doubles."""
        return self.missing + self.surplus + self.unequal == 0 and self.largest <= TOLERANCE


def keyed(rows: Sequence[Row], key: tuple[str, ...]) -> Table:
    """The rows by their key, which must be one."""
    table = {tuple(row[column] for column in key): row for row in rows}
    if len(table) != len(rows):
        raise ValueError(f"{', '.join(key)} tell {len(rows)} rows apart as {len(table)} only")
    return table


def difference(expected: Table, found: Table) -> Difference:
    """How far the found table is from the expected one."""
    unequal, largest = 0, 0.0
    for key in expected.keys() & found.keys():
        if expected[key].keys() != found[key].keys():
            raise ValueError(f"columns {list(found[key])} instead of {list(expected[key])}")
        for column, value in expected[key].items():
            other = found[key][column]
            if value == other:
                continue
            if isinstance(value, float) and isinstance(other, float) and isfinite(value - other):
                largest = max(largest, abs(value - other))
            else:
                unequal += 1
    return Difference(
        rows=len(found),
        missing=len(expected.keys() - found.keys()),
        surplus=len(found.keys() - expected.keys()),
        unequal=unequal,
        largest=largest,
    )


def session() -> "SparkSession":
    """The session that dbt finds and uses, with the settings of the profile."""
    # The tests of the comparison import this file where there is no Spark.
    from pyspark.sql import SparkSession

    profile = yaml.safe_load((PROJECT / "profiles.yml").read_text("utf-8"))
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in profile["benchmart"]["outputs"]["spark"]["server_side_parameters"].items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def dbt(*arguments: str, level: str = "info") -> Any:
    """Run one command of dbt in this process and on this session, or leave with what it said."""
    outcome = dbtRunner().invoke(
        [
            *("--quiet", "--log-level", level, "--log-path", str(WORK)),
            *arguments,
            *("--target", "spark", "--target-path", str(WORK / "target")),
        ]
    )
    if not outcome.success:
        if outcome.exception:
            print(f"spark: {outcome.exception}", file=sys.stderr)
        sys.exit(1)
    return outcome.result


def land(spark: "SparkSession", database: duckdb.DuckDBPyConnection) -> int:
    """Make tables of the rows that the models read: Parquet files, read where they lie."""
    selected = ["ls", "--select", *SELECTED, "--resource-type", "source", "--output", "selector"]
    names = [name.split(".")[1:] for name in dbt(*selected, level="none")]
    for schema, table in names:
        file = (WORK / "landed" / schema / f"{table}.parquet").resolve()
        file.parent.mkdir(parents=True, exist_ok=True)
        database.execute(f"copy {schema}.{table} to '{file}' (format parquet)")
        # Named here, so that no file is opened to find them out.
        columns = ", ".join(
            f"{column} {'string' if kind in ('VARCHAR', 'JSON') else kind}"
            for column, kind, *_ in database.execute(f"describe {schema}.{table}").fetchall()
        )
        spark.sql(f"create schema if not exists {schema}")
        spark.sql(f"create table {schema}.{table} ({columns}) using parquet location '{file}'")
    return len(names)


def scored_by_duckdb(database: duckdb.DuckDBPyConnection) -> dict[str, Table]:
    """The compared tables as DuckDB built them."""
    tables = {}
    for name, key in COMPARED.items():
        rows = database.execute(f"select * from {name}")
        columns = [column[0] for column in rows.description]
        found = [dict(zip(columns, row, strict=True)) for row in rows.fetchall()]
        tables[name] = keyed(found, key)
    return tables


def scored_by_spark(spark: "SparkSession") -> dict[str, Table]:
    """The compared tables as Spark built them."""
    return {
        name: keyed([row.asDict() for row in spark.table(name).collect()], key)
        for name, key in COMPARED.items()
    }


def main() -> int:
    """Land, build twice, compare; the exit code is 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, default=Path("warehouse/benchmart.duckdb"))
    arguments = parser.parse_args()
    started = time.monotonic()

    def report(what: str) -> None:
        print(f"{time.monotonic() - started:5.0f} s  {what}", flush=True)

    database_path: Path = arguments.database.resolve()
    if not database_path.exists():
        print(f"spark: there is no {arguments.database}: run `make` first.", file=sys.stderr)
        return 2
    # PySpark would print each refused statement with all of its stack; dbt prints what matters.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    # The settings of the profile name folders below the project's.
    os.chdir(PROJECT)
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "local").mkdir(parents=True)
    os.environ["TMPDIR"] = str((WORK / "local").resolve())
    os.environ["SPARK_LAUNCHER_OPTS"] = "-XX:-UsePerfData"
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"

    try:
        database = duckdb.connect(str(database_path), read_only=True)
    except duckdb.IOException as error:
        # A dbt build in place, for one, keeps others out.
        print(f"spark: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    with database:
        spark = session()
        report(f"Spark {spark.version} is up")
        report(f"{land(spark, database)} raw tables landed")
        expected = scored_by_duckdb(database)
    built = []
    # The data tests are those of the models alone: others ask for what is not built here.
    for ordinal, left_out in (("first", ["unit_test"]), ("second", ["unit_test", "test"])):
        nodes = dbt(
            *("build", "--select", *SELECTED, "--indirect-selection", "cautious"),
            *("--exclude-resource-type", *left_out),
        )
        report(f"{ordinal} build done, {len(nodes.results)} nodes")
        built.append(scored_by_spark(spark))
    spark.stop()

    print(f"\n{'table':36}{'rows':>7}{'largest difference':>20}  second build")
    is_alike = True
    for name in COMPARED:
        first, second = (tables[name] for tables in built)
        found = difference(expected[name], first)
        is_alike = is_alike and found.is_none and first == second
        verdict = "the same rows" if first == second else "OTHER ROWS"
        print(f"{name:36}{found.rows:>7}{found.largest:>20.1e}  {verdict}")
        if found.missing or found.surplus or found.unequal:
            print(
                f"    DIFFERS: {found.missing} rows are missing, {found.surplus} are too many,"
                f" {found.unequal} cells are unequal"
            )
    agreement = "agree" if is_alike else "DO NOT AGREE"
    print(f"\nSpark and DuckDB {agreement}: doubles within {TOLERANCE:.0e}, all else equal.")
    return 0 if is_alike else 1


if __name__ == "__main__":
    sys.exit(main())
