"""Artificial Analysis: indices, evaluations, speed and prices of model variants."""

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
RANGES = {
    **{f"evaluations.{name}": (0.0, 1.0) for name in FRACTIONS},
    **{f"evaluations.artificial_analysis_{name}_index": (0.0, 100.0) for name in INDICES},
    "pricing.price_1m_blended_3_to_1": (0.0, 10_000.0),
    "pricing.price_1m_input_tokens": (0.0, 10_000.0),
    "pricing.price_1m_output_tokens": (0.0, 10_000.0),
    "median_output_tokens_per_second": (0.0, 100_000.0),
    "median_time_to_first_token_seconds": (0.0, 100_000.0),
}


def parse(body: bytes) -> dict[str, list[Row]]:
    """Model variants. Raises ValueError when the payload breaks its contract."""
    document = json_of(body)
    rows = rows_at(document, "data")
    if document.get("status") != 200:
        raise ValueError(f"the payload says status {document.get('status')!r} instead of 200")
    require_usable(
        rows,
        lambda row: (
            has_text(row, "name") and any(number_at(row, path) is not None for path in RANGES)
        ),
    )
    require_ranges(rows, RANGES)
    return {"models": rows}
