"""留痕的算法: canonical bytes, leaves, the chain and the Merkle tree of the ledger.

Pure functions. Canonical bytes are RFC 8785 (JCS) over a subset without floats; the tree is the one of RFC 9162 §2.1
(the same as RFC 6962's): ``leaf = H(0x00 ‖ bytes)``, ``node = H(0x01 ‖ left ‖ right)``. A *coordinate* ``(level,
index)`` names the complete subtree over leaves ``index·2**level … (index+1)·2**level − 1``; level 0 is a leaf.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from operator import length_hint
from typing import NamedTuple

import orjson

Coordinate = tuple[int, int]
"""``(level, index)`` of a complete subtree."""
NodeAt = Callable[[int, int], bytes]
"""Looks up the digest of a complete subtree by level and index."""
Hasher = Callable[[bytes], bytes]

LEAF_VERSION = 1
GENESIS = bytes(32)
"""What the first entry is chained to."""
_SAFE = 2**53 - 1


class NotCanonicalError(ValueError):
    """A value has no canonical form in the ledger (a float, a date, a huge number, a strange key …)."""


class UnknownAlgorithmError(ValueError):
    """A leaf names a digest this version does not know."""


# --- Digests ----------------------------------------------------------------------------------------------------------

SHA256 = "sha256"

_OF_NOTHING, _OF_LEAF = hashlib.sha256().copy, hashlib.sha256(b"\x00").copy
"""Digests begun already: copying one costs half of what making one does, which counts where millions are made."""


def _sha256(data: bytes) -> bytes:
    state = _OF_NOTHING()
    state.update(data)
    return state.digest()


_ALGORITHMS: dict[str, Hasher] = {SHA256: _sha256}


def hasher(alg: str = SHA256) -> Hasher:
    """The digest function called ``alg`` in a leaf（摘要算法）.

    Raises:
        UnknownAlgorithmError: no such digest is registered.
    """
    try:
        return _ALGORITHMS[alg]
    except KeyError:
        raise UnknownAlgorithmError(f"unknown digest {alg!r}") from None


def register_algorithm(alg: str, function: Hasher) -> None:
    """Add a digest of 32 bytes, for instance SM3 (GB/T 32905); a name is registered once.

    Raises:
        ValueError: the name is taken, or the digest is not 32 bytes long.
    """
    if alg in _ALGORITHMS:
        raise ValueError(f"digest {alg!r} is registered already")
    if len(function(b"")) != 32:
        raise ValueError(f"digest {alg!r} is not 32 bytes long")
    _ALGORITHMS[alg] = function


# --- Canonical bytes --------------------------------------------------------------------------------------------------


_ATOMS = frozenset({str, int, bool, type(None)})


def _plain(value: object) -> bool:
    """Whether the quick writer may be asked: by the kinds of what it is made of and the letters of its keys.

    Numbers beyond 2**53 − 1, lone surrogates and keys that are not text it refuses itself.
    """
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is dict:
        if not "".join(value).isascii() and max(map(max, filter(None, value))) > "\uffff":  # type: ignore[call-overload,arg-type]
            return False
        inside = value.values()  # type: ignore[attr-defined]
    elif kind is list or kind is tuple:
        inside = value
    else:
        return isinstance(value, str)
    return _ATOMS.issuperset(map(type, inside)) or all(map(_plain, inside))


def _check(value: object, where: str) -> None:
    """Say what has no canonical form and where it stands; asked only when the quick writer may not or will not."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise NotCanonicalError(f"{where}: a lone surrogate cannot be written as UTF-8")
        return
    if isinstance(value, int):
        if abs(value) > _SAFE:
            raise NotCanonicalError(f"{where}: whole numbers beyond 2**53 − 1 are refused; write them as text")
        return
    if isinstance(value, float):
        raise NotCanonicalError(f"{where}: floats are refused; write the number as text or in a smaller unit")
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise NotCanonicalError(f"{where}: the key {key!r} is not text")
            if not key.isascii() and any(letter > "\uffff" or "\ud800" <= letter <= "\udfff" for letter in key):
                raise NotCanonicalError(f"{where}: the key {key!r} holds a character beyond U+FFFF")
            _check(item, f"{where}.{key}")
        return
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]")
        return
    raise NotCanonicalError(f"{where}: {type(value).__name__} has no canonical form")


