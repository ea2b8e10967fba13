"""What the ledger costs: its share of a report, and how fast its chain is recomputed."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from bench import harness, world
from bench.report_act import report_step

LEAVES = 50_000
ROUNDS = 9


def share() -> harness.Outcome:
    """The time spent in ``append`` within a report, against the time of the report."""
    from luoshi.ledger import services as ledger

    step = report_step()
    inside = 0.0
    real = ledger.append

    def timed(*args: Any, **kwargs: Any) -> Any:
        nonlocal inside
        began = time.perf_counter()
        try:
            return real(*args, **kwargs)
        finally:
            inside += time.perf_counter() - began

    ledger.append = timed
    appends, reports = [], []
    try:
        for round_ in range(ROUNDS + 1):
            inside = 0.0
            began = time.perf_counter()
            for number in range(60):
                step(round_ * 60 + number)
            if round_:
                reports.append((time.perf_counter() - began) / 60 * 1000)
                appends.append(inside / 60 * 1000)
    finally:
        ledger.append = real
    return harness.outcome(
        "ledger_share_of_a_report",
        "milliseconds in the ledger's append within one report by POST, against the whole report",
        appends,
        reports,
        limit=0.05,
        steps=60,
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
