"""What is on each page: selection and wording only, every number is one of a mart."""

from site_builder.pages import (
    cells,
    compare,
    coverage,
    front,
    history,
    ledgers,
    method,
    models,
    proof,
    runs,
    take_away,
    trust,
    value,
    weights,
)

MODULES = (
    front,
    compare,
    value,
    weights,
    history,
    models,
    runs,
    cells,
    ledgers,
    trust,
    coverage,
    proof,
    method,
    take_away,
)