def canonical(value: object) -> bytes:
    """The canonical bytes of ``value``（规范化字节）: RFC 8785 over text, whole numbers, yes/no, null, lists, objects.

    For this subset the bytes of RFC 8785 are those of the standard library with sorted keys and no spaces, which is
    what lets a verifier do without any package. Here a quicker writer makes the same ones; the tests compare all three
    with an implementation of the standard.

    Raises:
        NotCanonicalError: a float, a date, a number beyond 2**53 − 1, a lone surrogate, a key that is not plain text.
    """
    try:
        if _plain(value):
            return orjson.dumps(value, option=_OPTIONS)
    except TypeError:  # the writer refused it: what it is and where it stands is said below
        pass
    _check(value, "$")
    return _WRITER.encode(value).encode()


_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_WRITER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=dict)


def moment(at: datetime) -> str:
    """A moment as leaves write it: UTC, microseconds, ``Z`` (``2024-03-01T08:00:00.000000Z``).

    Raises:
        NotCanonicalError: the moment has no time zone.
    """
    if at.tzinfo is None:
        raise NotCanonicalError("a moment without a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


# --- Leaves and the chain ---------------------------------------------------------------------------------------------


class Leaf(NamedTuple):
    """What the tree holds of an entry（叶）: digests and places, never a person's name, never the payload itself."""

    ts: str
    occurred_at: str | None
    actor_post: str
    on_behalf_of: str | None
    type: str
    subjects_digest: str
    payload_sha256: str
    salt: str
    alg: str = SHA256
    v: int = LEAF_VERSION

    def canonical(self) -> bytes:
        """The canonical bytes that are hashed into the tree."""
        return canonical(self._asdict())


def digest(data: bytes, alg: str = SHA256) -> bytes:
    """The plain digest of ``data``, for payloads."""
    return hasher(alg)(data)


def subjects_digest(subjects: Sequence[str], alg: str = SHA256) -> bytes:
    """The digest of a list of subjects, in its order: what a bulk act puts into its one leaf."""
    return hasher(alg)(canonical(list(subjects)))


def person_hash(salt: str, username: str) -> str:
    """A person as the ledger knows one: ``sha256(salt ‖ 0x00 ‖ username)`` in hex; the salt differs by entry."""
    return _sha256(salt.encode() + b"\0" + username.encode()).hex()


def leaf_digest(leaf: bytes, alg: str = SHA256) -> bytes:
    """RFC 9162 §2.1.1: the hash of a leaf's bytes, ``H(0x00 ‖ leaf)``."""
    if alg != SHA256:
        return hasher(alg)(b"\x00" + leaf)
    state = _OF_LEAF()
    state.update(leaf)
    return state.digest()


def chain_digest(previous: bytes, leaf: bytes, alg: str = SHA256) -> bytes:
    """The chain after an entry（链值）: ``H(previous ‖ leaf digest)``, starting from :data:`GENESIS`."""
    if alg != SHA256:
        return hasher(alg)(previous + leaf)
    state = _OF_NOTHING()
    state.update(previous)
    state.update(leaf)
    return state.digest()


def first_broken(leaves: Iterable[bytes], links: Iterable[bytes], start: bytes = GENESIS) -> int | None:
    """Recompute leaf digests and chain of many entries（核链）; written flat, because it is asked of all there are.

    Args:
        leaves: the bytes of the leaves, in order.
        links: what the chain is said to be after each.
        start: what the first is chained to.

    Returns:
        the index of the first entry whose chain is another, or None.

    Raises:
        ValueError: there are not as many links as leaves.
    """
    of_leaf, of_nothing = _OF_LEAF, _OF_NOTHING
    link, seen = start, 0
    each_leaf, each_link = iter(leaves), iter(links)
    while True:  # leaves first, then links, so many at a time: the two digests in turn would take a tenth longer
        hashed = []
        for leaf in islice(each_leaf, _BLOCK):
            state = of_leaf()
            state.update(leaf)
            hashed.append(state.digest())
        left = iter(hashed)
        for digest_, told in zip(left, islice(each_link, len(hashed)), strict=True):
            state = of_nothing()
            state.update(link + digest_)
            if state.digest() != told:
                return seen + len(hashed) - 1 - length_hint(left)
            link = told
        seen += len(hashed)
        if len(hashed) < _BLOCK:
            if next(each_link, None) is not None:
                raise ValueError("there are more links than leaves")
            return None


_BLOCK = 256
"""Leaves recomputed at a time: few enough to stay where the processor reaches them at once."""


# --- The tree ---------------------------------------------------------------------------------------------------------


def node_digest(left: bytes, right: bytes, alg: str = SHA256) -> bytes:
    """RFC 9162 §2.1.1: the hash of two subtrees, ``H(0x01 ‖ left ‖ right)``."""
    return hasher(alg)(b"\x01" + left + right)


def peaks(size: int) -> list[Coordinate]:
    """The coordinates of the largest complete subtrees that make up a tree of ``size`` leaves, left to right."""
    result: list[Coordinate] = []
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            result.append((level, start >> level))
            start += 1 << level
    return result


@dataclass(slots=True)
class Frontier:
    """The right edge of a tree（前沿）: enough to append and to know the root, at most 63 digests.

    ``digests`` belong to :func:`peaks` of ``size``, in that order.
    """

    size: int = 0
    digests: list[bytes] = field(default_factory=list)
    alg: str = SHA256

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf digest; returns the subtrees it completed above level 0 as ``(level, index, digest)``."""
        done: list[tuple[int, int, bytes]] = []
        self.digests.append(leaf)
        index, level = self.size, 0
        while index & 1:
            right = self.digests.pop()
            self.digests[-1] = node_digest(self.digests[-1], right, self.alg)
            index >>= 1
            level += 1
            done.append((level, index, self.digests[-1]))
        self.size += 1
        return done

    def root(self) -> bytes:
        """The root of the tree as it stands; the digest of nothing for an empty one."""
        if not self.digests:
            return hasher(self.alg)(b"")
        result = self.digests[-1]
        for peak in reversed(self.digests[:-1]):
            result = node_digest(peak, result, self.alg)
        return result


def _split(width: int) -> int:
    """The largest power of two smaller than ``width`` (≥ 2)."""
    return 1 << ((width - 1).bit_length() - 1)


def _subtree(node: NodeAt, start: int, stop: int, alg: str) -> bytes:
    width = stop - start
    if width & (width - 1) == 0 and start % width == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_digest(_subtree(node, start, middle, alg), _subtree(node, middle, stop, alg), alg)


def root_of(node: NodeAt, size: int, alg: str = SHA256) -> bytes:
    """The root over the first ``size`` leaves, from stored subtrees."""
    return _subtree(node, 0, size, alg) if size else hasher(alg)(b"")


def inclusion_proof(node: NodeAt, index: int, size: int, alg: str = SHA256) -> list[bytes]:
    """RFC 9162 §2.1.3.1: the path that shows leaf ``index`` (from 0) to be in the tree of ``size`` leaves（包含证明）.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(node, middle, stop, alg))
            stop = middle
        else:
            path.append(_subtree(node, start, middle, alg))
            start = middle
    return path[::-1]


