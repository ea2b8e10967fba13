"""The pool, a day handed out by lot, second visits, approvals, and every way round who may go."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.assurance.pool_world import SEED, PoolWorld, build, record
from tests.delivery.world import everything

from luoshi.assurance import events, queries
from luoshi.assurance.models import Place, SealedLot, Verifier, Visit, VisitApproval
from luoshi.assurance.queries import blind
from luoshi.assurance.queries import handing as handing_reads
from luoshi.assurance.queries import pool as pool_reads
from luoshi.assurance.services import approving, giving, handing, handing_back, pool
from luoshi.assurance.services.directing import direct_visit
from luoshi.ledger.models import Entry
from luoshi.office.models import Message
from luoshi.rules.eligibility import Bar, a_year_before, bar, looked_at_twice
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused
from luoshi.units import services as units

pytestmark = pytest.mark.django_db


@pytest.fixture
def p() -> PoolWorld:
    return build()


def refuses(code: str, call, **values) -> Refused:  # type: ignore[no-untyped-def]
    before = (everything(), Visit.objects.count(), Verifier.objects.count(), Entry.objects.count())
    with pytest.raises(Refused) as refused:
        call(**values)
    assert refused.value.code == code, str(refused.value)
    assert (everything(), Visit.objects.count(), Verifier.objects.count(), Entry.objects.count()) == before
    return refused.value


# --- The pool ---------------------------------------------------------------------------------------------------------


def test_posts_join_and_leave_and_may_come_back(p: PoolWorld) -> None:
    day = p.w.at.date()
    who = {"actor": p.w.who("office"), "programme": "ten", "at": p.w.at}
    assert pool_reads.members(p.w.programme, day).count() == 6
    row, entry = pool.leave_pool(post="P-v_stats", reason="调离", **who)
    assert row.until_on == day
    assert entry.type == "assurance.PoolLeft"
    assert pool_reads.members(p.w.programme, day).count() == 5
    refuses("not_in_pool", pool.leave_pool, post="P-v_stats", reason="再来", **who)
    pool.join_pool(posts=["P-v_stats"], **who)
    assert Verifier.objects.filter(post__ref="P-v_stats").count() == 2


def test_only_the_owner_of_the_programme_fills_the_pool_and_only_with_verifiers(p: PoolWorld) -> None:
    office = {"programme": "ten", "at": p.w.at}
    for name in ("a_office", "auditor", "v_audit1"):
        refuses("not_programme_owner", pool.join_pool, actor=p.w.who(name), posts=["P-verifier"], **office)
    refuses("not_a_verifier", pool.join_pool, actor=p.w.who("office"), posts=["P-a_handler"], **office)
    refuses("already_in_pool", pool.join_pool, actor=p.w.who("office"), posts=["P-v_a"], **office)
    refuses("nobody_named", pool.join_pool, actor=p.w.who("office"), posts=[" "], **office)
    refuses("reason_missing", pool.leave_pool, actor=p.w.who("office"), post="P-v_a", reason=" ", **office)
    refuses("not_programme_owner", pool.leave_pool, actor=p.w.who("v_b"), post="P-v_a", reason="x", **office)
    pool.leave_pool(actor=p.w.who("v_a"), post="P-v_a", reason="本人申请退出", **office)


# --- A day ------------------------------------------------------------------------------------------------------------


def test_a_day_is_handed_out_in_the_order_of_the_draw_and_by_a_lot_anybody_can_draw_again(p: PoolWorld) -> None:
    done = p.hand_out(count=4)
    assert [visit.place.position for visit in done.visits if visit.place] == [1, 2, 3, 4]
    assert done.minutes == 4 * 60
    assert p.fresh().version == 2
    candidates = {one.post_id: one for one in pool_reads.candidates(p.w.programme, p.w.at.date())}
    load: dict[int, int] = {}
    for visit in done.visits:
        [target] = pool_reads.targets(
            [visit.commitment], [visit.unit], ordered_by=p.w.units["530000"].path, codes=[visit.unit.code],
            day=visit.day,
        )  # fmt: skip
        may = [one for one in candidates.values() if bar(one, target, [], visit.day) is None]
        fewest = min(load.get(one.post_id, 0) for one in may)
        tickets = {
            hashlib.sha256(f"{SEED},2026-03-02,{visit.unit.code},{one.post_ref}".encode()).hexdigest(): one.post_id
            for one in may
            if load.get(one.post_id, 0) == fewest
        }
        assert visit.verifier_post_id == tickets[min(tickets)]
        load[visit.verifier_post_id] = load.get(visit.verifier_post_id, 0) + 1
    p.hand_out(days=1, count=2)
    assert list(Visit.objects.filter(kind="drawn").order_by("pk").values_list("place__position", flat=True)) == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip


def test_make_visits_refuses_a_directed_one_and_leaves_a_look_back_when_nobody_may_go(p: PoolWorld) -> None:
    day = p.w.at.date()
    place = Place.objects.select_related("commitment", "unit").order_by("pk")[0]
    for row in pool_reads.members(p.w.programme, day).exclude(post__ref="P-v_a").select_related("post"):
        pool.leave_pool(actor=p.w.who("office"), programme="ten", post=row.post.ref, reason="调离", at=p.w.at)

    def make(kind: str, on: dt.date) -> giving.Made:
        wanted = [giving.Wanted(kind, place.commitment, place.unit, place.code)]
        area = p.w.units["530000"]
        with transaction.atomic():
            return giving.make_visits(
                wanted, actor=SYSTEM, programme=p.w.programme, ordered_by=area, seed=SEED, day=on, at=p.w.at
            )

    tomorrow = day + dt.timedelta(days=1)
    assert len(make("look_back", tomorrow).left) == 1  # the pool's only one stands in the line of the unit
    refuses("nobody_eligible", make, kind="directed", on=tomorrow)
    pool.leave_pool(actor=p.w.who("office"), programme="ten", post="P-v_a", reason="调离", at=p.w.at)
    refuses("pool_empty", make, kind="look_back", on=tomorrow)
    assert not Visit.objects.exists()


def test_nobody_of_the_line_is_sent(p: PoolWorld) -> None:
    """Villages of 通海县 under 玉溪: neither the county's audit office nor the prefecture's goes there."""
    p.hand_out(count=12)
    for visit in Visit.objects.select_related("verifier_post__unit__area", "unit"):
        near = visit.verifier_post.unit.area
        assert near.level == "province" or not visit.unit.path.startswith(near.path)


def test_messages_tell_the_day_and_never_the_places(p: PoolWorld) -> None:
    done = p.hand_out(count=4)
    told = Message.objects.filter(kind="assurance.visits")
    assert {one.post_id for one in told} == {visit.verifier_post_id for visit in done.visits}
    for one in told:
        text = f"{one.subject} {one.body} {one.params}"
        assert not any(village.name in text or village.code in text for village in p.villages)


def test_the_units_timeline_does_not_know_of_a_visit_to_come(p: PoolWorld) -> None:
    from luoshi.ledger.queries import entries_for

    before = {one.ref: len(entries_for(one.ref)) for one in p.commitments}
    p.hand_out(days=3, count=6)
    assert {one.ref: len(entries_for(one.ref)) for one in p.commitments} == before


def test_refused_days(p: PoolWorld) -> None:
    refuses("not_found", p.hand_out, by="a_office")
    refuses("not_handing_out", p.hand_out, by="v_audit1")
    refuses("day_in_past", p.hand_out, days=-1)
    refuses("too_many_a_day", p.hand_out, count=301)
    p.hand_out(days=2)
    refuses("day_before_last", p.hand_out, days=1)
    p.hand_out(days=2, count=100)
    refuses("nothing_to_hand_out", p.hand_out, days=2, count=100)
    campaign = p.fresh()
    campaign.stage = "stopped"
    campaign.save()
    refuses("not_drawn", p.hand_out, days=3)
    with pytest.raises(Refused) as refused:
        handing.hand_out_day(
            actor=p.w.who("office"), campaign=p.campaign.ref, version=1, day=p.w.at.date(), count=1, at=p.w.at
        )
    assert refused.value.code == "stale_version"


def test_a_pool_of_nobody_or_of_the_wrong_ones_says_why() -> None:
    p = build(members=())
    refuses("pool_empty", p.hand_out)
    pool.join_pool(actor=p.w.who("office"), programme="ten", posts=["P-v_a"], at=p.w.at)
    refused = refuses("nobody_eligible", p.hand_out, count=12)
    assert "its line of command" in str(refused)


def test_a_refusal_says_from_when_somebody_may_go_again_and_nothing_of_visits_to_come() -> None:
    p = build(members=("v_stats",))
    task = p.w.accepted(lead="530402", by="ht_handler", due_days=400)

    def direct(days: int) -> tuple[Visit, Entry]:
        at = p.w.at + dt.timedelta(days=min(days, 300))
        day = p.w.at.date() + dt.timedelta(days=days)
        return direct_visit(actor=p.w.who("office"), ref=task.ref, reason="群众来信", day=day, at=at)

    visit, _entry = direct(0)
    Visit.objects.filter(pk=visit.pk).update(state="done", holds=True, recorded_at=p.w.at)
    for days in (40, 364):
        refused = refuses("nobody_eligible_yet", direct, days=days)
        assert "handed back a visit to it, in the last twelve months" in str(refused)
        assert visit.day.replace(year=visit.day.year + 1).isoformat() in str(refused)
    direct(365)
    Visit.objects.exclude(pk=visit.pk).delete()
    to_come = visit.day + dt.timedelta(days=400)
    Visit.objects.filter(pk=visit.pk).update(
        kind="look_back", state="assigned", holds=None, recorded_at=None, day=to_come
    )
    Visit.objects.exclude(pk=visit.pk).delete()
    refused = refuses("nobody_eligible", direct, days=366)
    assert str(to_come.year + 1) not in str(refused), "a day to come is not told"


def test_the_number_of_statements_does_not_grow_with_the_day(p: PoolWorld) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        p.hand_out(count=2)
    with CaptureQueriesContext(connection) as many:
        p.hand_out(days=1, count=9)
    assert len(many) <= len(few)


# --- Ways round -------------------------------------------------------------------------------------------------------


def bars(p: PoolWorld, day: dt.date | None = None) -> dict[str, Bar | None]:
    """Post → why it may not visit the first village of 洱源县（大理）."""
    day = day or p.w.at.date()
    village, commitment = p.villages[-1], p.commitments[-1]
    assert village.path.startswith(p.w.units["532900"].path)
    [target] = pool_reads.targets(
        [commitment], [village], ordered_by=p.w.units["530000"].path, codes=[village.code], day=day
    )
    past = pool_reads.past_visits(day)
    return {one.post_ref: bar(one, target, past, day) for one in pool_reads.candidates(p.w.programme, day)}


def test_as_it_stands(p: PoolWorld) -> None:
    assert bars(p) == {
        "P-v_audit1": None,
        "P-v_audit2": None,
        "P-v_stats": None,
        "P-v_a": None,
        "P-v_b": Bar.LINE,
        "P-v_county": None,
    }


def test_a_deputy_of_the_units_line(p: PoolWorld) -> None:
    units.appoint_deputy(
        actor=SYSTEM, at=p.w.at, principal_ref="P-b_head", deputy_ref="P-v_stats", from_on=p.w.at.date(),
        until_on=p.w.at.date() + dt.timedelta(days=20), reason="出差",
    )  # fmt: skip
    assert bars(p)["P-v_stats"] is Bar.DEPUTY
    assert bars(p, p.w.at.date() + dt.timedelta(days=200))["P-v_stats"] is Bar.DEPUTY  # within the year still
    assert bars(p, p.w.at.date() + dt.timedelta(days=400))["P-v_stats"] is None


def test_whoever_held_a_post_of_the_line_this_year_and_whoever_holds_a_second_one(p: PoolWorld) -> None:
    ref = "P-once"
    units.create_post(actor=SYSTEM, at=p.w.at, unit_id=p.w.units["532930"].pk, title="副县长", role="handler", ref=ref)
    units.seat_holder(
        actor=SYSTEM, at=p.w.at, post_ref=ref, user_id=p.w.users["v_stats"].pk, from_on=dt.date(2025, 1, 1),
        until_on=dt.date(2026, 1, 15),
    )  # fmt: skip
    assert bars(p)["P-v_stats"] is Bar.MOVED
    assert bars(p, dt.date(2027, 1, 15))["P-v_stats"] is None
    units.create_post(
        actor=SYSTEM, at=p.w.at, unit_id=p.w.units["532930"].pk, title="驻村", role="handler", ref="P-two"
    )
    units.seat_holder(
        actor=SYSTEM, at=p.w.at, post_ref="P-two", user_id=p.w.users["v_audit1"].pk, from_on=dt.date(2026, 2, 1)
    )
    assert bars(p)["P-v_audit1"] is Bar.LINE


def test_a_unit_that_was_moved_keeps_the_line_it_had(p: PoolWorld) -> None:
    """洱源's township went from 玉溪 to 大理 a month ago: 玉溪's audit office does not look at it yet."""
    town = p.w.units["532930100"] = type(p.villages[0]).objects.get(code="532930100")
    units.move_unit(
        actor=SYSTEM, at=p.w.at, unit_id=town.pk, parent_id=p.w.units["530423"].pk, on=p.w.at.date(), reason="区划调整",
        version=town.version,
    )  # fmt: skip
    village = type(town).objects.select_related("area").get(pk=p.villages[-1].pk)
    day = p.w.at.date() + dt.timedelta(days=30)
    [target] = pool_reads.targets(
        [p.commitments[-1]], [village], ordered_by=p.w.units["530000"].path, codes=[village.code], day=day
    )
    found = {one.post_ref: bar(one, target, [], day) for one in pool_reads.candidates(p.w.programme, day)}
    assert found["P-v_b"] is Bar.LINE  # where it stood
    assert found["P-v_a"] is Bar.LINE  # where it stands
    assert found["P-v_county"] is Bar.LINE


def test_pairs_and_returned_visits_of_the_year(p: PoolWorld) -> None:
    done = p.hand_out(count=12)
    one = next(visit for visit in done.visits if visit.unit_id == p.villages[-1].pk)
    found = bars(p, p.w.at.date() + dt.timedelta(days=200))
    went = one.verifier_post.ref
    assert found[went] is Bar.PAIR
    if went.startswith("P-v_audit"):
        assert found["P-v_audit1"] is found["P-v_audit2"] is Bar.PAIR
    assert bars(p, p.w.at.date() + dt.timedelta(days=366))[went] is None
    theirs = Visit.objects.filter(verifier_post__ref="P-v_b", unit__path__startswith=p.w.units["530400"].path)
    if theirs.exists():  # 大理 looked at 玉溪: 玉溪 does not look at 大理 for a year
        assert found["P-v_a"] is Bar.RECIPROCAL or found["P-v_a"] is Bar.PAIR


def test_whoever_reported_or_applied_took_part(p: PoolWorld) -> None:
    from luoshi.delivery.models import Application

    Application.objects.create(
        commitment=p.commitments[-1], statement="x", material_digest="0" * 64, at=p.w.at,
        by_user=p.w.users["v_stats"].pk, by_post_id=p.w.who("v_stats").effective.post_id,
    )  # fmt: skip
    assert bars(p)["P-v_stats"] is Bar.TOOK_PART


# --- Second visits ----------------------------------------------------------------------------------------------------


def approve(p: PoolWorld, seconds: bool = True, **more):  # type: ignore[no-untyped-def]
    values = {
        "actor": p.w.who("head"), "campaign": p.campaign.ref, "version": p.fresh().version, "count": 12,
        "day": p.w.at.date() + dt.timedelta(days=1), "reason": "按方案抽一成盲复核", "at": p.w.at, **more,
    }  # fmt: skip
    return approving.approve_visits(seconds=seconds, **values)


def test_second_visits_wait_for_the_heads_approval_and_go_to_somebody_of_another_unit(p: PoolWorld) -> None:
    p.hand_out(count=12)
    secret = SealedLot.objects.get().secret
    due = {place.pk for place in Place.objects.all() if looked_at_twice(SEED, secret, place.code, 5000)}
    if not due:
        SealedLot.objects.update(secret="another")
        secret = "another"
        due = {place.pk for place in Place.objects.all() if looked_at_twice(SEED, secret, place.code, 5000)}
    refuses("nothing_to_hand_out", p.hand_out, days=1, count=0)
    refuses("approval_by_head", approve, p=p, actor=p.w.who("office"))
    refuses("reason_missing", approve, p=p, reason=" ")
    approve(p)
    done = p.hand_out(days=1, count=0)
    assert {visit.place_id for visit in done.visits} <= due
    assert len(done.visits) + done.waiting == len(due)
    for second in done.visits:
        assert second.first is not None
        assert second.kind == "blind"
        assert second.verifier_post.unit_id != second.first.verifier_post.unit_id
    refuses("nothing_to_approve", approve, p=p)


def test_the_sealed_lot_is_in_the_ledger_by_its_digest_alone(p: PoolWorld) -> None:
    p.hand_out(count=1)
    lot = SealedLot.objects.get()
    texts = " ".join(entry.payload.text for entry in Entry.objects.select_related("payload"))
    assert lot.digest in texts
    assert lot.secret not in texts


def test_the_pools_sensitivity_comes_from_pairs_and_from_three_verifiers_at_least(p: PoolWorld) -> None:
    assert queries.sensitivity(p.campaign).mean_bp == 9500
    p.hand_out(count=12)
    approve(p)
    p.hand_out(days=1, count=0)
    pairs = list(Visit.objects.filter(kind="blind").select_related("first"))
    assert pairs
    for second in pairs:
        record(second, holds=False)
        record(second.first, holds=True)  # type: ignore[arg-type]
    found = queries.sensitivity(p.campaign)
    posts = {post for one in pairs for post in (one.verifier_post_id, one.first.verifier_post_id)}  # type: ignore[union-attr]
    assert found.learnt is (len(posts) >= 3)
    assert (found.mean_bp < 9500) is found.learnt


def test_a_verifier_reads_his_own_figures_and_pairs_only_when_the_campaign_is_over(p: PoolWorld) -> None:
    p.hand_out(count=12)
    approve(p)
    p.hand_out(days=1, count=0)
    second = Visit.objects.filter(kind="blind").select_related("first__verifier_post", "verifier_post").first()
    assert second is not None
    assert second.first is not None
    record(second, holds=False)
    record(second.first, holds=True)
    day = second.day
    user = second.first.verifier_post.ref.removeprefix("P-")
    own = blind.own_figures(p.w.who(user), day)
    assert (own.visits, own.pairs) == (1, 0)
    campaign = p.fresh()
    campaign.stage, campaign.outcome, campaign.concluded_at = "concluded", "undecided", p.w.at
    campaign.save()
    own = blind.own_figures(p.w.who(user), day)
    assert (own.pairs, own.missed, own.alone) == (1, 1, 0)
    other = blind.own_figures(p.w.who(second.verifier_post.ref.removeprefix("P-")), day)
    assert (other.pairs, other.missed, other.alone) == (1, 0, 1)


# --- How often a unit is met ------------------------------------------------------------------------------------------


def test_a_place_met_in_the_period_waits_for_an_approval_and_the_order_does_not_change(p: PoolWorld) -> None:
    first = p.villages[0]
    handing.assign_visit(
        actor=p.w.who("office"), kind="directed", commitment=p.commitments[0], day=p.w.at.date(), reason="数字跳动",
        at=p.w.at,
    )  # fmt: skip
    refused = refuses("visit_needs_approval", p.hand_out, days=5, count=3)
    assert first.name in str(refused)
    day = p.w.at.date() + dt.timedelta(days=5)
    told = approving.to_approve(p.w.who("office"), p.fresh(), day, 3, p.w.at.date())
    assert [(one.unit.pk, one.again.many_headed) for one in told] == [(first.pk, False)]
    approve(p, seconds=False, day=p.w.at.date() + dt.timedelta(days=5), count=3)
    done = p.hand_out(days=5, count=3)
    assert [visit.place.position for visit in done.visits if visit.place] == [1, 2, 3]
    approval = VisitApproval.objects.get()
    assert approval.visit_id == done.visits[0].pk
    assert approval.last_on == p.w.at.date()


def test_two_sides_at_one_unit_are_many_headed(p: PoolWorld) -> None:
    village, commitment = p.villages[0], p.commitments[0]
    handing.assign_visit(
        actor=p.w.who("head"), kind="directed", commitment=commitment, day=p.w.at.date(), reason="来信反映", at=p.w.at
    )
    again = {
        "actor": p.w.who("a_head"),
        "kind": "directed",
        "commitment": commitment,
        "reason": "市里再看",
        "at": p.w.at,
    }
    day = p.w.at.date() + dt.timedelta(days=3)
    refuses("visit_needs_approval", handing.assign_visit, day=day, **again)
    refuses(
        "approval_by_head",
        approving.approve_visit,
        actor=p.w.who("a_office"),
        unit=village,
        day=day,
        reason="x",
        at=p.w.at,
    )
    row, _entry = approving.approve_visit(actor=p.w.who("a_head"), unit=village, day=day, reason="市长批准", at=p.w.at)
    assert row.many_headed
    visit, _entry = handing.assign_visit(day=day, **again)
    assert VisitApproval.objects.get().visit_id == visit.pk
    refuses("visit_needs_approval", handing.assign_visit, day=day + dt.timedelta(days=2), **again)
    refuses(
        "nothing_to_approve", approving.approve_visit, actor=p.w.who("a_head"), unit=p.villages[5], day=day, reason="x",
        at=p.w.at,
    )  # fmt: skip


@pytest.mark.principle(10)
def test_no_refusal_tells_of_a_visit_that_another_side_has_made_for_a_day_to_come(p: PoolWorld) -> None:
    village, commitment, today = p.villages[0], p.commitments[0], p.w.at.date()
    comes = today + dt.timedelta(days=2)
    sent = {"kind": "directed", "commitment": commitment, "reason": "来信反映"}
    handing.assign_visit(actor=p.w.who("head"), day=comes, at=p.w.at, **sent)
    again = {"actor": p.w.who("a_head"), "unit": village, "day": comes, "reason": "x"}
    refuses("nothing_to_approve", approving.approve_visit, at=p.w.at, **again)
    days, known = 30, {name: handing_reads.known_to(p.w.who(name), today) for name in p.w.users}
    seen = {name for name, told in known.items() if handing_reads.met([village.pk], comes, days, told)}
    assert seen == {"head", "office", "office2"}, "nobody but the side that plans it"
    refuses("visit_needs_approval", handing.assign_visit, actor=p.w.who("office"), day=comes, at=p.w.at, **sent)
    assert handing_reads.met([village.pk], comes, days, handing_reads.known_to(SYSTEM, today)), "the clock knows all"
    on_the_day = p.w.at + dt.timedelta(days=2)
    sends = {"actor": p.w.who("a_head"), "day": comes + dt.timedelta(days=1), "at": on_the_day, **sent}
    refuses("visit_needs_approval", handing.assign_visit, **sends)
    row, _entry = approving.approve_visit(at=on_the_day, **again)
    assert (row.last_on, row.many_headed) == (comes, True)


def test_another_side_sends_as_if_nothing_were_planned(p: PoolWorld) -> None:
    """What it is answered the day before is what it would be answered if nobody else had planned anything."""
    day = p.w.at.date() + dt.timedelta(days=2)
    sent = {"kind": "directed", "commitment": p.commitments[0], "reason": "来信反映", "day": day, "at": p.w.at}
    handing.assign_visit(actor=p.w.who("head"), **sent)
    visit, _entry = handing.assign_visit(actor=p.w.who("a_head"), **sent)
    assert visit.day == day
    assert not VisitApproval.objects.exists()


def test_an_approval_that_rests_on_a_visit_to_come_is_shown_to_its_side_only(p: PoolWorld) -> None:
    day = p.w.at.date() + dt.timedelta(days=5)
    handing.assign_visit(
        actor=p.w.who("office"), kind="directed", commitment=p.commitments[0], day=day, reason="数字跳动", at=p.w.at
    )
    approve(p, seconds=False, day=day, count=1)
    shown = {
        name: list(handing_reads.approvals_of(p.fresh(), p.w.who(name), p.w.at.date()))
        for name in ("office", "head", "verifier")
    }
    assert [len(rows) for rows in shown.values()] == [1, 1, 0]
    assert len(handing_reads.approvals_of(p.fresh(), p.w.who("verifier"), day)) == 1


def test_the_plan_says_how_often(p: PoolWorld) -> None:
    from luoshi.delivery import services

    services.record_plan(
        actor=p.w.who("head"), title="督查计划", document="省委办〔2026〕1号", scope="十件事",
        from_on=dt.date(2026, 1, 1), until_on=dt.date(2026, 12, 31), period_days=90, at=p.w.at,
    )  # fmt: skip
    handing.assign_visit(
        actor=p.w.who("head"), kind="directed", commitment=p.commitments[0], day=p.w.at.date(), reason="来信", at=p.w.at
    )
    refuses("visit_needs_approval", p.hand_out, days=89, count=1)
    p.hand_out(days=90, count=1)


# --- Taking back ------------------------------------------------------------------------------------------------------


def test_a_visit_taken_back_comes_first_of_the_order_again(p: PoolWorld) -> None:
    done = p.hand_out(count=3)
    visit = done.visits[1]
    who = {"key": visit.key, "version": 1, "at": p.w.at}
    refuses("reason_missing", handing_back.withdraw_visit, actor=p.w.who("office"), reason="", **who)
    other = next(
        name for name in ("v_a", "v_b", "v_county") if p.w.who(name).effective.post_id != visit.verifier_post_id
    )
    refuses("not_found", handing_back.withdraw_visit, actor=p.w.who(other), reason="x", **who)
    refuses("not_handing_out", handing_back.withdraw_visit, actor=p.w.who("a_office"), reason="x", **who)
    handing_back.withdraw_visit(actor=p.w.who("office"), reason="山洪封路", **who)
    refuses("visit_is_over", handing_back.withdraw_visit, actor=p.w.who("office"), reason="x", **{**who, "version": 2})
    again = p.hand_out(days=1, count=2)
    assert [one.place.position for one in again.visits if one.place] == [2, 4]


def test_a_year_is_a_year() -> None:
    assert a_year_before(dt.date(2026, 3, 2)) == dt.date(2025, 3, 2)


def test_who_may_hand_out(p: PoolWorld) -> None:
    province = p.campaign.under
    giving.require_handing(p.w.who("office"), province, province)
    for stranger in ("a_handler", "a_head", "v_audit1"):
        with pytest.raises(Refused) as refused:
            giving.require_handing(p.w.who(stranger), province, province)
        assert refused.value.code == "not_handing_out"


def test_one_act_that_gave_out_visits_has_one_entry_and_tells_whoever_goes(p: PoolWorld) -> None:
    """What hands out a day, sends one visit and draws look-backs writes its entry here, whoever does it."""
    told: dict[str, Any] = {"actor": SYSTEM, "key": "k", "subjects": ("x",), "at": p.w.at}
    event = events.VisitWithdrawn(visit="-", reason="test")
    before = Message.objects.count()
    with transaction.atomic():
        entry = giving.record_visits(event, giving.Made((), (), ()), p.campaign, **told)
    assert json.loads(entry.payload.text)["data"]["reason"] == "test"
    assert Message.objects.count() == before, "nobody goes, so nobody is told"
