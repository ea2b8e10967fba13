"""The ledger as lines of JSON, to be kept and verified elsewhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from luoshi.ledger import models
from luoshi.ledger.queries.snapshots import snapshot
from luoshi.rules import chain

FORMAT = 1


def export_lines(*, at: datetime) -> Iterator[str]:
    """The numbered entries as lines ending in a newline, streamed from one snapshot（导出）.

    A ``header``, then an ``entry`` for every number with leaf, content and chain, a ``checkpoint`` wherever one was
    set, and an ``end`` with size, root, chain and the digest of all lines before it. Users and salts of persons stay
    behind: the file names posts, and persons as hashes only.
    """
    seen = hashlib.sha256()

    def line(value: dict[str, Any]) -> str:
        text = chain.canonical(value).decode() + "\n"
        seen.update(text.encode())
        return text

    with snapshot():
        frontier, link = chain.Frontier(), chain.GENESIS
        marks = models.Checkpoint.objects.order_by("size", "pk").iterator(chunk_size=100)
        mark = next(marks, None)
        yield line({"kind": "header", "format": FORMAT, "alg": chain.SHA256, "exported_at": chain.moment(at)})
        places = models.Sequence.objects.select_related("entry", "entry__payload").order_by("number")
        for place in places.iterator(chunk_size=100):
            yield line(
                {
                    "kind": "entry",
                    "number": place.number,
                    "leaf": json.loads(place.entry.leaf),
                    "payload": json.loads(place.entry.payload.text),
                    "chain": place.chain,
                }
            )
            frontier.append(bytes.fromhex(place.leaf))
            link = bytes.fromhex(place.chain)
            while mark is not None and mark.size == place.number:
                yield line(
                    {
                        "kind": "checkpoint",
                        "size": mark.size,
                        "root": mark.root,
                        "chain": mark.chain,
                        "at": chain.moment(mark.at),
                    }
                )
                mark = next(marks, None)
        yield line(
            {
                "kind": "end",
                "size": frontier.size,
                "root": frontier.root().hex(),
                "chain": link.hex(),
                "lines_sha256": seen.hexdigest(),
            }
        )
