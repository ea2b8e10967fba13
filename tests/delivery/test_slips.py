"""督办单: proposed, approved, numbered, answered, ended; and how often one unit may be met."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from tests.delivery.test_take_steps import tick
from tests.delivery.world import AT, World, everything

from luoshi.accounts.services import create_token
from luoshi.delivery import services
from luoshi.delivery.models import Commitment, LadderStep, Slip
from luoshi.delivery.queries import slips as reads
from luoshi.office.models import Message
from luoshi.rules.escalation import Ladder as Rule
from luoshi.rules.escalation import Level, Rung, Step
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import queries as units

DAY = dt.timedelta(days=1)
QUICK = Rule(
    (
        Step(Rung.REMIND, Level.HANDLER, 0),
        Step(Rung.URGE, Level.HEAD, 1),
        Step(Rung.SUPERVISE, Level.HEAD, 2, by_person=True),
    ),
    5,
)
LATE = AT + 75 * DAY


def quick(world: World, rule: Rule = QUICK) -> None:
    """What is issued from now on climbs this ladder."""
    world.programme.refresh_from_db()
    now = world.programme.ladder_now
    if now is not None and now.rule() != rule:
        services.change_ladder(
            actor=world.who("office"), key="ten", version=world.programme.version, ladder=rule, at=AT
        )


def overdue(world: World, lead: str = "530400", by: str = "a_handler", rule: Rule = QUICK) -> Commitment:
    """A commitment so late that the clock has proposed a slip."""
    quick(world, rule)
    c = world.accepted(lead=lead, by=by)
    for n in range(58, 76):
        tick(AT + n * DAY)
    c.refresh_from_db()
    return c


def do(world: World, act: str, who: str, slip: Slip, at: dt.datetime = LATE, **values: Any) -> Slip:
    fresh = Slip.objects.get(pk=slip.pk)
    actor = units.actor_for(world.users[who], at=at)
    return getattr(services, act)(actor=actor, slip=fresh.pk, version=fresh.version, at=at, **values).slip


def refused(world: World, code: str, act: str, who: str, slip: Slip, **values: Any) -> Refused:
    before = everything()
    with pytest.raises(Refused) as found:
        do(world, act, who, slip, **values)
    assert found.value.code == code, found.value.code
    assert str(found.value)
    assert everything() == before
    return found.value


def issued(world: World, **values: Any) -> Slip:
    """The clock's proposal, approved by the office."""
    overdue(world)
    return do(world, "approve_slip", "office", Slip.objects.get(), opinion="同意督办", **values)


@pytest.mark.principle(5)
def test_a_slip_goes_from_the_clock_to_its_end(world: World) -> None:
    c = overdue(world)
    [slip] = Slip.objects.all()
    assert (slip.state, slip.rung, slip.number, slip.unit_id) == ("proposed", "supervise", "", c.lead_id)
    assert [item.commitment_id for item in slip.items.all()] == [c.pk]
    told = {message.post.ref for message in Message.objects.filter(kind="delivery.slip-proposed")}
    assert told == {"P-head", "P-office", "P-office2"}

    slip = do(world, "approve_slip", "office", slip, opinion="同意督办", words="请报整改时限。", answer_days=5)
    assert (slip.state, slip.number) == ("issued", "云南省委督查室督〔2026〕1号")
    assert slip.answer_by_on == dt.date(2026, 5, 22), "five working days after 16 May, a Saturday"
    told = {message.post.ref for message in Message.objects.filter(kind="delivery.slip-issued")}
    assert told == {"P-a_head", "P-a_handler"}

    slip = do(world, "answer_slip", "a_handler", slip, answer="已复工，月底完成。")
    slip = do(world, "send_back_slip", "office", slip, reason="没有时限", answer_days=3)
    assert slip.state == "issued"
    slip = do(world, "answer_slip", "a_head", slip, answer="六月十日前完成。")
    slip = do(world, "settle_slip", "head", slip, reason="措施落实")
    assert (slip.state, slip.end_reason) == ("settled", "措施落实")
    world.audit()


@pytest.mark.principle(5)
def test_after_an_approval_the_ladder_climbs_on_and_after_a_refusal_it_only_urges(world: World) -> None:
    steep = Rule((*QUICK.steps, Step(Rung.INTERVIEW, Level.ABOVE_HEAD, 5)), 5)
    c = overdue(world, rule=steep)
    do(world, "approve_slip", "office", Slip.objects.get(), opinion="同意")
    for n in range(76, 90):
        tick(AT + n * DAY)
    rungs = list(LadderStep.objects.filter(commitment=c).order_by("pk").values_list("rung", flat=True))
    assert rungs == ["remind", "urge", "supervise", "interview"]
    interview = Slip.objects.get(rung="interview")
    later = AT + 90 * DAY
    do(world, "drop_slip", "head", interview, at=later, reason="已有进展")
    for n in range(90, 120):
        tick(AT + n * DAY)
    rungs = list(LadderStep.objects.filter(commitment=c).order_by("pk").values_list("rung", flat=True))
    assert rungs[:4] == ["remind", "urge", "supervise", "interview"]
    assert set(rungs[4:]) == {"urge"}
    assert len(rungs) >= 6
    world.audit()


