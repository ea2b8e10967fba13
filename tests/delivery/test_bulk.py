"""Bulk acts: planned by the rules of the single act, confirmed, done as one act with one entry, refused by name."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
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
    other = world.do(
        "verify_commitment",
        "verifier",
        other,
        method="desk",
        documents=["验收报告"],
        passed=True,
        percent=100,
        words="看过",
    )
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
    assert refused(Act.RE_DATE, ["A"], reason="会议") == "bulk_one_date"
    assert refused(Act.RE_DATE, ["A"], reason="会议", new_due_on="2026-09-01", by_days=3) == "bulk_one_date"
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
    found = plan(world, "a_head", Act.ASSIGN, post="P-a_handler", to="P-b_head")
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


# --- Pages, API, command line -----------------------------------------------------------------------------------------


def client(world: World, name: str, language: str = "en") -> Client:
    found = Client(headers={"Accept-Language": language})
    found.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return found


def test_an_office_closes_by_list_on_the_page(world: World) -> None:
    good, bad = [world.verified() for _n in range(2)], world.applied()
    page = client(world, "office")
    form = page.get("/bulk/close/")
    assert [value for value, _label in form.context["form"].fields["chosen"].choices] == [c.ref for c in good]
    said = {"chosen": [c.ref for c in good], "refs": f"{bad.ref}, NONE-1", "opinion": "同意销号"}
    answer = page.post("/bulk/close/", said)
    assert answer.status_code == 302
    found = Bulk.objects.get()
    shown = page.get(answer["Location"])
    assert shown.context["runs"]
    assert b"hx-trigger" in shown.content
    run(found.plan_job or Job())
    shown = page.get(answer["Location"])
    assert shown.context["may_confirm"]
    assert "2 of 4 can be done, 2 are refused" in shown.content.decode()
    assert shown.context["reasons"] == [], "a few refusals are read one by one"
    assert client(world, "office2").get(answer["Location"]).context["may_confirm"] is False
    assert client(world, "b_head").get(answer["Location"]).status_code == 404
    found.refresh_from_db()
    page.post(f"/bulk/{found.pk}/confirm/", {"digest": found.digest})
    found.refresh_from_db()
    run(found.do_job or Job())
    shown = page.get(answer["Location"]).content.decode()
    assert "Done for 2 of 4" in shown
    table = b"".join(page.get(f"/bulk/{found.pk}/refused.csv").streaming_content).decode("utf-8-sig")
    assert [line.split(",")[0] for line in table.splitlines()[1:]] == [bad.ref, "NONE-1"]
    chinese = b"".join(client(world, "office", "zh-hans").get(f"/bulk/{found.pk}/refused.csv").streaming_content)
    assert "wrong_state" in chinese.decode()
    again = page.post(f"/bulk/{found.pk}/cancel/", follow=True).content.decode()
    assert "already ended" in again
    assert page.get("/bulk/").context["rows"][0][0].pk == found.pk


def test_the_pages_of_a_bulk_act_do_not_ask_more_with_more_rows(
    world: World, django_assert_max_num_queries: Any
) -> None:
    page = client(world, "office")

    def statements(count: int) -> int:
        found = plan(
            world, "office", Act.CLOSE, [world.verified().ref for _n in range(count)] + ["X-1"], opinion="同意"
        )
        page.get(f"/bulk/{found.pk}/")  # what a process keeps for a while is read now, not while it is counted
        with django_assert_max_num_queries(60) as asked:
            assert page.get(f"/bulk/{found.pk}/").status_code == 200
        return len(asked)

    assert statements(6) <= statements(1)


def test_lists_from_other_pages_fill_the_form(world: World) -> None:
    page = client(world, "office")
    filled = page.post("/bulk/re-date/", {"named": "1", "refs": ["A-1", "A-2"]})
    assert filled.status_code == 200
    assert filled.context["form"].initial["refs"] == "A-1\nA-2"
    assert page.get("/bulk/re-date/?parts_of=A-1").context["form"].initial["parts_of"] == "A-1"
    assert page.get("/bulk/nothing/").status_code == 404
    wrong = page.post("/bulk/re-date/", {"refs": "A-1", "reason": "会议"})
    assert (wrong.status_code, wrong.context["refusal"]["code"]) == (422, "bulk_one_date")
    assert not Bulk.objects.exists()
    offered = client(world, "a_head").get("/bulk/assign/?post=P-a_handler").context["form"]
    assert offered.initial["post"] == "P-a_handler"
    assert "P-ht_handler" in dict(offered.fields["to"].choices)
    assert "P-b_head" not in dict(offered.fields["to"].choices)


def test_many_units_are_broken_down_by_a_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from luoshi.delivery.views import acts

    monkeypatch.setattr(acts, "BULK_FROM", 1)
    c = world.accepted()
    page = client(world, "a_head")
    below = [world.units["530402"].pk, world.units["530423"].pk]
    said = {"version": c.version, "units": below, "levels": 1, "cadence": "on_change", "accept_days": 5}
    answer = page.post(f"/c/{c.ref}/break-down/", said)
    found = Bulk.objects.get()
    assert answer["Location"] == f"/bulk/{found.pk}/"
    assert not c.children.exists()
    run(found.plan_job or Job())
    found.refresh_from_db()
    assert "2 units, 4 answers" in page.get(answer["Location"]).content.decode()
    page.post(f"/bulk/{found.pk}/confirm/", {"digest": found.digest})
    found.refresh_from_db()
    run(found.do_job or Job())
    assert c.children.count() == 2


def test_the_api_plans_confirms_and_lists(world: World) -> None:
    from luoshi.accounts.services import create_token
    from luoshi.rules.permissions import SYSTEM

    good = world.verified()
    _token, plain = create_token(user=world.users["office"], name="t", actor=SYSTEM, at=world.at)
    api = Client(headers={"Authorization": f"Bearer {plain}"})

    def post(path: str, body: dict[str, Any]) -> Any:
        return api.post(f"/api/v1/bulk{path}", body, content_type="application/json")

    made = post("/close", {"refs": [good.ref, "NONE-1"], "opinion": "同意"})
    assert made.status_code == 200, made.content
    pk = made.json()["id"]
    run(Job.objects.get(pk=made.json()["plan_job"]))
    told = api.get(f"/api/v1/bulk/{pk}").json()
    assert (told["state"], told["eligible"], told["refused"]) == ("planned", 1, 1)
    rows = api.get(f"/api/v1/bulk/{pk}/subjects").json()
    assert [(row["ref"], row["code"]) for row in rows["items"]] == [("NONE-1", "not_found")]
    assert post(f"/{pk}/confirm", {"digest": "0" * 64}).json()["code"] == "plan_changed"
    done = post(f"/{pk}/confirm", {"digest": told["digest"]}).json()
    run(Job.objects.get(pk=done["do_job"]))
    assert api.get(f"/api/v1/bulk/{pk}").json()["entry"]
    assert api.get("/api/v1/bulk").json()["items"][0]["id"] == pk
    assert post(f"/{pk}/cancel", {}).json()["code"] == "job_finished"
    assert post("/close", {"refs": ["A"], "opinion": "同意", "all": True}).json()["code"]
    assert post("/re-date", {"refs": ["A"], "reason": "会议"}).json()["code"] == "bulk_one_date"
    assert api.get("/api/v1/bulk/999999").status_code == 404


def test_the_command_line_plans_and_does(world: World, tmp_path: Path) -> None:
    good = world.verified()
    refs = tmp_path / "refs.txt"
    refs.write_text(f"{good.ref}\nNONE-1\n")
    said = ["bulk", "close", "--as", "office", "--refs", str(refs), "--data", '{"opinion": "同意"}']
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command(*said, stdout=out, stderr=err)
    assert refused.value.returncode == 1
    assert "NONE-1" in err.getvalue()
    assert Commitment.objects.get(pk=good.pk).state == "verified", "without --yes it is only planned"
    with pytest.raises(CommandError):
        call_command(*said, "--yes", stdout=out, stderr=err)
    assert Commitment.objects.get(pk=good.pk).state == "closed"
    with pytest.raises(CommandError) as wrong:
        call_command("bulk", "close", "--as", "office", "--data", "[]")
    assert wrong.value.returncode == 2


def test_messages_are_written_in_batches_and_the_own_post_is_not_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from luoshi.delivery.services import notices
    from luoshi.delivery.services.bulk import planning, telling

    monkeypatch.setattr(telling, "BATCH", 1)
    good = [world.verified() for _n in range(2)]
    done = confirm(world, "office", plan(world, "office", Act.CLOSE, [c.ref for c in good], opinion="同意"))
    first = services.tell_bulk(done, actor=world.who("office"), at=world.at, after=0)
    assert first == 1
    told = Message.objects.filter(kind="delivery.close")
    assert {m.link for m in told.all()} == {f"/c/{good[0].ref}/"}
    assert services.tell_bulk(done, actor=world.who("office"), at=world.at, after=1) == 2
    assert services.tell_bulk(done, actor=world.who("office"), at=world.at, after=2) is None
    before = told.count()
    notices.tell_leads(Act.CLOSE, good, key="another", actor=world.who("a_head"), at=world.at)
    assert "P-a_head" not in set(told.filter(key__endswith="another").values_list("post__ref", flat=True))
    assert told.count() > before
    c = world.accepted()
    found = plan(world, "a_head", Act.BREAK_DOWN, ref=c.ref)
    assert planning.proposal_of(found, [], actor=world.who("a_head"), at=world.at).digest == found.args["proposal"]


def test_many_refusals_are_told_by_reason_first(world: World) -> None:
    refs = [*(world.accepted().ref for _n in range(6)), "NONE-1", "NONE-2"]
    found = plan(world, "office", Act.CLOSE, refs, opinion="同意")
    assert [(why["code"], n) for why, n in queries.reasons(found)] == [("wrong_state", 6), ("not_found", 2)]
    assert [n for _why, n in queries.reasons(found, limit=1)] == [6]
    shown = client(world, "office").get(f"/bulk/{found.pk}/").content.decode()
    assert '<b class="num">6</b>' in shown.split('id="reasons"')[1].split("</ul>")[0]


def test_an_entry_worked_out_before_is_the_entry_written(world: World) -> None:
    from django.db import transaction

    from luoshi.delivery import events
    from luoshi.ledger import services as ledger

    written = ledger.prepare(
        events.ClosureUpheld(ref="X-1", opinion="同意", open_parts=1),
        actor=world.who("office"),
        at=world.at,
        subjects=["X-1"],
    )
    with transaction.atomic():
        entry = ledger.append_prepared(written)
    assert (entry.payload.text, entry.type) == (written.text, "delivery.ClosureUpheld")
    world.audit()
