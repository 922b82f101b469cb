"""What can go wrong between an upstream and the raw schema.

LoaderError
├── UnknownSource      a name that no registered source has (exit 2)
├── PayloadMissing     a source was asked for and nothing is there to read
├── UpstreamBroken     a payload is not what its source promises; the last good one stays
└── LandingError       the database would not take the rows; nothing was landed
"""


class LoaderError(Exception):
    """One message for a person: which file or address, what is wrong, what to do."""

    exit_code = 1


class UnknownSource(LoaderError):
    """A source was named that is not registered."""

    exit_code = 2


class UpstreamBroken(LoaderError):
    """A payload failed its contract; nothing of it is landed."""

    def __init__(self, source_key: str, reason: str) -> None:
        super().__init__(f"{source_key}: {reason}")
        self.source_key = source_key
        self.reason = reason


class PayloadMissing(LoaderError):
    """There is no payload of a source where one was looked for."""


class LandingError(LoaderError):
    """The database file cannot be opened, or its raw tables are not the loaders' own."""
