"""What the demonstration shows of verification: what it says stands, and the ledger proves it."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.packs.test_demo import AT, build

from luoshi.assurance.models import Campaign, Certificate, LookBackDraw, Visit
from luoshi.assurance.queries import campaigns as reads
from luoshi.delivery.models import Commitment, Finding, LookBack, Objection
from luoshi.ledger import queries as ledger
from luoshi.ledger import services as ledger_services
from luoshi.packs.demo import verified
from luoshi.rules.calendar import WeekCalendar, add_working
from luoshi.rules.looking_back import anniversary


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

    # people go one after the other: no two verdicts of a day carry the same minute
    moments = list(Visit.objects.exclude(recorded_at=None).values_list("recorded_at", flat=True))
    assert len({one.replace(second=0, microsecond=0) for one in moments}) == len(moments) > 10

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


@pytest.mark.parametrize(
    ("today", "closed", "drawn", "looked"),
    [
        ("2026-11-20", "2026-08-18", "2026-11-18", "2026-11-19"),
        ("2027-01-01", "2026-09-30", "2026-12-30", "2026-12-31"),  # a Friday: the day before is worked
        ("2027-06-02", "2027-02-28", "2027-05-28", "2027-05-31"),  # no 31st, 30th or 29th of February
        ("2024-06-02", "2024-02-29", "2024-05-29", "2024-05-30"),
        ("2026-09-02", "2026-05-31", "2026-08-31", "2026-09-01"),
        ("2027-03-02", "2026-11-30", "2027-02-28", "2027-03-01"),  # a short month: two days come due on its last
    ],
)
def test_look_backs_are_told_on_any_day(today: str, closed: str, drawn: str, looked: str) -> None:
    assert tuple(one.isoformat() for one in days(today)) == (closed, drawn, looked)


def days(today: str) -> verified.Days:
    return verified.look_back_days(dt.date.fromisoformat(today), WeekCalendar())


def test_no_day_of_four_years_is_left_without_look_backs() -> None:
    for number in range(4 * 366):
        today = dt.date(2026, 1, 1) + dt.timedelta(days=number)
        found = verified.look_back_days(today, WeekCalendar())
        assert anniversary(found.closed, verified.MONTHS) == found.drawn < found.looked < today
        assert found.looked == add_working(found.drawn, 1, WeekCalendar())
        assert (today - found.drawn).days <= 8
