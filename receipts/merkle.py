"""Merkle trees as RFC 6962 hashes them, built level by level from the leaves."""

import hashlib
from collections.abc import Sequence

Levels = list[list[bytes]]


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf; its prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(leaves: Sequence[bytes]) -> Levels:
    """Every level of the tree over some leaves, the root last; a node without a partner rises.

    That is the split at the largest power of two below the number of leaves.
    """
    found = [[leaf_hash(leaf) for leaf in leaves]]
    while len(below := found[-1]) > 1:
        found.append(
            [node_hash(*pair) for pair in zip(below[::2], below[1::2], strict=False)]
            + below[len(below) - len(below) % 2 :]
        )
    return found


def root(tree: Levels) -> bytes:
    """The root of a tree; that of no leaves is the hash of nothing."""
    return tree[-1][0] if tree[-1] else hashlib.sha256().digest()


def inclusion_proof(tree: Levels, index: int) -> list[bytes]:
    """The hashes that lead from the leaf at `index` to the root, from below."""
    return [
        level[sibling]
        for height, level in enumerate(tree)
        if (sibling := (index >> height) ^ 1) < len(level)
    ]


def root_of_proof(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root to which a leaf and its proof lead in a tree of `size`; None if they cannot."""
    if not 0 <= index < size:
        return None
    found, path = leaf_hash(leaf), list(proof)
    while size > 1:
        if index ^ 1 < size:
            if not path:
                return None
            sibling = path.pop(0)
            found = node_hash(sibling, found) if index & 1 else node_hash(found, sibling)
        index, size = index >> 1, (size + 1) >> 1
    return None if path else found
