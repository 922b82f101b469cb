"""Artificial Analysis: indices, evaluations, speed and prices of model variants."""

import math

from loaders.contracts import (
    Row,
    has_text,
    json_of,
    number_at,
    require_ranges,
    require_usable,
    rows_at,
)

FRACTIONS = (
    "gpqa",
    "hle",
    "tau2",
    "scicode",
    "ifbench",
    "lcr",
    "terminalbench_hard",
    "livecodebench",
    "mmlu_pro",
    "aime_25",
    "tau_banking",
    "terminalbench_v2_1",
)
INDICES = ("intelligence", "coding", "math")
# Orders the variants of a model and stands in nearly every row: without it, a field was renamed.
ORDERING = "evaluations.artificial_analysis_intelligence_index"
# What was not measured is 0 or less, and no fault.
UNMEASURED = -math.inf
RANGES = {
    **{f"evaluations.{name}": (0.0, 1.0) for name in FRACTIONS},
    **{f"evaluations.artificial_analysis_{name}_index": (0.0, 100.0) for name in INDICES},
    "pricing.price_1m_blended_3_to_1": (UNMEASURED, 10_000.0),
    "pricing.price_1m_input_tokens": (UNMEASURED, 10_000.0),
    "pricing.price_1m_output_tokens": (UNMEASURED, 10_000.0),
    "median_output_tokens_per_second": (UNMEASURED, 100_000.0),
    "median_time_to_first_token_seconds": (UNMEASURED, 100_000.0),
}


def parse(body: bytes) -> dict[str, list[Row]]:
    """Model variants. Raises ValueError when the payload breaks its contract."""
    document = json_of(body)
    rows = rows_at(document, "data")
    if document.get("status") != 200:
        raise ValueError(f"the payload says status {document.get('status')!r} instead of 200")
    require_usable(rows, lambda row: has_text(row, "name") and number_at(row, ORDERING) is not None)
    require_ranges(rows, RANGES)
    return {"models": rows}
