"""凭证书销号: a list is struck off in one act; every commitment is asked the table, whoever fails is left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.delivery.world import AT, World, everything

from luoshi.delivery import services
from luoshi.delivery.models import Commitment, Verification
from luoshi.ledger.models import Entry
from luoshi.rules.refusals import Refused


def close(world: World, refs: list[str], *, by: str = "head", **changes: Any) -> services.Certified:
    told: dict[str, Any] = {
        "certificate": "YN-2026-Z0001",
        "digest": "a" * 64,
        "refs": refs,
        "frozen_at": AT,
        "opinion": "同意",
        "at": AT,
    }
    return services.close_by_certificate(actor=world.who(by), **{**told, **changes})


def test_close_by_certificate(world: World) -> None:
    done, waiting = world.reported(), world.accepted("532900", by="b_handler")
    entries = Entry.objects.count()
    told = close(world, [done.ref, waiting.ref, "YN-2026-03-0999"])
    assert told.closed == [done.ref]
    assert {ref: one.code for ref, one in told.left_out.items()} == {
        waiting.ref: "nothing_reported",
        "YN-2026-03-0999": "not_found",
    }
    assert Entry.objects.count() == entries + 1
    now = Commitment.objects.get(pk=done.pk)
    assert (now.state, now.verified, now.verified_how, now.closed_at) == ("closed", 100, "sampled", AT)
    assert now.version == done.version + 1
    verdict = Verification.objects.get()
    assert (verdict.method, verdict.certificate, verdict.passed, verdict.words) == (
        "sampled",
        "YN-2026-Z0001",
        True,
        "",
    )
    world.audit()


def test_what_the_table_refuses_is_left_out(world: World) -> None:
    done = world.reported()
    before = everything()
    for by, changes, code in [
        ("head", {"frozen_at": AT - dt.timedelta(days=1)}, "claim_newer"),
        ("a_head", {}, "not_your_act"),
        ("b_head", {}, "not_found"),
        ("verifier", {}, "not_found"),
    ]:
        with pytest.raises(Refused) as refused:
            close(world, [done.ref], by=by, **changes)
        assert refused.value.code == "bulk_nothing_left", (by, code)
        assert everything() == before
    with pytest.raises(Refused) as refused:
        close(world, [done.ref], opinion=" ")
    assert refused.value.code == "opinion_missing"
    assert everything() == before


def test_three_hands_hold_for_a_certificate_too(world: World) -> None:
    verified = world.verified()
    with pytest.raises(Refused):
        close(world, [verified.ref], by="office", frozen_at=AT - dt.timedelta(days=1))
    told = close(world, [verified.ref], by="office")
    assert told.closed == [verified.ref]
    now = Commitment.objects.get(pk=verified.pk)
    assert (now.state, now.verified_how) == ("closed", "visited"), "what was found on the spot stays so"
    world.audit()
