"""What can go wrong between an upstream and the raw schema.

LoaderError
├── UnknownSource      a name that no registered source has (exit 2)
├── PayloadMissing     a source was asked for and nothing is there to read
├── UpstreamBroken     a payload is not what its source promises; the last good one stays
├── RequestFailed      an address gave no answer worth having
│   └── RateLimited    its source wants more time than a run gives
├── CacheUnusable      the folder of good answers cannot be read or written
├── RunUnreadable      a file or folder of own runs is none that can be read
├── LedgerUnusable     the ledger of own runs cannot be read or written
├── SeedUnusable       a seed that Python reads has a row that says nothing it can go by
├── MasterKeyUnusable  the secret behind the packs of a day cannot be read, or is too short
├── AddressTaken       the address of the HTTP intake cannot be listened on
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


class RequestFailed(LoaderError):
    """An address gave no answer worth having; headers are never part of the message."""

    def __init__(
        self, url: str, reason: str, *, status: int | None = None, body: bytes = b""
    ) -> None:
        super().__init__(f"{url} {reason}. Try again later.")
        self.url = url
        self.reason = reason
        self.status = status
        self.body = body


class RateLimited(RequestFailed):
    """A source wants more time than one run gives it: no other address of it is asked either."""


class CacheUnusable(LoaderError):
    """The cache cannot be read or written; what it held stays as it was."""


class PayloadMissing(LoaderError):
    """There is no payload of a source where one was looked for."""


class RunUnreadable(LoaderError):
    """A file of own runs has no known format or version, or leaves out what is needed."""


class LedgerUnusable(LoaderError):
    """The ledger of own runs cannot be read or written; what it held stays as it was."""


class SeedUnusable(LoaderError):
    """A seed is not in its form; the message names the file, the row and the remedy."""


class MasterKeyUnusable(LoaderError):
    """The file of the master key is of no use; what it holds is never part of the message."""


class AddressTaken(LoaderError):
    """The HTTP intake cannot listen where it was told to."""


class LandingError(LoaderError):
    """The database file cannot be opened, or its raw tables are not the loaders' own."""


# What an upstream says may become part of a message, and a message part of a log and a page.
LONGEST_MESSAGE = 300


def one_line(text: str) -> str:
    """A message without line breaks or control characters, and no longer than a person reads."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= LONGEST_MESSAGE else f"{plain[:LONGEST_MESSAGE]}..."


def reason_of(error: Exception) -> str:
    """Why an answer was refused, in words; a fault of a loader itself is told by its kind.

    One loader with a fault is one source that fails, and never the end of a run.
    """
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, LoaderError | ValueError):
        return str(error)
    return f"its loader failed with {type(error).__name__}: {error}"
