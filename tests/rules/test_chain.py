"""The ledger's arithmetic against the RFC's own recursive definition and its published roots."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from luoshi.rules import chain

LIMIT = 70
LEAVES = [chain.leaf_digest(str(number).encode()) for number in range(LIMIT)]


def definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + definition(leaves[:split]) + definition(leaves[split:])).digest()


def grown(leaves: list[bytes]) -> tuple[chain.Frontier, dict[tuple[int, int], bytes], list[bytes]]:
    frontier, nodes, roots = chain.Frontier(), {}, [chain.Frontier().root()]
    for index, leaf in enumerate(leaves):
        nodes[(0, index)] = leaf
        for level, at, digest in frontier.append(leaf):
            nodes[(level, at)] = digest
        roots.append(frontier.root())
    return frontier, nodes, roots


FRONTIER, NODES, ROOTS = grown(LEAVES)


def node(level: int, index: int) -> bytes:
    return NODES[(level, index)]


def test_published_roots_of_rfc_6962() -> None:
    inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = [
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
    assert [root.hex() for root in grown([chain.leaf_digest(bytes.fromhex(text)) for text in inputs])[2]] == roots


def test_every_root_matches_the_definition() -> None:
    for size in range(LIMIT + 1):
        assert ROOTS[size] == definition(LEAVES[:size]) == chain.root_of(node, size)


def test_a_frontier_picked_up_from_stored_nodes_goes_on_the_same() -> None:
    for size in range(LIMIT):
        frontier = chain.Frontier(size, [node(*at) for at in chain.peaks(size)])
        assert frontier.root() == ROOTS[size]
        frontier.append(LEAVES[size])
        assert frontier.root() == ROOTS[size + 1]


def test_every_inclusion_proof() -> None:
    for size in range(1, LIMIT + 1):
        for index in range(size):
            proof = chain.inclusion_proof(node, index, size)
            assert chain.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
            assert not chain.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])
            assert not chain.verify_inclusion(LEAVES[index], index, size, [*proof, ROOTS[1]], ROOTS[size])
            if proof:
                assert not chain.verify_inclusion(LEAVES[index], index, size, proof[:-1], ROOTS[size])
                assert not chain.verify_inclusion(LEAVES[index], (index + 1) % size, size, proof, ROOTS[size])


def test_every_consistency_proof() -> None:
    for new in range(1, LIMIT + 1):
        for old in range(1, new + 1):
            proof = chain.consistency_proof(node, old, new)
            assert chain.verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])
            assert not chain.verify_consistency(old, new, proof, ROOTS[old - 1], ROOTS[new])
            assert not chain.verify_consistency(old, new, [*proof, ROOTS[1]], ROOTS[old], ROOTS[new])
            if proof:
                assert not chain.verify_consistency(old, new, proof[:-1], ROOTS[old], ROOTS[new])


@given(st.integers(1, LIMIT), st.data())
def test_a_changed_leaf_or_step_is_seen(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    changed = list(LEAVES[:size])
    changed[index] = chain.leaf_digest(b"changed")
    assert grown(changed)[2][size] != ROOTS[size]
    proof = chain.inclusion_proof(node, index, size)
    assert not chain.verify_inclusion(changed[index], index, size, proof, ROOTS[size])
    if proof:
        step = data.draw(st.integers(0, len(proof) - 1))
        proof[step] = bytes([proof[step][0] ^ 1]) + proof[step][1:]
        assert not chain.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@given(st.integers(2, LIMIT), st.data())
def test_a_rewritten_history_has_no_consistency_proof(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    index = data.draw(st.integers(0, old - 1))
    rewritten = list(LEAVES[:new])
    rewritten[index] = chain.leaf_digest(b"rewritten")
    _, nodes, roots = grown(rewritten)
    proof = chain.consistency_proof(lambda level, at: nodes[(level, at)], old, new)
    assert not chain.verify_consistency(old, new, proof, ROOTS[old], roots[new])


def test_proofs_out_of_range_are_refused() -> None:
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            chain.inclusion_proof(node, index, size)
        assert not chain.verify_inclusion(LEAVES[0], index, size, [], ROOTS[1])
    for old, new in ((0, 3), (4, 3), (-1, 1)):
        with pytest.raises(ValueError, match="no consistency proof"):
            chain.consistency_proof(node, old, new)
        assert not chain.verify_consistency(old, new, [], ROOTS[0], ROOTS[3])
    assert not chain.verify_consistency(3, 5, [], ROOTS[3], ROOTS[5])


def test_needed_names_what_a_proof_reads() -> None:
    assert chain.needed(lambda at: chain.inclusion_proof(at, 3, 7)) == [(1, 2), (0, 6), (1, 0), (0, 2)]


# --- canonical bytes --------------------------------------------------------------------------------------------------

text = st.text(st.characters(exclude_categories=["Cs"]))
keys = st.text(st.characters(exclude_categories=["Cs"], max_codepoint=0xFFFF))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner) | st.dictionaries(keys, inner),
    max_leaves=20,
)


@given(values)
def test_canonical_bytes_are_what_the_standard_library_writes(value: object) -> None:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert chain.canonical(value) == plain
    assert json.loads(plain) == value


@pytest.mark.parametrize(
    "value",
    [
        *(1.5, [1.0], {"a": float("nan")}, 2**53, -(2**53), {1: 2}, {"a": b"x"}, {1, 2}, object()),
        *({"\U00010000": 1}, "\ud800", {"\ud800": 1}, datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(chain.NotCanonicalError):
        chain.canonical(value)


def test_the_refusal_names_the_place() -> None:
    with pytest.raises(chain.NotCanonicalError, match=r"\$\.data\.share\[1\]: floats are refused"):
        chain.canonical({"data": {"share": [1, 0.5]}})


def test_moments_are_utc_with_microseconds() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert chain.moment(datetime(2024, 3, 1, 8, tzinfo=shanghai)) == "2024-03-01T00:00:00.000000Z"
    with pytest.raises(chain.NotCanonicalError):
        chain.moment(datetime(2024, 3, 1, 8))  # noqa: DTZ001 - the point of the test


def test_every_field_of_a_leaf_changes_its_digest() -> None:
    leaf = chain.Leaf("t", None, "post", None, "a.B", "s", "p", "salt")
    changes = dict.fromkeys(("ts", "occurred_at", "actor_post", "on_behalf_of", "type", "salt", "alg"), "x")
    changes |= {"subjects_digest": "x", "payload_sha256": "x"}
    digests = {chain.leaf_digest(leaf._replace(**{name: value}).canonical()) for name, value in changes.items()}
    digests |= {chain.leaf_digest(leaf.canonical()), chain.leaf_digest(leaf._replace(v=2).canonical())}
    assert len(digests) == len(changes) + 2


def test_another_digest_can_come() -> None:
    with pytest.raises(chain.UnknownAlgorithmError):
        chain.hasher("sm3-test")
    with pytest.raises(ValueError, match="32 bytes"):
        chain.register_algorithm("short", lambda data: b"1")
    with pytest.raises(ValueError, match="registered already"):
        chain.register_algorithm("sha256", lambda data: hashlib.sha3_256(data).digest())
    chain.register_algorithm("sha3-test", lambda data: hashlib.sha3_256(data).digest())
    try:
        frontier = chain.Frontier(alg="sha3-test")
        for leaf in LEAVES[:3]:
            frontier.append(leaf)
        assert frontier.root() != ROOTS[3]
    finally:
        del chain._ALGORITHMS["sha3-test"]


def test_subjects_and_persons_are_bound_by_salted_digests() -> None:
    assert chain.subjects_digest(["a", "b"]) != chain.subjects_digest(["b", "a"]) != chain.subjects_digest(["ab"])
    assert chain.person_hash("1", "li") != chain.person_hash("2", "li") != chain.person_hash("2", "wang")
    assert chain.chain_digest(chain.GENESIS, LEAVES[0]) == hashlib.sha256(bytes(32) + LEAVES[0]).digest()


def chained(leaves: list[bytes]) -> list[bytes]:
    links, link = [], chain.GENESIS
    for leaf in leaves:
        link = chain.chain_digest(link, chain.leaf_digest(leaf))
        links.append(link)
    return links


TEXTS = [str(number % 7).encode() for number in range(600)]  # some leaves say the same
LINKS = chained(TEXTS)


@given(st.integers(0, 600), st.integers(0, 599))
def test_the_first_broken_entry_is_found_wherever_it_stands(size: int, at: int) -> None:
    leaves, links = TEXTS[:size], LINKS[:size]
    assert chain.first_broken(leaves, links) is None
    assert (
        chain.first_broken(iter(leaves[size // 2 :]), iter(links[size // 2 :]), [chain.GENESIS, *links][size // 2])
        is None
    )
    if at < size:
        assert chain.first_broken(leaves, [*links[:at], bytes(32), *links[at + 1 :]]) == at
        assert chain.first_broken([*leaves[:at], b"other", *leaves[at + 1 :]], links) == at


@given(st.integers(0, 600), st.integers(0, 600))
def test_a_chain_has_as_many_links_as_leaves(leaves: int, links: int) -> None:
    if leaves != links:
        with pytest.raises(ValueError, match=r"zip|more links"):
            chain.first_broken(TEXTS[:leaves], LINKS[:links])
