"""What the ledger costs: its share of a report, and how fast its chain is recomputed."""

from __future__ import annotations

import hashlib
import statistics
import time
from typing import Any

from bench import harness, world
from bench.report_act import report_step

LEAVES = 50_000
ROUNDS = 9
REPORTS = 120


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
            pairs = [(report(real), report(without_entry)) for _report in range(REPORTS)]
            if round_:
                with_entry.append(statistics.median(ours for ours, _bare in pairs))
                without.append(statistics.median(bare for _ours, bare in pairs))
    finally:
        ledger.append = real
    return harness.outcome(
        "ledger_share_of_a_report",
        "milliseconds that a report by POST takes longer with its entry than with none, report by report in turn, the"
        " median of a round against that of the whole report",
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

    def ours(_i: int) -> None:
        assert chain.first_broken(leaves, links) is None

    def floor(_i: int) -> None:
        for leaf in leaves:
            hashlib.sha256(leaf).digest()

    return harness.compare(
        "chain_verified",
        f"leaf digests and chain of {LEAVES} entries recomputed and compared, against SHA-256 of the bare leaves",
        ours,
        floor,
        limit=2.0,
        steps=1,
        clock=time.process_time,
        notes={"mean_leaf_bytes": sum(map(len, texts)) // len(texts)},
    )


def measure(url: str, small_url: str) -> list[harness.Outcome]:
    """Both, on the full world."""
    world.connect(url)
    return [share(), verify()]
