"""What can go wrong with a snapshot or its receipt.

ReceiptError
├── SnapshotError    a snapshot cannot be written; the folder of snapshots is as it was
├── SigningError     the signing key cannot be used; nothing was written
└── InvalidReceipt   a file of a snapshot, a proof or a list of keys is not what it should be
"""


class ReceiptError(Exception):
    """One message for a person: which file, what is wrong, what to do."""


class SnapshotError(ReceiptError):
    """The marts cannot be put into a snapshot, or another one has its place."""


class SigningError(ReceiptError):
    """A key file that holds no usable key, or a key that readers are not told to trust."""


class InvalidReceipt(ReceiptError):
    """A file that was read is not in its form, or does not hold what it claims."""
