"""What is on each page: selection and wording only, every number is one of a mart."""

from site_builder.pages import (
    compare,
    coverage,
    front,
    history,
    method,
    models,
    proof,
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
    trust,
    coverage,
    proof,
    method,
    take_away,
)