@pytest.mark.principle(3)
def test_praise_and_blame_need_the_head_who_did_not_propose_them(world: World) -> None:
    c = world.accepted()
    done = world.do("propose_slip", "office", c, rung="circulate", tone="praise", words="提前完成，予以肯定。")
    slip = Slip.objects.get(commitment=done)
    refused(world, "slip_not_yours", "approve_slip", "office2", slip, opinion="同意")
    mine = Slip.objects.get(
        pk=world.do("propose_slip", "head", c, rung="interview", words="请来谈一谈。").slips.order_by("-pk")[0].pk
    )
    refused(world, "slip_own_proposal", "approve_slip", "head", mine, opinion="同意")
    assert do(world, "approve_slip", "head", slip, opinion="同意通报表扬").state == "issued"
    world.audit()


@pytest.mark.principle(5)
def test_a_unit_is_met_once_in_the_period_unless_the_head_says_why(world: World) -> None:
    first = issued(world)
    c = world.accepted()
    world.do("propose_slip", "office", c, rung="supervise", words="请说明。")
    second = Slip.objects.get(state="proposed")
    told = refused(world, "already_supervised", "approve_slip", "office", second, opinion="同意")
    assert told.params["number"] == first.number
    refused(world, "repeat_by_head", "approve_slip", "office", second, opinion="同意", repeat_reason="情况紧急")
    slip = do(world, "approve_slip", "head", second, opinion="同意", repeat_reason="省委交办，情况紧急")
    assert (slip.earlier_id, slip.repeat_reason) == (first.pk, "省委交办，情况紧急")
    world.audit()


@pytest.mark.principle(5)
def test_several_heads_do_not_supervise_one_unit(world: World) -> None:
    overdue(world, lead="530423", by="th_handler")
    first = do(world, "approve_slip", "office", Slip.objects.get(), opinion="同意")
    assert first.skips_level, "the province speaks to a county, over its prefecture"
    c = Commitment.objects.get()
    world.do("propose_slip", "a_head", c, rung="supervise", words="请说明。")
    second = Slip.objects.get(state="proposed")
    assert not second.skips_level
    told = refused(world, "many_headed", "approve_slip", "a_head", second, opinion="同意")
    assert told.params["by"] == "云南省委督查室"


def test_a_slip_taken_back_does_not_count_and_a_plan_says_how_often(world: World) -> None:
    first = issued(world)
    do(world, "withdraw_slip", "office", first, reason="发错了")
    office = world.who("office")
    services.record_plan(
        actor=office, title="年度计划", document="省政府批准", scope="十件事", agency="云督",
        from_on=dt.date(2026, 1, 1), until_on=dt.date(2026, 12, 31), period_days=10, at=LATE,
    )  # fmt: skip
    c = world.accepted()
    world.do("propose_slip", "office", c, rung="supervise", words="请说明。")
    second = do(world, "approve_slip", "office", Slip.objects.get(state="proposed"), opinion="同意")
    assert (second.number, second.plan.title) == ("云督〔2026〕1号", "年度计划")  # type: ignore[union-attr]
    world.do("propose_slip", "office", c, rung="supervise", words="请再说明。")
    third = Slip.objects.get(state="proposed")
    refused(world, "already_supervised", "approve_slip", "office", third, opinion="同意", at=LATE + 9 * DAY)
    assert do(world, "approve_slip", "office", third, opinion="同意", at=LATE + 11 * DAY).number == "云督〔2026〕2号"
    world.audit()


def test_a_plan_needs_words_dates_and_a_side_that_supervises(world: World) -> None:
    words: dict[str, Any] = {
        "title": "计划", "document": "批准", "scope": "十件事", "from_on": dt.date(2026, 1, 1),
        "until_on": dt.date(2026, 12, 31),
    }  # fmt: skip
    for who, code, changes in (
        ("a_handler", "not_planning", {}),
        ("office", "plan_words", {"document": " "}),
        ("office", "plan_dates", {"until_on": dt.date(2025, 1, 1)}),
        ("office", "plan_period", {"period_days": 0}),
    ):
        with pytest.raises(Refused) as found:
            services.record_plan(actor=world.who(who), at=AT, **{**words, **changes})
        assert found.value.code == code


