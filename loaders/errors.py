"""What can go wrong between an upstream and the raw schema.

LoaderError
├── UpstreamBroken     a payload is not what its source promises; the last good one stays
└── PayloadMissing     a source was asked for and nothing is there to read
"""


class LoaderError(Exception):
    """One message for a person: which file or address, what is wrong, what to do."""


class UpstreamBroken(LoaderError):
    """A payload failed its contract; nothing of it is landed."""

    def __init__(self, source_key: str, reason: str) -> None:
        super().__init__(f"{source_key}: {reason}")
        self.source_key = source_key
        self.reason = reason


class PayloadMissing(LoaderError):
    """There is no payload of a source where one was looked for."""
