"""What is written about the project stays true: descriptions, seeds, README, lints."""

import csv
import json
import re
import shutil

import pytest

from tests.conftest import PROJECT

SEEDS = sorted((PROJECT / "seeds").rglob("*.csv"))


@pytest.fixture(scope="module")
def manifest(published, module_folder):
    root = module_folder("manifest") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = type(published)(root)
    outcome = checkout.dbt("parse")
    assert outcome.returncode == 0, outcome.stdout
    return json.loads((root / "target" / "manifest.json").read_text("utf-8"))


def test_every_model_seed_and_column_is_described(published, manifest):
    nodes = [n for n in manifest["nodes"].values() if n["resource_type"] in ("model", "seed")]
    assert len(nodes) > 50
    columns = {}
    for schema, table, column in published.query(
        "select table_schema, table_name, column_name from information_schema.columns"
    ):
        columns.setdefault((schema, table), set()).add(column)
    for node in nodes:
        assert node["description"].strip(), node["name"]
        assert node["description"].startswith(("One row", "At most one")), node["name"]
        assert set(node["columns"]) == columns[node["schema"], node["name"]], node["name"]
        for column in node["columns"].values():
            assert column["description"].strip(), (node["name"], column["name"])
    for source in manifest["sources"].values():
        assert source["description"].strip(), source["name"]


def test_no_shared_description_is_unused(manifest):
    used = set()
    for path in (*PROJECT.glob("models/**/*.yml"), *PROJECT.glob("seeds/*.yml")):
        used |= set(re.findall(r"doc\('(\w+)'\)", path.read_text("utf-8")))
    written = {
        doc["name"] for doc in manifest["docs"].values() if doc["package_name"] == "benchmart"
    }
    assert written == used


def test_every_mart_is_a_contract_that_an_output_reads(manifest):
    marts = {
        n["name"]: n
        for n in manifest["nodes"].values()
        if n["resource_type"] == "model" and n["schema"] == "marts"
    }
    exposed = {
        name.split(".")[-1]
        for exposure in manifest["exposures"].values()
        for name in exposure["depends_on"]["nodes"]
    }
    assert set(marts) == exposed
    for name, node in marts.items():
        assert node["contract"]["enforced"], name
        assert all(column["data_type"] for column in node["columns"].values()), name


def test_the_main_job_stays_within_its_budget_of_nodes(manifest):
    kinds = [node["resource_type"] for node in manifest["nodes"].values()]
    # The public boards, with the entries that the blends count, and own runs beside them.
    assert kinds.count("seed") <= 22 + 13
    assert kinds.count("model") <= 88 + 25
    assert kinds.count("test") <= 115 + 10


def test_models_hold_no_decimal_literal():
    found = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in PROJECT.glob("models/**/*.sql")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if not line.strip().startswith("--") and re.search(r"(?<![\w.])\d+\.\d+", line)
    ]
    assert found == []


def test_models_open_with_their_grain():
    for path in PROJECT.glob("models/**/*.sql"):
        first = path.read_text("utf-8").splitlines()[0]
        assert re.match(r"-- One row", first), path.name


def test_macros_are_one_a_file_and_named_for_it():
    for path in PROJECT.glob("macros/**/*.sql"):
        names = re.findall(r"{% macro (\w+)\(", path.read_text("utf-8"))
        assert names[0] == path.stem, path.name
        assert all(name.endswith(f"__{path.stem}") for name in names[1:]), path.name


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.stem)
def test_seeds_are_clean_csv(path):
    body = path.read_bytes()
    assert body.endswith(b"\n") and not body.endswith(b"\n\n")
    assert b"\r" not in body and not body.startswith(b"\xef\xbb\xbf")
    assert len(body) < 1_000_000
    rows = list(csv.reader(body.decode("utf-8").splitlines()))
    assert len({len(row) for row in rows}) == 1
    assert all(cell == cell.strip() for row in rows for cell in row)


@pytest.mark.parametrize(
    "path",
    [p for p in SEEDS if p.parent.name in ("coefficients", "identity")],
    ids=lambda path: path.stem,
)
def test_every_opinion_has_a_rationale(path):
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert rows and all(row["rationale"] for row in rows)


def test_the_readme_names_commands_and_files_that_exist():
    from benchmart.__main__ import cli

    text = (PROJECT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text("utf-8"), re.M))
    for target in re.findall(r"`make ([a-z]+)`", text) + re.findall(r"^make ([a-z]+)", text, re.M):
        assert target in targets, target
    commands = re.findall(r"benchmart ([a-z][a-z-]+)", text)
    assert commands
    for command in commands:
        assert command in cli.commands, command
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (PROJECT / link).exists(), link


def test_the_queries_of_the_readme_run(published):
    blocks = re.findall(r"```sql\n(.*?)```", (PROJECT / "README.md").read_text("utf-8"), re.S)
    assert blocks
    for block in blocks:
        assert published.query(block), block


def test_nothing_names_this_machine_or_a_registry():
    text = "".join(
        path.read_text("utf-8")
        for pattern in (
            "*.md",
            "*.toml",
            "*.txt",
            "*.in",
            "Makefile",
            "loaders/**/*.py",
            "benchmart/*.py",
        )
        for path in PROJECT.glob(pattern)
    )
    assert not re.search(r"--(extra-)?index-url|file://|/home/|/root/", text)
