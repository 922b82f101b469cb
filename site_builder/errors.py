"""What can go wrong between the marts and the pages.

SiteError
├── MartsError     the warehouse, or a mart of it, is not there
├── OutputError    the folder for the outputs is not a new or empty one
└── InvalidSite    a rendered page breaks a rule; nothing of it is published
"""


class SiteError(Exception):
    """One message for a person: which file, what is wrong, what to do."""


class MartsError(SiteError):
    """The database cannot be opened, or lacks a mart."""


class OutputError(SiteError):
    """The outputs would mix with what is already in their folder."""


class InvalidSite(SiteError):
    """A page loads from elsewhere, links into nothing, or names one id twice."""