@pytest.mark.principle(6)
def test_the_clock_issues_itself_only_what_the_ladder_lets_it_and_never_a_second_one(world: World) -> None:
    alone = Rule((QUICK.steps[0], QUICK.steps[1], Step(Rung.SUPERVISE, Level.HEAD, 2, by_person=False)), 5)
    overdue(world, rule=alone)
    [slip] = Slip.objects.all()
    assert (slip.state, slip.decided_by_post) == ("issued", None)
    assert slip.number == "云南省委督查室督〔2026〕1号"
    for n in range(76, 90):
        tick(AT + n * DAY)
    c = world.accepted()
    Commitment.objects.filter(pk=c.pk).update(told=2, told_on=dt.date(2026, 5, 8), climbs_for=c.due_on, next_step_at=AT)
    services.take_steps(actor=SYSTEM, at=AT + 90 * DAY)
    assert list(Slip.objects.order_by("pk").values_list("state", flat=True)) == ["issued", "proposed"]
    world.audit()


def test_what_is_no_longer_owed_is_not_issued(world: World) -> None:
    c = overdue(world)
    world.do("report_on_commitment", "a_handler", c, percent=100, words="完成", at=LATE)
    refused(world, "nothing_owed_now", "approve_slip", "office", Slip.objects.get(), opinion="同意")
    assert do(world, "drop_slip", "office", Slip.objects.get(), reason="已完成").state == "dropped"


@pytest.mark.parametrize(
    ("act", "who", "values", "code"),
    [
        ("approve_slip", "office", {"opinion": " "}, "opinion_missing"),
        ("approve_slip", "office", {"opinion": "同意", "answer_days": 0}, "answer_days_range"),
        ("approve_slip", "a_head", {"opinion": "同意"}, "not_found"),
        ("drop_slip", "office", {"reason": ""}, "reason_missing"),
        ("answer_slip", "office", {"answer": "已办"}, "slip_state"),
        ("settle_slip", "office", {"reason": "办结"}, "slip_state"),
        ("approve_slip", "b_head", {"opinion": "同意"}, "not_found"),
    ],
)
def test_a_proposal_is_decided_by_who_may_and_with_words(
    world: World, act: str, who: str, values: dict[str, Any], code: str
) -> None:
    overdue(world)
    refused(world, code, act, who, Slip.objects.get(), **values)


def test_an_answer_is_the_units_own(world: World) -> None:
    slip = issued(world)
    refused(world, "slip_not_yours", "answer_slip", "office", slip, answer="已办")
    refused(world, "slip_answer_missing", "answer_slip", "a_head", slip, answer=" ")
    refused(world, "slip_not_yours", "settle_slip", "a_head", slip, reason="办结")
    with pytest.raises(Refused) as stale:
        services.answer_slip(actor=world.who("a_head"), slip=slip.pk, version=1, answer="已办", at=LATE)
    assert stale.value.code == "stale_version"


def test_who_sees_what(world: World) -> None:
    overdue(world)
    slip = Slip.objects.get()
    at = LATE
    seen = {name: reads.slips_seen(units.actor_for(world.users[name], at=at)).exists() for name in world.users}
    assert {name for name, found in seen.items() if found} == {"head", "office", "office2", "auditor"}
    do(world, "approve_slip", "office", slip, opinion="同意")
    seen = {name: reads.slips_seen(units.actor_for(world.users[name], at=at)).exists() for name in world.users}
    assert {"a_head", "a_handler", "a_office"} <= {name for name, found in seen.items() if found}
    assert not {"b_head", "ht_head", "th_head"} & {name for name, found in seen.items() if found}


# --- The doors -------------------------------------------------------------------------------------------------------


