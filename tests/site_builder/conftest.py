"""A published board whose names try to break out of every output."""

import shutil

import duckdb
import pytest

from tests.site_builder.small_board import build_small_board

HOSTILE = (
    "<script>alert(1)</script>",
    "\"quoted\" 'text' & <b>bold</b>",
    "two\nlines\ttabbed",
    "right\u202eto left",
    '=HYPERLINK("http://example.invalid")',
    "'; drop table marts.board; --",
    "]]></style></script><img src=x onerror=alert(1)>",
    "long " * 400,
    "{{ 7 * 7 }}{% raw %}",
)


@pytest.fixture(scope="session")
def hostile_database(published, tmp_path_factory):
    """The published warehouse with hostile texts in place of names, labels and citations."""
    path = tmp_path_factory.mktemp("hostile") / "benchmart.duckdb"
    shutil.copyfile(published.database, path)
    with duckdb.connect(str(path)) as connection:
        for index, text in enumerate(HOSTILE):
            place = f"(select {{key}} from {{table}} order by {{key}} limit 1 offset {index})"
            model = place.format(key="model_id", table="marts.dim_models")
            for statement in (
                f"update marts.dim_models set display_name = ?, aliases = [?] where model_id = {model}",
                f"update marts.fct_metric_scores set label = ?, agent = ?"
                f" where model_id = {model} and evidence_class = 'direct'",
                f"update marts.fct_metric_scores set citation = ?, donor_model_id = ?"
                f" where model_id = {model} and evidence_class = 'override'",
                "update marts.audit_unmatched_labels set label = ?, vendor_hint = ? where label ="
                " (select min(label) from marts.audit_unmatched_labels"
                "  where label > (select max(display_name) from marts.dim_models) or label > 'A')",
            ):
                connection.execute(statement, [text, text])
        connection.execute(
            "update marts.fct_metric_scores set source_url = 'javascript:alert(1)'"
            " where evidence_class = 'direct' and metric_key = 'BFCL'"
        )
    return path


@pytest.fixture(scope="session")
def marts_database(tmp_path_factory):
    """Three models and five metrics, written by hand: no build is needed."""
    return build_small_board(tmp_path_factory.mktemp("small") / "small.duckdb")
