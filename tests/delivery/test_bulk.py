"""Bulk acts: planned by the rules of the single act, confirmed, done as one act with one entry, refused by name."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from tests.delivery.world import World

from luoshi.delivery import queries
from luoshi.delivery.models import Bulk, Commitment
from luoshi.delivery.services import bulk as services
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.models import Job, JobState, Message
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused
from luoshi.units import services as unit_services
from luoshi.units.models import Post


def plan(world: World, name: str, act: Act, refs: list[str] | None = None, **args: Any) -> Bulk:
    """The plan, made by its job."""
    found = services.plan_bulk(actor=world.who(name), act=act, args=args, refs=refs or [], at=world.at)
    assert found.plan_job is not None
    run(found.plan_job)
    found.refresh_from_db()
    return found


def run(job: Job) -> Job:
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    return job


def confirm(world: World, name: str, found: Bulk) -> Bulk:
    """The plan is confirmed and done by its job."""
    found = services.confirm_bulk(actor=world.who(name), bulk_id=found.pk, digest=found.digest, at=world.at)
    assert found.do_job is not None
    run(found.do_job)
    found.refresh_from_db()
    return found


def refusals(found: Bulk) -> dict[str, str]:
    return {row.ref or str(row.unit): row.code for row in queries.every_refusal(found)}


@pytest.fixture(autouse=True)
def now(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: world.at)


# --- Close by list ----------------------------------------------------------------------------------------------------


@pytest.mark.principle(3)
def test_close_by_list_is_one_act_with_one_entry(world: World) -> None:
    good = [world.verified() for _n in range(3)]
    applied = world.applied()
    refs = [*(c.ref for c in good), applied.ref, "YN-2026-99-9999", good[0].ref]
    count = Entry.objects.count()
    found = plan(world, "office", Act.CLOSE, refs, opinion="同意销号")
    assert (found.state, found.total, found.eligible, found.refused) == ("planned", 5, 3, 2)
    assert refusals(found) == {applied.ref: "wrong_state", "YN-2026-99-9999": "not_found"}
    assert Entry.objects.count() == count, "a plan changes nothing"
    assert {c.state for c in Commitment.objects.filter(ref__in=refs)} == {"verified", "applied"}

    done = confirm(world, "office", found)
    assert (done.state, done.eligible, done.refused) == ("done", 3, 2)
    assert Entry.objects.count() == count + 1
    entry = Entry.objects.get(pk=done.entry_id)
    content = json.loads(entry.payload.text)
    assert content["type"] == "delivery.CommitmentsClosed"
    assert content["subjects"] == [c.ref for c in good]
    assert content["data"]["material_digests"] == [
        [c.ref, c.verifications.get(final=True).material_digest] for c in good
    ]
    for c in good:
        before = c.version
        c.refresh_from_db()
        assert (c.state, c.version, c.closed_at, c.light) == ("closed", before + 1, world.at, "blue")
    tell = Job.objects.get(kind=queries.TELL_BULK)
    run(tell)
    told = Message.objects.filter(kind="delivery.close")
    assert {m.link for m in told} == {f"/c/{c.ref}/" for c in good}
    many = told.count()
    assert many
    Job.objects.filter(pk=tell.pk).update(state=JobState.QUEUED)
    run(tell)
    assert told.count() == many, "told again, nobody gets a message twice"
    world.audit()


@pytest.mark.principle(3)
def test_three_hands_hold_for_each_of_a_list(world: World) -> None:
    mine = world.verified()
    other = world.reported()
    other = world.do("apply_for_closure", "a_head", other, statement="全部完工")
    other = world.do("verify_commitment", "verifier", other, method="desk", passed=True, percent=100, words="看过")
    # the approver was the verifier's deputy when it was verified: kin of one hand is refused by name
    unit_services.appoint_deputy(
        actor=world.who("admin"),
        at=world.at,
        principal_ref="P-verifier",
        deputy_ref="P-office2",
        from_on=world.at.date(),
        until_on=None,
        reason="出差",
    )
    world.actors.clear()
    found = plan(world, "office2", Act.CLOSE, [mine.ref, other.ref], opinion="同意")
    assert refusals(found) == {mine.ref: "kin_hand", other.ref: "kin_hand"}
    with pytest.raises(Refused) as refused:
        services.confirm_bulk(actor=world.who("office2"), bulk_id=found.pk, digest=found.digest, at=world.at)
    assert refused.value.code == "bulk_nothing_left"


def test_what_changes_between_plan_and_act_is_left_out_by_name(world: World) -> None:
    stays, moves, lapses = world.verified(), world.verified(), world.verified()
    found = plan(world, "office", Act.CLOSE, [stays.ref, moves.ref, lapses.ref], opinion="同意")
    world.do("instruct_commitment", "office", moves, words="再看一看")
    Commitment.objects.filter(pk=lapses.pk).update(title="改了的题目")  # the material changed, whoever did it
    done = confirm(world, "office", found)
    assert (done.state, done.eligible, done.refused) == ("done", 1, 2)
    assert refusals(done) == {moves.ref: "changed_since_plan", lapses.ref: "verification_lapsed"}
    assert done.subjects.filter(late=True).count() == 2
    assert Commitment.objects.get(pk=moves.pk).state == "verified"


def test_a_confirmation_is_of_exactly_the_plan(world: World) -> None:
    c = world.verified()
    found = plan(world, "office", Act.CLOSE, [c.ref], opinion="同意")

    def refused(name: str, digest: str, at: dt.datetime = world.at) -> str:
        with pytest.raises(Refused) as no:
            services.confirm_bulk(actor=world.who(name), bulk_id=found.pk, digest=digest, at=at)
        return no.value.code

    assert refused("office", "0" * 64) == "plan_changed"
    assert refused("office2", found.digest) == "not_your_plan"
    assert refused("b_head", found.digest) == "not_found"
    assert refused("office", found.digest, world.at + dt.timedelta(days=8)) == "plan_lapsed"
    confirm(world, "office", found)
    assert refused("office", found.digest) == "bulk_not_waiting"
    assert Entry.objects.filter(type="delivery.CommitmentsClosed").count() == 1


def test_bad_lists_are_refused_at_the_door(world: World) -> None:
    def refused(act: Act, refs: list[str], **args: Any) -> str:
        with pytest.raises(Refused) as no:
            services.plan_bulk(actor=world.who("office"), act=act, args=args, refs=refs, at=world.at)
        return no.value.code

    assert refused(Act.CLOSE, [], opinion="同意") == "bulk_empty"
    assert refused(Act.CLOSE, ["A"], opinion=" ") == "opinion_missing"
    assert refused(Act.RE_DATE, ["A"], reason="", new_due_on="2026-09-01") == "reason_missing"
    assert refused(Act.CLOSE, [f"X{n}" for n in range(20_001)], opinion="同意") == "bulk_too_long"
    assert refused(Act.RE_DATE, [], parts_of="NONE", reason="会议", by_days=3) == "not_found"
    assert refused(Act.CLOSE, ["A"], opinion="身份证 11010519491231002X") == "identity_number"
    assert not Bulk.objects.exists()


# --- Stopping and coming back -----------------------------------------------------------------------------------------


def test_a_cancelled_plan_leaves_nothing(world: World) -> None:
    c = world.verified()
    found = plan(world, "office", Act.CLOSE, [c.ref], opinion="同意")
    services.cancel_bulk(actor=world.who("office"), bulk_id=found.pk, at=world.at)
    found.refresh_from_db()
    assert (found.state, found.subjects.count()) == ("cancelled", 0)
    with pytest.raises(Refused) as refused:
        services.cancel_bulk(actor=world.who("office"), bulk_id=found.pk, at=world.at)
    assert refused.value.code == "job_finished"
    assert Commitment.objects.get(pk=c.pk).state == "verified"


def test_stopped_before_its_job_began_nothing_is_done(world: World) -> None:
    c = world.verified()
    found = plan(world, "office", Act.CLOSE, [c.ref], opinion="同意")
    found = services.confirm_bulk(actor=world.who("office"), bulk_id=found.pk, digest=found.digest, at=world.at)
    services.cancel_bulk(actor=world.who("office"), bulk_id=found.pk, at=world.at)
    assert found.do_job is not None
    assert run(found.do_job).state == JobState.CANCELLED
    found.refresh_from_db()
    assert found.state == "cancelled"
    assert Commitment.objects.get(pk=c.pk).state == "verified"


def test_stopped_by_the_page_of_jobs_it_ends_with_its_job(world: World) -> None:
    from luoshi.office import services as office

    c = world.verified()
    waiting = services.plan_bulk(
        actor=world.who("office"), act=Act.CLOSE, args={"opinion": "同意"}, refs=[c.ref], at=world.at
    )
    office.cancel_job(waiting.plan_job_id or 0, actor=world.who("office"), at=world.at)
    old = plan(world, "office", Act.CLOSE, [c.ref], opinion="同意")
    assert services.clear_plans(world.at) == 1
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert services.clear_plans(world.at + dt.timedelta(days=8)) == 1
    old.refresh_from_db()
    assert old.state == "cancelled"


def test_a_plan_that_was_broken_off_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from luoshi.delivery.services.bulk import planning

    monkeypatch.setattr(planning, "BATCH", 2)
    good = [world.verified() for _n in range(5)]
    found = services.plan_bulk(
        actor=world.who("office"), act=Act.CLOSE, args={"opinion": "同意"}, refs=[c.ref for c in good], at=world.at
    )
    services.name_subjects(found, actor=world.who("office"), at=world.at)
    services.look_at_some(found, actor=world.who("office"), at=world.at)
    assert found.subjects.exclude(outcome="").count() == 2
    assert found.plan_job is not None
    run(found.plan_job)  # the worker that comes after a crash
    found.refresh_from_db()
    assert (found.state, found.eligible, found.subjects.count()) == ("planned", 5, 5)


def test_done_before_is_not_done_again(world: World) -> None:
    c = world.verified()
    done = confirm(world, "office", plan(world, "office", Act.CLOSE, [c.ref], opinion="同意"))
    count = Entry.objects.count()
    assert done.do_job is not None
    Job.objects.filter(pk=done.do_job.pk).update(state=JobState.QUEUED)
    assert run(done.do_job).state == JobState.DONE
    assert Entry.objects.count() == count
    assert done.do_job.result["entry"] == done.entry_id


def test_whoever_lost_the_post_meanwhile_does_nothing(world: World) -> None:
    c = world.verified()
    found = plan(world, "office", Act.CLOSE, [c.ref], opinion="同意")
    found = services.confirm_bulk(actor=world.who("office"), bulk_id=found.pk, digest=found.digest, at=world.at)
    unit_services.unseat_holder(
        actor=world.who("admin"), at=world.at, post_ref="P-office", on=world.at.date(), reason="调离"
    )
    assert found.do_job is not None
    assert run(found.do_job).state == JobState.FAILED
    found.refresh_from_db()
    assert (found.state, found.refusal["code"]) == ("failed", "no_post")
    assert Commitment.objects.get(pk=c.pk).state == "verified"


# --- Dates ------------------------------------------------------------------------------------------------------------


def family(world: World) -> tuple[Commitment, list[Commitment]]:
    whole = world.do("break_down_commitment", "a_head", world.accepted())
    return whole, list(whole.children.order_by("pk"))


def test_a_decision_moves_a_whole_with_its_parts(world: World) -> None:
    whole, parts = family(world)
    first = whole.due_on
    assert first is not None
    later = first + dt.timedelta(days=30)
    found = plan(
        world, "office", Act.RE_DATE, parts_of=whole.ref, new_due_on=later.isoformat(), reason="省委常委会第8次会议决定"
    )
    assert (found.total, found.eligible) == (3, 3)
    done = confirm(world, "office", found)
    for c in [whole, *parts]:
        c.refresh_from_db()
        assert (c.due_on, c.first_due_on, c.extensions_granted) == (later, first, 1)
    data = json.loads(Entry.objects.get(pk=done.entry_id).payload.text)["data"]
    assert data["dates"][0] == [whole.ref, first.isoformat(), later.isoformat()]
    world.audit()


def test_dates_move_by_days_and_never_in_the_past(world: World) -> None:
    whole, parts = family(world)
    due = whole.due_on
    assert due is not None
    found = plan(world, "office", Act.RE_DATE, parts_of=whole.ref, by_days=-10, reason="提前")
    assert found.eligible == 3
    confirm(world, "office", found)
    whole.refresh_from_db()
    assert (whole.due_on, whole.extensions_granted) == (due - dt.timedelta(days=10), 0)
    found = plan(world, "office", Act.RE_DATE, [parts[0].ref], by_days=-400, reason="提前")
    assert refusals(found) == {parts[0].ref: "date_in_past"}


def test_a_part_is_never_due_after_its_whole(world: World) -> None:
    whole, parts = family(world)
    due = whole.due_on
    assert due is not None
    found = plan(world, "office", Act.RE_DATE, [parts[0].ref], by_days=5, reason="会议决定")
    assert refusals(found) == {parts[0].ref: "part_after_whole"}
    earlier = (due - dt.timedelta(days=5)).isoformat()
    found = plan(world, "office", Act.RE_DATE, [whole.ref, parts[0].ref], new_due_on=earlier, reason="会议决定")
    assert refusals(found) == {whole.ref: "part_due_later"}, "the other part would be due after it"
    asked = world.do("accept_commitment", "th_handler", parts[1])
    world.do("ask_extension", "th_head", asked, reason="雨季", new_due_on=due + dt.timedelta(days=1))
    found = plan(world, "office", Act.RE_DATE, parts_of=whole.ref, by_days=5, reason="会议决定")
    assert refusals(found) == {parts[1].ref: "extension_pending"}


def test_dates_are_moved_from_above_only(world: World) -> None:
    whole, parts = family(world)
    found = plan(world, "a_handler", Act.RE_DATE, [whole.ref, parts[0].ref], by_days=5, reason="会议")
    assert refusals(found) == {whole.ref: "not_your_act", parts[0].ref: "not_your_act"}
    found = plan(world, "b_head", Act.RE_DATE, [whole.ref], by_days=5, reason="会议")
    assert refusals(found) == {whole.ref: "not_found"}


# --- Hand over --------------------------------------------------------------------------------------------------------


def test_the_work_of_a_post_goes_to_another(world: World) -> None:
    mine = [world.do("assign_commitment", "a_head", world.accepted(), post="P-a_handler") for _n in range(2)]
    waits = world.do("assign_commitment", "a_head", world.verified(), post="P-a_handler")
    over = world.do("assign_commitment", "a_head", world.verified(), post="P-a_handler")
    world.do("close_commitment", "office", over, opinion="同意")
    found = plan(world, "a_head", Act.ASSIGN, post="P-a_handler", to="P-a_office")
    assert refusals(found) == dict.fromkeys([*(c.ref for c in mine), waits.ref], "post_outside")
    found = plan(world, "a_head", Act.ASSIGN, post="P-a_handler", to="P-ht_handler")
    assert (found.total, found.eligible) == (3, 3)
    done = confirm(world, "a_head", found)
    post = Post.objects.get(ref="P-ht_handler")
    assert {c.lead_post_id for c in Commitment.objects.filter(ref__in=[*(m.ref for m in mine), waits.ref])} == {post.pk}
    assert Commitment.objects.get(pk=over.pk).lead_post_id != post.pk
    run(Job.objects.get(kind=queries.TELL_BULK))
    assert Message.objects.get(kind="delivery.hand-over").post_id == post.pk
    assert done.state == "done"
    world.audit()


# --- Break down -------------------------------------------------------------------------------------------------------


def test_a_cascade_goes_to_all_levels_after_approval(world: World) -> None:
    c = world.accepted()
    found = plan(world, "a_head", Act.BREAK_DOWN, ref=c.ref, levels=3)
    assert (found.state, found.refusal["code"]) == ("failed", "needs_approval")
    c = world.do("approve_breakdown", "office", c, levels=3, opinion="同意一竿子到底")
    found = plan(world, "a_head", Act.BREAK_DOWN, ref=c.ref, levels=3)
    assert (found.state, found.total, found.eligible) == ("planned", 4, 4)
    assert found.price == {"units": 4, "answers": 8, "fields": 16}
    count = Entry.objects.count()
    done = confirm(world, "a_head", found)
    assert (done.state, done.eligible, Entry.objects.count()) == ("done", 4, count + 1)
    assert Commitment.objects.filter(lead=world.units["530423100201"]).count() == 1
    world.audit()


def test_units_that_have_a_part_are_refused_by_name(world: World) -> None:
    c = world.do("break_down_commitment", "a_head", world.accepted(), units=[world.units["530402"].pk])
    found = plan(world, "a_head", Act.BREAK_DOWN, ref=c.ref)
    assert (found.total, found.eligible) == (2, 1)
    assert set(refusals(found).values()) == {"already_has_part"}
    done = confirm(world, "a_head", found)
    assert done.state == "done"
    assert c.children.count() == 2


def test_a_cascade_whose_units_changed_is_not_done(world: World) -> None:
    c = world.accepted()
    found = plan(world, "a_head", Act.BREAK_DOWN, ref=c.ref)
    world.do("instruct_commitment", "office", c, words="抓紧")
    done = confirm(world, "a_head", found)
    assert (done.state, done.refusal["code"]) == ("failed", "stale_version")
    assert not c.children.exists()
