"""Lands what the upstreams publish, row by row and untouched, in the raw schema."""
