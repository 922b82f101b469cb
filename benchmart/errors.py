"""What can stop a run.

BenchmartError
├── OptionError        an option or a file named by one is wrong (exit 2)
├── CoefficientsError  a coefficients file cannot be read or says nonsense (exit 2)
├── AliasesError       an alias file cannot be read or says nonsense (exit 2)
├── BusyError          another run or a reader holds a file (exit 1)
├── HistoryError       the warehouse or a file does not remember what is asked (exit 1)
├── NothingToScore     no source gave anything, now or before (exit 1)
└── BuildError         dbt or one of its checks refused the board (exit 1)
"""


class BenchmartError(Exception):
    """One message for a person: what is wrong, where, and what to do."""

    exit_code = 1


class OptionError(BenchmartError):
    """A wrong option, or a wrong value of one."""

    exit_code = 2


class CoefficientsError(BenchmartError):
    """A coefficients file that is not TOML, or whose rows make no sense."""

    exit_code = 2


class AliasesError(BenchmartError):
    """An alias file that is no table of aliases."""

    exit_code = 2


class BusyError(BenchmartError):
    """A file is held by another process."""


class HistoryError(BenchmartError):
    """What a run should go back to, or compare with, is not known or not readable."""


class NothingToScore(BenchmartError):
    """A board of nothing would take the place of one; what was published stays as it was."""


class BuildError(BenchmartError):
    """The board was refused; what was published before stays as it was."""
