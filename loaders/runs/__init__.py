"""Own runs: documents, their checks, the ledger that keeps them, the endpoint that takes them."""
