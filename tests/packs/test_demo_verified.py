"""What the demonstration shows of verification: what it says stands, and the ledger proves it."""

from __future__ import annotations

import pytest
from tests.packs.test_demo import AT, build

from luoshi.assurance.models import Campaign, Certificate, LookBackDraw, Visit
from luoshi.assurance.queries import campaigns as reads
from luoshi.delivery.models import Commitment, Finding, LookBack, Objection
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.packs.demo import verified


@pytest.mark.django_db
def test_what_the_demonstration_says_of_verification() -> None:
    build()
    ledger_services.checkpoint(AT)
    assert ledger.audit(at=AT).difference is None

    # one claim is certified, and its list was struck off by the certificate: sampled, not visited, where nobody went
    done, part = Campaign.objects.order_by("ref")
    assert (done.stage, done.outcome, done.title) == ("concluded", "certified", verified.CLAIMS[0])
    visited = done.visits.filter(kind="drawn")
    assert set(visited.values_list("state", "holds")) == {("done", True)}
    assert 0 < visited.count() < done.frame_size
    certificate = Certificate.objects.get()
    assert (certificate.campaign, certificate.withdrawn_at) == (done, None)
    assert certificate.by_user not in set(visited.values_list("by_user", flat=True))
    leaves = Commitment.objects.filter(places__campaign=done)
    assert leaves.count() == done.frame_size
    assert set(leaves.values_list("verified_how", flat=True)) >= {"sampled"}

    # one of them fell back: it is open again, the certificate says so, and another look-back is still to be made
    excepted = certificate.exceptions.get().commitment
    assert (excepted.state, excepted.reopened) == ("accepted", 1)
    assert set(leaves.exclude(pk=excepted.pk).values_list("state", flat=True)) == {"closed"}
    looked = LookBack.objects.filter(commitment__in=leaves)
    assert looked.filter(passed=False).get().commitment == excepted
    assert looked.filter(passed=True).exists()
    drawn = LookBackDraw.objects.filter(commitment__in=leaves, months=verified.MONTHS)
    assert drawn.count() == done.frame_size
    assert drawn.filter(visit__state="assigned").exists()

    # the other is half-way: digits typed, verdicts of both kinds, a place unknown, visits to be made
    assert (part.stage, part.seed, part.outcome) == ("drawn", verified.SEEDS[1], "")
    reading = reads.read_campaign(part)
    assert (reading.reading.visits, reading.reading.false, reading.reading.unknown) == (5, 2, 1)
    assert reading.open == 1

    # a finding with its answer, an objection that nobody decided, a visit for a reason
    finding = Finding.objects.get(words=verified.FINDING)
    assert (finding.answer, finding.conclusion) == (verified.ANSWER, "")
    objection = Objection.objects.get(words=verified.OBJECTION)
    assert objection.upheld is None
    assert objection.decide_by_on > AT.date()
    directed = Visit.objects.get(kind="directed")
    assert verified.DIRECTED in directed.reason
    assert directed.campaign is None
    assert directed.day > AT.date()
