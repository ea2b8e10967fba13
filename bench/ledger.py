"""What the ledger costs: its share of a report, and how fast its chain is recomputed."""

from __future__ import annotations

import hashlib
import statistics
import time
from typing import Any

from bench import harness, world
from bench.report_act import report_step

LEAVES = 50_000
CHUNK = 100
ROUNDS = 9
REPORTS = 400


def share() -> harness.Outcome:
    """What a report costs with its entry more than with none: time against the whole report, rounds in turn."""
    from luoshi.ledger import services as ledger
    from luoshi.ledger.adapters import run
    from luoshi.ledger.models import Entry

    step = report_step()
    real, stands = ledger.append, Entry.objects.order_by("-pk")[0]
    number = 0

    def report(append: Any) -> float:
        """Milliseconds of one report."""
        nonlocal number
        ledger.append = append
        began = time.perf_counter()
        step(number)
        number += 1
        return (time.perf_counter() - began) * 1000

    def without_entry(*args: Any, beside: Any = None, **kwargs: Any) -> Any:
        if beside:
            run(beside)
        return stands

    with_entry, without = [], []
    try:
        for round_ in range(ROUNDS + 1):
            ours, bare = [], []
            for _pair in range(REPORTS // 2):  # neither side always follows the other: what comes after pays for it
                ours.append(report(real))
                bare += [report(without_entry), report(without_entry)]
                ours.append(report(real))
            if round_:
                with_entry.append(statistics.median(ours))
                without.append(statistics.median(bare))
    finally:
        ledger.append = real
    return harness.outcome(
        "ledger_share_of_a_report",
        "milliseconds that a report by POST takes longer with its entry than with none, report by report in turn"
        " (A B B A), the median of a round against that of the whole report",
        [ours - bare for ours, bare in zip(with_entry, without, strict=True)],
        with_entry,
        limit=0.05,
        steps=REPORTS,
    )


def verify() -> harness.Outcome:
    """Recomputing the chain over many leaves, against hashing the bare leaves."""
    from luoshi.ledger.models import Entry
    from luoshi.rules import chain

    texts = [text.encode() for text in Entry.objects.order_by("pk").values_list("leaf", flat=True)[:2000]]
    leaves = (texts * (LEAVES // len(texts) + 1))[:LEAVES]
    links, link = [], chain.GENESIS
    for leaf in leaves:
        link = chain.chain_digest(link, chain.leaf_digest(leaf))
        links.append(link)

    ours, floor = [], []
    for round_ in range(ROUNDS + 1):
        sides = [0.0, 0.0]
        for first in range(0, LEAVES, CHUNK):  # in turn, a chunk each, as the audit reads them
            some, told = leaves[first : first + CHUNK], links[first : first + CHUNK]
            start = links[first - 1] if first else chain.GENESIS
            began = time.process_time()
            broken = chain.first_broken(some, told, start)
            between = time.process_time()
            for leaf in some:
                hashlib.sha256(leaf).digest()
            sides[0] += between - began
            sides[1] += time.process_time() - between
            if broken is not None:
                raise RuntimeError(f"the chain broke at {first + broken}")
        if round_:
            ours.append(sides[0] * 1000)
            floor.append(sides[1] * 1000)
    return harness.outcome(
        "chain_verified",
        f"leaf digests and chain of {LEAVES} entries recomputed and compared as the audit does it, {CHUNK} at a time,"
        " against SHA-256 of the bare leaves, in turn",
        ours,
        floor,
        limit=2.0,
        unit="ms of CPU",
        notes={"mean_leaf_bytes": sum(map(len, texts)) // len(texts)},
    )


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Both, on the full world."""
    world.connect(url)
    return [share(), verify()]
