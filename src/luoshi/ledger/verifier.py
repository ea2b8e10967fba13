#!/usr/bin/env python3
"""Verify an exported ledger（核对留痕册）with nothing but Python's standard library (3.9 or newer).

    python verifier.py FILE [SIZE:ROOT]

Recomputes every content digest, leaf, chain value and the Merkle root (RFC 9162) from the lines of FILE (``-``:
standard input). With SIZE:ROOT, a checkpoint kept elsewhere, the first SIZE entries must have that ROOT (in hex).
Prints one line. Exit codes: 0 everything agrees; 1 something differs; 2 wrong use or an unreadable file.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from typing import Any

ZERO = bytes(32)
LEAF = frozenset(
    "v alg ts occurred_at actor_post on_behalf_of type subjects_digest payload_sha256 salt".split()  # noqa: SIM905
)
PAYLOAD = frozenset("type v data after actor subjects".split())  # noqa: SIM905


class Wrong(Exception):  # noqa: N818
    """Something in the file differs from what it should be."""


def sha256(data: bytes) -> bytes:
    """SHA-256 as bytes."""
    return hashlib.sha256(data).digest()


def canonical(value: object) -> bytes:
    """RFC 8785 for the subset the ledger uses: no floats, keys within the basic plane."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


class Tree:
    """The right edge of the Merkle tree."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf digest."""
        self.edge.append(leaf)
        index = self.size
        while index & 1:
            right = self.edge.pop()
            self.edge[-1] = sha256(b"\x01" + self.edge[-1] + right)
            index >>= 1
        self.size += 1

    def root(self) -> str:
        """The root in hex."""
        if not self.edge:
            return sha256(b"").hex()
        result = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            result = sha256(b"\x01" + left + result)
        return result.hex()


def agree(where: str, what: str, stored: object, computed: object) -> None:
    """Raise unless the stored value is the computed one."""
    if stored != computed:
        raise Wrong(f"{where}: {what} is {stored!r}, recomputed it is {computed!r}")


def check_entry(record: dict[str, Any], tree: Tree, link: bytes) -> bytes:
    """Check one entry; returns the chain after it."""
    where = f"entry {tree.size + 1}"
    agree(where, "the number", record["number"], tree.size + 1)
    agree(where, "the set of fields", set(record), {"kind", "number", "leaf", "payload", "chain"})
    leaf, payload = record["leaf"], record["payload"]
    agree(where, "the set of leaf fields", set(leaf), set(LEAF))
    agree(where, "the set of content fields", set(payload), set(PAYLOAD))
    agree(where, "the leaf's version", leaf["v"], 1)
    agree(where, "the leaf's digest algorithm", leaf["alg"], "sha256")
    agree(where, "the content's digest", leaf["payload_sha256"], sha256(canonical(payload)).hex())
    agree(where, "the subjects' digest", leaf["subjects_digest"], sha256(canonical(payload["subjects"])).hex())
    agree(where, "the type", leaf["type"], payload["type"])
    agree(where, "the post", leaf["actor_post"], payload["actor"]["post"])
    agree(where, "the principal", leaf["on_behalf_of"], payload["actor"]["on_behalf_of"])
    digest = sha256(b"\x00" + canonical(leaf))
    tree.append(digest)
    link = sha256(link + digest)
    agree(where, "the chain", record["chain"], link.hex())
    return link


def verify(lines: Iterable[bytes], size: int | None = None, root: str | None = None) -> str:
    """Check all lines (bytes); returns the sentence that says so, raises Wrong otherwise."""
    tree, link, seen = Tree(), ZERO, hashlib.sha256()
    checkpoints, ended, met = 0, False, size is None
    if size == 0:
        agree("the checkpoint kept elsewhere", "the root", root, tree.root())
        met = True
    for number, line in enumerate(lines, 1):
        where = f"line {number}"
        try:
            record = json.loads(line.decode("utf-8"))
            if not isinstance(record, dict) or canonical(record) + b"\n" != line:
                raise Wrong(f"{where} is not written in canonical form: it was changed or cut")
            kind = record.get("kind")
            if ended:
                raise Wrong(f"{where} follows the end")
            if number == 1:
                agree(where, "the header", (kind, record.get("format"), record.get("alg")), ("header", 1, "sha256"))
            elif kind == "entry":
                link = check_entry(record, tree, link)
                if tree.size == size:
                    agree("the checkpoint kept elsewhere", "the root", root, tree.root())
                    met = True
            elif kind == "checkpoint":
                now = (tree.size, tree.root(), link.hex())
                agree(where, "the checkpoint", (record["size"], record["root"], record["chain"]), now)
                checkpoints += 1
            elif kind == "end":
                end = {"kind": "end", "size": tree.size, "root": tree.root(), "chain": link.hex()}
                agree(where, "the end", record, {**end, "lines_sha256": seen.hexdigest()})
                ended = True
            else:
                raise Wrong(f"{where} is of no known kind: {kind!r}")
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise Wrong(f"{where} cannot be read: {type(problem).__name__}: {problem}") from None
        seen.update(line)
    if not ended:
        raise Wrong(f"the file has no end line: it is cut off after {tree.size} entries")
    if not met:
        raise Wrong(f"the file holds {tree.size} entries, the checkpoint kept elsewhere is about {size}")
    return f"verified: {tree.size} entries, {checkpoints} checkpoints, root {tree.root()}, chain {link.hex()}"


def main(arguments: list[str]) -> int:
    """Run on the command line's arguments; returns the exit code."""
    size: int | None = None
    root: str | None = None
    if len(arguments) == 2:
        first, colon, root = arguments[1].partition(":")
        if not colon or not first.isdigit() or len(root) != 64:
            arguments = []
        else:
            size, root = int(first), root.lower()
    if len(arguments) not in (1, 2) or arguments[0].startswith("--"):
        sys.stderr.write("usage: verifier.py FILE [SIZE:ROOT]\n")
        return 2
    try:
        if arguments[0] == "-":
            sentence = verify(sys.stdin.buffer, size, root)
        else:
            with open(arguments[0], "rb") as lines:
                sentence = verify(lines, size, root)
    except OSError as problem:
        sys.stderr.write(f"cannot read {arguments[0]}: {problem.strerror}\n")
        return 2
    except Wrong as difference:
        sys.stdout.write(f"NOT verified: {difference}\n")
        return 1
    sys.stdout.write(sentence + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
