"""按风险走访: signs read from the record, a person's reason, by lot who goes; and what it finds never certifies."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from tests.assurance.pool_world import PoolWorld, build
from tests.assurance.visiting import failing, holding
from tests.delivery.world import SHANGHAI

from luoshi.assurance import services
from luoshi.assurance.models import Visit
from luoshi.assurance.queries import campaigns as campaign_reads
from luoshi.assurance.queries import directing as reads
from luoshi.assurance.services.directing import direct_visit
from luoshi.delivery.events import ProgrammeIssued
from luoshi.delivery.models import Commitment
from luoshi.ledger import services as ledger
from luoshi.ledger.models import Entry
from luoshi.rules.directing import Reason
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units


@pytest.fixture
def pool(db: None) -> PoolWorld:
    made = build()
    with transaction.atomic():  # its campaign came about without an act
        row = made.campaign
        after = {row.ledger_key: row.ledger_state()}
        ledger.append(ProgrammeIssued(ref=row.ref), actor=SYSTEM, at=made.w.at, after=after)
    return made


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), SHANGHAI)


def leaped(pool: PoolWorld) -> Commitment:
    """Ten per cent for weeks, and everything on the day before the date."""
    w = pool.w
    c = w.accepted(lead="530423", by="th_handler", due_days=80)
    c = w.do("report_on_commitment", "th_handler", c, percent=10, words="开工", at=at(w.at.date() + dt.timedelta(30)))
    assert c.due_on
    last = c.due_on - dt.timedelta(days=1)
    return w.do("report_on_commitment", "th_handler", c, percent=100, words="全部完成", at=at(last))


def found(pool: PoolWorld, reason: Reason, now: dt.datetime, by: str = "office") -> list[str]:
    lines, _more = reads.queue(pool.w.who(by), pool.w.programme, reason, now)
    return [line.commitment.ref for line in lines]


def test_a_leap_at_the_end_is_in_the_queue_of_those_above_it(pool: PoolWorld) -> None:
    c = leaped(pool)
    now = at(c.due_on or c.created_at.date())
    for name, there in (("office", True), ("a_office", True), ("th_head", True), ("b_head", False)):
        assert (c.ref in found(pool, Reason.LATE_JUMP, now, name)) is there, name
    assert c.ref not in found(pool, Reason.SILENCE, now)


def test_a_date_put_off_when_it_was_near(pool: PoolWorld) -> None:
    w = pool.w
    c = w.accepted(lead="530423", by="th_handler", due_days=80)
    assert c.due_on
    near = at(c.due_on - dt.timedelta(days=10))
    later = c.due_on + dt.timedelta(days=40)
    moved = w.do("re_date_commitment", "office", c, new_due_on=later, reason="汛期", at=near)
    asked = w.accepted(lead="530402", by="ht_handler", due_days=80)
    asked = w.do("ask_extension", "ht_handler", asked, new_due_on=later, reason="材料晚到", at=near)
    asked = w.do("decide_extension", "office", asked, granted=True, reason="同意", at=near + dt.timedelta(days=1))
    assert set(found(pool, Reason.NEAR_DATE, near + dt.timedelta(days=2))) == {moved.ref, asked.ref}
    told = reads.signs_of(Commitment.objects.get(pk=moved.pk), near.date())
    assert [one.params["days"] for one in told if one.reason is Reason.NEAR_DATE] == [10]


def test_silence_is_a_sign_only_while_work_runs(pool: PoolWorld) -> None:
    w = pool.w
    c = w.accepted(lead="530423", by="th_handler", due_days=200)
    assert c.ref not in found(pool, Reason.SILENCE, w.at + dt.timedelta(days=60))
    assert c.ref in found(pool, Reason.SILENCE, w.at + dt.timedelta(days=62))
    c = w.do("report_on_commitment", "th_handler", c, percent=30, words="在做", at=w.at + dt.timedelta(days=62))
    assert c.ref not in found(pool, Reason.SILENCE, w.at + dt.timedelta(days=63))


def test_a_page_of_the_queue_asks_as_much_for_one_row_as_for_twenty(pool: PoolWorld) -> None:
    w = pool.w
    now = w.at + dt.timedelta(days=90)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert found(pool, Reason.SILENCE, now)
        return len(asked)

    w.accepted(lead="530423", by="th_handler", due_days=200)
    few = statements()
    for n in range(12):
        w.accepted(lead="530402", by="ht_handler", due_days=200, title=f"任务{n}")
    assert statements() == few


def test_somebody_is_sent_for_a_sign_or_for_words_and_for_neither_not(pool: PoolWorld) -> None:
    w, c = pool.w, leaped(pool)
    now = at(c.due_on or w.at.date())
    visit, entry = direct_visit(actor=w.who("office"), ref=c.ref, reason="", day=now.date(), at=now)
    assert (visit.kind, visit.campaign, visit.place, visit.state) == ("directed", None, None, "assigned")
    assert "100" in visit.reason
    assert entry.type == "assurance.VisitAssigned"
    assert c.ref not in found(pool, Reason.LATE_JUMP, now), "it is not offered again while somebody is on the way"
    plain = w.accepted(lead="530402", by="ht_handler", due_days=200)
    plain = w.do("report_on_commitment", "ht_handler", plain, percent=40, words="在做", at=now)

    def refused(code: str, name: str = "office", ref: str = plain.ref, **changes: Any) -> None:
        told = {"reason": "", "day": now.date(), "at": now} | changes
        with pytest.raises(Refused) as found_refusal:
            direct_visit(actor=w.who(name), ref=ref, **told)
        assert found_refusal.value.code == code

    refused("direct_without_reason")
    refused("directed_already", ref=c.ref, reason="再看")
    refused("not_found", name="b_head", reason="看看")
    refused("not_handing_out", name="a_handler", reason="看看")
    refused("not_found", ref="YN-0", reason="看看")
    refused("day_in_past", reason="看看", day=now.date() - dt.timedelta(days=1))
    refused("nothing_to_visit", ref=w.issued(lead="530402").ref, reason="看看")
    refused("identity_number", reason="11010519491231002X")
    visit, _entry = direct_visit(actor=w.who("office"), ref=plain.ref, reason="群众来信", day=now.date(), at=now)
    assert visit.reason == "群众来信"
    w.audit()


def go(pool: PoolWorld, visit: Visit, said: services.Said, when: dt.datetime) -> services.Recorded:
    user = pool.w.users[visit.verifier_post.ref.removeprefix("P-")]
    actor = units.actor_for(user, at=when)
    return services.record_visit(actor=actor, key=visit.key, version=visit.version, said=said, at=when)


@pytest.mark.principle(8)
def test_what_a_directed_visit_finds_where_no_verdict_is_taken_is_a_finding(pool: PoolWorld) -> None:
    w, c = pool.w, pool.w.closed()
    visit, _entry = direct_visit(actor=w.who("office"), ref=c.ref, reason="群众来信", day=w.at.date(), at=w.at)
    when = w.at + dt.timedelta(hours=3)
    go(pool, visit, failing(), when)
    c.refresh_from_db()
    finding = c.findings.get()
    assert (c.state, c.open_findings, finding.words, finding.evidence) == ("closed", 1, "有一处渗水", "群众来信")
    c = w.do("answer_finding", "a_head", c, answer="已修复", at=when)
    c = w.do("conclude_finding", "office", c, upheld=True, reason="属实", at=when)
    assert w.do("raise_objection", "a_head", c, words="不服", at=when).open_objections == 1
    w.audit()


@pytest.mark.principle(8)
def test_directed_and_look_back_visits_never_certify_whatever_they_find(pool: PoolWorld) -> None:
    """The two streams never mix: not one figure of a campaign moves when places of its frame are visited otherwise."""
    w = pool.w
    pool.hand_out(count=4)
    before = campaign_reads.certified_content(pool.fresh())
    read_before = str(before)
    for commitment in pool.commitments[4:9]:
        for kind, holds in (("directed", True), ("directed", False), ("look_back", True), ("look_back", False)):
            Visit.objects.create(
                kind=kind,
                commitment=commitment,
                unit=commitment.lead,
                verifier_post_id=w.who("verifier").seat.post_id,
                day=w.at.date(),
                state="done",
                holds=holds,
                reason="年底突增",
                created_at=w.at,
                recorded_at=w.at,
            )
    assert str(campaign_reads.certified_content(pool.fresh())) == read_before
    assert pool.fresh().visits.exclude(kind__in=("drawn", "blind")).count() == 0


def test_the_database_itself_refuses_a_directed_visit_of_a_campaign(pool: PoolWorld) -> None:
    place = pool.campaign.places.first()
    assert place is not None
    for kind in ("directed", "look_back"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Visit.objects.create(
                kind=kind,
                campaign=pool.campaign,
                place=place,
                commitment=place.commitment,
                unit=place.unit,
                verifier_post_id=pool.w.who("verifier").seat.post_id,
                day=pool.w.at.date(),
                created_at=pool.w.at,
            )


def test_the_pages_show_it_and_do_it(pool: PoolWorld, client: Client) -> None:
    w, c = pool.w, pool.w.accepted(lead="530402", by="ht_handler", due_days=500)
    c = w.do("report_on_commitment", "ht_handler", c, percent=40, words="在做", at=timezone.now())
    client.force_login(w.users["office"])
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        for reason in ("late-jump", "near-date", "silence", "x"):
            assert client.get(reverse("assurance:directed"), {"reason": reason}).status_code == 200
        assert client.get(reverse("assurance:direct", args=[c.ref])).status_code == 200
    answer = client.post(reverse("assurance:direct", args=[c.ref]), {"reason": "", "day": "2027-01-04"})
    assert answer.status_code == 422
    assert Visit.objects.count() == 0
    answer = client.post(reverse("assurance:direct", args=[c.ref]), {"reason": "群众来信", "day": "2027-01-04"})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert Visit.objects.get().kind == "directed"
    assert c.ref not in client.get(answer["Location"]).content.decode().split('id="made"')[1], "not before its day"
    client.force_login(w.users["b_head"])
    assert client.get(reverse("assurance:direct", args=[c.ref])).status_code == 404


def test_the_api_and_the_command_say_the_same(pool: PoolWorld, client: Client) -> None:
    c = pool.w.accepted(lead="530402", by="ht_handler", due_days=500)
    client.force_login(pool.w.users["office"])
    told = client.get("/api/v1/directing", {"programme": "ten", "reason": "silence"}).json()
    assert [one["ref"] for one in told["items"]] == [c.ref]
    assert told["items"][0]["signs"][0]["reason"] == "silence"
    out = io.StringIO()
    call_command("direct", "list", "ten", "--as", "office", stdout=out)
    assert f"silence\t{c.ref}\t" in out.getvalue()
    with pytest.raises(CommandError):
        call_command("direct", "visit", c.ref, "--as", "office", stdout=out)
    with pytest.raises(CommandError, match="not_found"):
        call_command("direct", "visit", c.ref, "--as", "b_head", "--data", '{"day": "2027-01-04"}', stdout=out)
    answer = client.post(
        f"/api/v1/commitments/{c.ref}/directed-visit",
        json.dumps({"day": "2027-01-04"}),
        content_type="application/json",
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["kind"] == "directed"
    assert "verifier" not in answer.content.decode()
    assert Entry.objects.filter(type="assurance.VisitAssigned").count() == 1


def test_holding_changes_nothing_but_what_was_seen(pool: PoolWorld) -> None:
    w, c = pool.w, pool.w.closed()
    visit, _entry = direct_visit(actor=w.who("office"), ref=c.ref, reason="群众来信", day=w.at.date(), at=w.at)
    done = go(pool, visit, holding(), w.at + dt.timedelta(hours=2))
    c.refresh_from_db()
    assert (done.visit.not_carried, c.state, c.open_findings) == ("wrong_state", "closed", 0)