def consistency_proof(node: NodeAt, old: int, new: int, alg: str = SHA256) -> list[bytes]:
    """RFC 9162 §2.1.4.1: shows that the tree of ``new`` leaves only adds to the one of ``old``（一致性证明）.

    Raises:
        ValueError: not ``0 < old ≤ new``.
    """
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    path: list[bytes] = []
    start, stop, whole = 0, new, True
    while old != stop:
        middle = start + _split(stop - start)
        if old <= middle:
            path.append(_subtree(node, middle, stop, alg))
            stop = middle
        else:
            path.append(_subtree(node, start, middle, alg))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(node, start, stop, alg))
    return path[::-1]


def needed(ask: Callable[[NodeAt], object]) -> list[Coordinate]:
    """Which stored subtrees ``ask`` looks up, so that they can be fetched in one query before asking for real."""
    seen: dict[Coordinate, None] = {}

    def record(level: int, index: int) -> bytes:
        seen[(level, index)] = None
        return GENESIS

    ask(record)
    return list(seen)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Iterable[bytes], root: bytes, alg: str = SHA256
) -> bool:
    """RFC 9162 §2.1.3.2: whether ``proof`` shows the leaf digest at ``index`` under ``root`` of ``size`` leaves."""
    if not 0 <= index < size:
        return False
    position, last, result = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_digest(step, result, alg)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            result = node_digest(result, step, alg)
        position >>= 1
        last >>= 1
    return last == 0 and result == root


def verify_consistency(
    old: int, new: int, proof: Iterable[bytes], old_root: bytes, new_root: bytes, alg: str = SHA256
) -> bool:
    """RFC 9162 §2.1.4.2: whether ``proof`` shows the tree of ``new`` leaves to extend the one of ``old``."""
    steps = list(proof)
    if not 0 < old <= new:
        return False
    if old == new:
        return not steps and old_root == new_root
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first = node_digest(step, first, alg)
            second = node_digest(step, second, alg)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second = node_digest(second, step, alg)
        position >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root
