"""Each mistake that the method could hide makes one of its unit tests fail."""

import pytest

from tests.conftest import Checkout

NORMALIZED = "models/intermediate/normalization/int_metrics_normalized.sql"
SELECTED = "models/intermediate/observations/int_scores_selected.sql"
DONATED = "models/intermediate/evidence/int_figures_donated.sql"
EXCLUDED = "models/intermediate/identity/int_rows_excluded.sql"
CELLS = "models/intermediate/changes/int_cells_changed.sql"
CHANGES = "models/marts/changes/fct_score_changes.sql"
RANGES = "models/marts/validity/fct_rank_ranges.sql"
ROLES = "models/marts/scoreboard/fct_role_scores.sql"
MUTATIONS = {
    "the smoothstep's 3 becomes 2": ("macros/scoring/smoothstep.sql", "(3 - 2 *", "(2 - 2 *"),
    "the clamp is removed": (
        "macros/scoring/clamp.sql",
        "case when {{ value }} < {{ low }} then {{ low }} when {{ value }} > {{ high }} then {{ high }}"
        " else {{ value }} end",
        "{{ value }}",
    ),
    "lower is better is ignored": (
        NORMALIZED,
        "case when higher_is_better then position else 1 - position end",
        "position",
    ),
    "the pull is applied twice": (
        "macros/scoring/pull_toward_middle.sql",
        "{{ score }} * (1 - {{ pull }}) + 50 * {{ pull }}",
        "({{ score }} * (1 - {{ pull }}) + 50 * {{ pull }}) * (1 - {{ pull }}) + 50 * {{ pull }}",
    ),
    "ties of rows are reversed": (SELECTED, "candidates.label asc,", "candidates.label desc,"),
    "a rule for one metric holds for all": (
        SELECTED,
        "and candidates.metric_key = coalesce(selection_rules.metric_key, candidates.metric_key)",
        "",
    ),
    "the longest chain wins": (
        DONATED,
        "partition by model_id, metric_key order by chain_length asc, pair_path asc",
        "partition by model_id, metric_key order by chain_length desc, pair_path asc",
    ),
    "the pairs that stand last win": (
        DONATED,
        "partition by model_id, metric_key order by chain_length asc, pair_path asc",
        "partition by model_id, metric_key order by chain_length asc, pair_path desc",
    ),
    "a chain is as good as its best step": (
        DONATED,
        "least(walked.weakest_strength, pairs.strength)",
        "greatest(walked.weakest_strength, pairs.strength)",
    ),
    "the pull of the donor is forgotten": (
        DONATED,
        "greatest(donated.chain_pull, measured.pull) as pull",
        "donated.chain_pull as pull",
    ),
    "the cap is reckoned in doubles": (
        "models/intermediate/evidence/int_figures_filled.sql",
        """round(max(parameters.synthesis_per_source_cap) * 1000000000)::bigint * count(measured.model_id)
            / nullif(1000000000 - round(max(parameters.synthesis_per_source_cap) * 1000000000)::bigint, 0)""",
        """max(parameters.synthesis_per_source_cap) * count(measured.model_id)
            / (1 - max(parameters.synthesis_per_source_cap))""",
    ),
    "a name without a model says nothing": (
        "models/intermediate/identity/int_rows_identified.sql",
        "                and agreed.nameless_labels = 0\n",
        "",
    ),
    "what is unlike is left in": (EXCLUDED, "where is_like = is_named", "where is_like"),
    "ties of ranks are reversed": (
        ROLES,
        "order by roles_blended.score desc",
        "order by roles_blended.score asc",
    ),
    "the knee moves": (NORMALIZED, "/ (1 - parameters.tail_knee_position)", ""),
    "fills join the population": (
        NORMALIZED,
        "else surveyed.direct_ends",
        "else surveyed.all_ends",
    ),
    "shrinking is forgotten": (
        "macros/scoring/blend_by_coverage.sql",
        "trust + (1 - trust) * coverage as kept_share",
        "1 as kept_share",
    ),
    "what is expected is forgotten": (
        "macros/scoring/blend_by_coverage.sql",
        "present.present_weight / nullif(sets.whole_weight, 0)",
        "present.present_weight / nullif(present.present_weight, 0)",
    ),
    "what is missing elsewhere weighs in nothing": (
        "models/intermediate/blending/int_contributions.sql",
        "if(score is null, 0, coalesce(factor, 0)) as factor",
        "coalesce(factor, 0) as factor",
    ),
    "a metric with two ways into a role counts once": (
        "models/intermediate/blending/int_contributions.sql",
        "{{ exact_sum('factor * (score - 50)') }}",
        "max(factor * (score - 50))",
    ),
    "a composite is opened without its weights": (
        "models/intermediate/blending/int_contributions.sql",
        "if(ways.composite_key is null, 1, ways.composite_weight * composites.weight_factor)",
        "1",
    ),
    "the same payload is no reason": (
        CELLS,
        "when has_same_payload then 'method'",
        "",
    ),
    "a price is data": (
        CELLS,
        "when is_price then 'price'\n            when what_happened",
        "when what_happened",
    ),
    "an estimate is data": (CELLS, "else 'fill'", "else 'data'"),
    "an estimate hangs on other metrics": (CELLS, "over (partition by metric_key)", "over ()"),
    "every snapshot asks": (
        "models/marts/changes/fct_departures.sql",
        "boards.label desc) = 1",
        "boards.label desc) <= 2",
    ),
    "another row is data": (CELLS, "when what_happened = 'row_changed' then 'selection'", ""),
    "the figures of every board before count": (
        CELLS,
        "inner join previous on cells.board_key = previous.board_key",
        "cross join previous",
    ),
    "a change counts by the factor of before": (
        CHANGES,
        "(factor_before + factor_after) / 2",
        "factor_before",
    ),
    "a shift of weight has no cause": (
        CHANGES,
        "coalesce(shared_out.cause, compared.cause) as cause",
        "compared.cause",
    ),
    "what the method dropped is forgotten": (
        CHANGES,
        "coalesce(previously.points, 0) - coalesce(published_contributions.points, 0) as points",
        "coalesce(previously.points - published_contributions.points, 0) as points",
    ),
    "any decision answers": (
        "models/marts/changes/fct_departures.sql",
        "and coalesce(previous.last_seen_on = adjudications.last_seen_on, adjudications.last_seen_on is null)",
        "",
    ),
    "a figure of its own needs a fill too": (
        "models/intermediate/evidence/int_figures_filled.sql",
        "where measured.model_id is null",
        "where true",
    ),
    "a family that is left out speaks on": (
        "models/intermediate/ability/int_gap_filled_roles.sql",
        "and models.scenario is distinct from 'without:' || capability_metrics.family",
        "",
    ),
    "a range leaves nothing out": (RANGES, "score_place > left_out", "true"),
    "a range is cut at one end": (
        RANGES,
        "score_place <= scenario_count - left_out",
        "true",
    ),
    "what has no rank takes a place": (
        RANGES,
        "partition by roles_varied.scenario, roles_varied.role_key, standing.is_ranked",
        "partition by roles_varied.scenario, roles_varied.role_key",
    ),
    "a draw with the first does not count": (RANGES, "score >= first_score", "score > first_score"),
    "the narrowest doubt counts": (
        ROLES,
        "max(rank_ranges.rank_high)",
        "min(rank_ranges.rank_high)",
    ),
    "a reported figure is an estimate": (ROLES, "'vendor-reported'", "'estimated'"),
    "the first place of any doubt counts": (
        ROLES,
        "filter (where rank_ranges.kind = 'families')",
        "",
    ),
    "a dot between digits is dropped": ("macros/naming/norm.sql", "'~', '.')", "'~', ' ')"),
    "the shortest qualifier goes first": (
        "models/intermediate/identity/int_names_peeled.sql",
        "length(phrase) desc",
        "length(phrase) asc",
    ),
}


@pytest.fixture(scope="module")
def sound(published, module_folder) -> Checkout:
    """A built checkout whose unit tests pass as they are."""
    import shutil

    root = module_folder("mutations") / "benchmart"
    shutil.copytree(published.root, root)
    checkout = Checkout(root)
    outcome = checkout.dbt("test", "--select", "test_type:unit")
    assert outcome.returncode == 0, outcome.stdout
    return checkout


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_is_caught(sound, mutation):
    file, old, new = MUTATIONS[mutation]
    path = sound.root / file
    whole = path.read_text("utf-8")
    sound.edit(file, old, new)
    try:
        # A model's own tests must notice; a macro's are everywhere.
        model = f"{path.stem}," if file.startswith("models/") else ""
        outcome = sound.dbt("test", "--select", f"{model}test_type:unit")
    finally:
        path.write_text(whole, encoding="utf-8")
    assert outcome.returncode == 1, f"no unit test noticed: {mutation}"
    assert "differs from" in outcome.stdout, outcome.stdout
