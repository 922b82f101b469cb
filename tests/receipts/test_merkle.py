"""Trees and proofs against published vectors and against the definition, written naively."""

import hashlib

import pytest

from receipts import merkle

# Certificate Transparency's test leaves, and the root over the first n of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_certificate_transparency(size):
    assert merkle.root(merkle.levels(LEAVES[:size])).hex() == ROOTS[size]


def naive_root(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = largest_power_below(len(leaves))
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def naive_proof(index, leaves):
    if len(leaves) == 1:
        return []
    split = largest_power_below(len(leaves))
    if index < split:
        return [*naive_proof(index, leaves[:split]), naive_root(leaves[split:])]
    return [*naive_proof(index - split, leaves[split:]), naive_root(leaves[:split])]


def largest_power_below(count):
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@pytest.mark.parametrize("size", range(1, 34))
def test_every_leaf_of_every_size_has_the_proof_of_the_definition(size):
    leaves = [b"leaf %d" % index for index in range(size)]
    tree = merkle.levels(leaves)
    root = naive_root(leaves)
    assert merkle.root(tree) == root
    for index, leaf in enumerate(leaves):
        proof = merkle.inclusion_proof(tree, index)
        assert proof == naive_proof(index, leaves)

        def lead(leaf=leaf, index=index, size=size, proof=proof):
            return merkle.root_of_proof(leaf, index=index, size=size, proof=proof)

        assert lead() == root
        assert lead(leaf=b"other") != root
        assert lead(proof=[*proof, root]) != root
        assert lead(index=size) is lead(index=-1) is lead(size=0) is None
        assert size == 1 or lead(proof=proof[:-1]) != root
        for other in set(range(size)) - {index}:
            assert lead(index=other) != root


def test_a_node_never_passes_for_a_leaf():
    tree = merkle.levels([b"a", b"b", b"c", b"d"])
    [left, right] = tree[1]
    forged = merkle.root_of_proof(b"".join(tree[0][:2]), index=0, size=2, proof=[right])
    assert forged != merkle.root(tree)
    assert merkle.node_hash(left, right) == merkle.root(tree)
