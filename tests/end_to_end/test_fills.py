"""What stands in for a missing figure, against a computation of its own."""

import pytest

from tests.end_to_end.plain_fills import fills
from tests.end_to_end.test_independent_scores import seed


@pytest.fixture(scope="module")
def worked_out(published):
    measured = {
        (model, metric): kind
        for model, metric, kind in published.query(
            "select model_id, metric_key, evidence_class from marts.fct_metric_scores"
            " where evidence_class in ('direct', 'override')"
        )
    }
    return fills(
        measured,
        seed("identity/models.csv"),
        seed("catalogue/metrics.csv"),
        seed("synthesis/synthesis_pairs.csv"),
        "0.65",
    )


def test_every_fill_has_its_donor_class_chain_and_pull(published, worked_out):
    kept, _ = worked_out
    rows = published.query(
        "select model_id, metric_key, evidence_class, donor_model_id, chain_length, pull"
        " from marts.fct_metric_scores where evidence_class like 'fill_%'"
    )
    assert {(model, metric): tuple(fill) for model, metric, *fill in rows} == kept
    assert len(kept) > 500


def test_the_cap_blocks_the_longest_chains(published, worked_out):
    _, blocked = worked_out
    rows = published.query(
        "select model_id, metric_key, evidence_class, donor_model_id, chain_length"
        " from marts.audit_blocked_fills"
    )
    expected = {cell: fill[:3] for cell, fill in blocked.items()}
    assert {(model, metric): tuple(fill) for model, metric, *fill in rows} == expected
    assert expected


def test_a_fill_is_its_donors_figure_with_its_donors_proof(published):
    assert published.query(
        "select count(*) from marts.fct_metric_scores as filled"
        " left join marts.fct_metric_scores as donor"
        " on donor.model_id = filled.donor_model_id and donor.metric_key = filled.metric_key"
        " where filled.evidence_class like 'fill_%' and (donor.raw_value <> filled.raw_value"
        " or donor.evidence_class not in ('direct', 'override') or donor.raw_value is null"
        " or donor.payload_sha256 is distinct from filled.payload_sha256"
        " or donor.citation is distinct from filled.citation)"
    ) == [(0,)]


def test_the_board_is_measured_as_far_as_it_says(published):
    counts = dict(
        published.query(
            "select evidence_class, count(*) from marts.fct_metric_scores"
            " inner join marts.dim_metrics using (metric_key) where status = 'scored' group by all"
        )
    )
    print(counts)
    assert sum(counts.values()) == 50 * 44
    assert counts["direct"] >= 900
    assert published.query(
        "select measured_cells, reported_cells, estimated_cells, missing_cells from marts.board"
    ) == [
        (
            counts["direct"],
            counts["override"],
            sum(count for kind, count in counts.items() if kind.startswith("fill_")),
            counts["missing"],
        )
    ]


def test_models_that_are_mostly_estimates_are_flagged(published):
    rows = published.query(
        "select model_id, measured_metrics, reported_metrics, estimated_metrics,"
        " is_synthesis_dominant from marts.scoreboard"
    )
    for model, measured, reported, estimated, is_dominant in rows:
        present = measured + reported + estimated
        assert is_dominant == (present > 0 and estimated / present > 0.55), model
    assert 0 < sum(row[-1] for row in rows) < len(rows)


def test_metrics_that_no_sibling_can_stand_in_for_are_not_filled(published):
    never = {
        row["metric_key"]
        for row in seed("catalogue/metrics.csv")
        if row["is_synthesizable"] == "false" and row["status"] != "composite"
    }
    assert never == {
        "KimiCodeBenchV2", "ProgramBench", "MLSBenchLite", "KimiClaw247Bench", "MCPMarkVerified",
    }  # fmt: skip
    filled = {
        key
        for (key,) in published.query(
            "select distinct metric_key from marts.fct_metric_scores"
            " where evidence_class like 'fill_%'"
        )
    }
    assert filled and not filled & never