def signed_in(world: World, name: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.users[name])
    return client


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> dt.datetime:
    """The doors read the clock; here it is late."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: LATE)
    return LATE


def test_pages_from_proposal_to_end(world: World, now: dt.datetime, django_assert_max_num_queries: Any) -> None:
    overdue(world)
    slip = Slip.objects.get()
    office, unit = signed_in(world, "office"), signed_in(world, "a_head")
    assert b"Waiting for your approval" in office.get("/slips/").content
    assert b"Approve and issue" in office.get("/").content, "it stands in the day's list"
    assert unit.get(f"/slips/{slip.pk}/").status_code == 404
    page = office.get(f"/slips/{slip.pk}/approve/")
    assert b"repeat_reason" not in page.content
    sent = office.post(f"/slips/{slip.pk}/approve/", {"version": slip.version, "opinion": "同意", "answer_days": 5})
    assert sent.status_code == 302, sent.content.decode()
    assert b"Answer" in unit.get("/").content
    slip.refresh_from_db()
    sent = unit.post(f"/slips/{slip.pk}/answer/", {"version": slip.version, "answer": "已复工"})
    assert sent.status_code == 302
    slip.refresh_from_db()
    shut = unit.post(f"/slips/{slip.pk}/settle/", {"version": slip.version, "reason": "办结"})
    assert (shut.status_code, b"slip_not_yours" in shut.content) == (403, True)
    assert office.post(f"/slips/{slip.pk}/settle/", {"version": slip.version, "reason": "办结"}).status_code == 302
    with django_assert_max_num_queries(25):
        page = office.get(f"/slips/{slip.pk}/")
    assert "云南省委督查室督〔2026〕1号".encode() in page.content
    assert office.get("/slips/999999/").status_code == 404
    assert office.get(f"/slips/{slip.pk}/shame/").status_code == 404


def test_the_page_links_the_earlier_slip(world: World, now: dt.datetime) -> None:
    first = issued(world)
    c = world.accepted()
    world.do("propose_slip", "office", c, rung="supervise", words="请说明。")
    second = Slip.objects.get(state="proposed")
    office = signed_in(world, "office")
    assert f'href="/slips/{first.pk}/"' in office.get(f"/slips/{second.pk}/approve/").content.decode()
    sent = office.post(f"/slips/{second.pk}/approve/", {"version": 1, "opinion": "同意", "answer_days": 5})
    assert sent.status_code == 409
    text = sent.content.decode()
    assert "already_supervised" in text
    assert text.count(f'href="/slips/{first.pk}/"') >= 2


def test_lists_do_not_ask_more_with_more_rows(world: World, now: dt.datetime) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office, counts = signed_in(world, "office"), []
    for _round in range(2):
        for _number in range(4):
            c = world.accepted()
            world.do("propose_slip", "office", c, rung="supervise", words="请说明。")
        for address in ("/slips/", "/"):
            office.get(address)
            with CaptureQueriesContext(
                connection,
            ) as found:
                office.get(address)
            counts.append(len(found))
    assert counts[:2] == counts[2:]


def test_the_api_does_what_the_page_does(world: World, now: dt.datetime) -> None:
    overdue(world)

    def api(name: str) -> Client:
        _row, secret = create_token(user=world.users[name], name="t", actor=SYSTEM, at=AT)
        return Client(headers={"authorization": f"Bearer {secret}"})

    office, unit = api("office"), api("a_head")
    [found] = office.get("/api/v1/slips?waiting=true").json()["items"]
    assert (found["state"], found["by_clock"]) == ("proposed", True)
    one = office.get(f"/api/v1/slips/{found['id']}")
    assert one.json()["may"] == ["approve", "drop"]
    send: dict[str, Any] = {"content_type": "application/json", "headers": {"if-match": one["ETag"]}}
    missing = office.post(f"/api/v1/slips/{found['id']}/approve", {"opinion": "同意"}, content_type="application/json")
    assert missing.status_code == 428
    sent = office.post(f"/api/v1/slips/{found['id']}/approve", {"opinion": "同意", "answer_days": 3}, **send)
    assert (sent.status_code, sent.json()["state"]) == (200, "issued"), sent.content
    send["headers"] = {"if-match": sent["ETag"]}
    sent = unit.post(f"/api/v1/slips/{found['id']}/answer", {"answer": "已复工"}, **send)
    assert sent.json()["state"] == "answered", sent.content
    body = {"title": "计划", "document": "批准", "scope": "十件事", "from_on": "2026-01-01", "until_on": "2026-12-31"}
    made = office.post("/api/v1/supervision-plans", body, content_type="application/json")
    assert made.status_code == 200, made.content
    assert unit.get("/api/v1/supervision-plans").json()["items"][0]["title"] == "计划"


def test_the_command_does_what_the_page_does(world: World, now: dt.datetime) -> None:
    overdue(world)
    out = io.StringIO()
    call_command("slip", "list", "--as", "office", stdout=out)
    pk, version, *_rest = out.getvalue().split("\t")
    with pytest.raises(CommandError, match="version_missing"):
        call_command("slip", "approve", pk, "--as", "office")
    data = json.dumps({"opinion": "同意"}, ensure_ascii=False)
    call_command("slip", "approve", pk, "--as", "office", "--version", version, "--data", data, stdout=out)
    assert Slip.objects.get().state == "issued"
    with pytest.raises(CommandError, match="bad_input"):
        call_command("slip", "answer", pk, "--as", "a_head", "--version", "2", "--data", "{}")
