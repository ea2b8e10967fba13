"""The job door and the hand-over list."""

from __future__ import annotations

import datetime as dt

from tests.delivery.world import World

from luoshi.delivery.models import Commitment
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office import services as office
from luoshi.office.models import Job
from luoshi.rules.permissions import SYSTEM
from luoshi.units import services as unit_services


def run(world: World, name: str, c: Commitment, act: str, data: dict[str, object]) -> Job:
    args = {"act": act, "ref": c.ref, "version": c.version, "data": data}
    job = office.start_job("delivery.act", args, actor=world.who(name), at=world.at)
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    return job


def test_break_down_as_a_job(world: World) -> None:
    c = world.accepted()
    job = run(world, "a_head", c, "break-down", {"units": []})
    assert (job.state, Commitment.objects.filter(parent=c).count()) == ("done", 2)


def test_a_job_is_refused_like_every_door(world: World) -> None:
    c = world.applied()
    before = Entry.objects.count()
    job = run(world, "a_head", c, "close", {"opinion": "同意"})
    assert job.state == "failed"
    assert job.refusals[0]["code"] == "wrong_state"
    assert Entry.objects.count() == before


def test_hand_over_lists_what_is_open(world: World) -> None:
    c = world.accepted()
    done = unit_services.hand_over_post(
        actor=SYSTEM,
        at=world.at,
        post_ref="P-a_head",
        to_user_id=world.users["duty"].pk,
        on=world.at.date() + dt.timedelta(days=1),
        items=["印章一枚"],
    )
    assert done.items == [f"{c.ref} {c.title} {c.due_on}", "印章一枚"]
