"""kill -9 in the middle of acts: no acknowledged act is lost, and the audit is clean."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import connection
from django.utils import timezone
from tests.delivery import writers
from tests.delivery.world import AT, World, build

from luoshi.delivery.models import Bulk, Commitment
from luoshi.delivery.services import bulk as services
from luoshi.ledger.models import Entry
from luoshi.office import jobs as office_jobs
from luoshi.office.models import Job
from luoshi.rules.lifecycle import Act
from luoshi.rules.refusals import Refused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.mark.principle(6)
def test_killed_writers_lose_nothing_they_acknowledged() -> None:
    world = build()
    refs = [world.reported(5).ref for _number in range(3)]
    told: list[tuple[int, int, str]] = []
    for acts, writing in ((1, 1), (9, 1), (25, 2)):
        started = [writers.start(1_000_000, *refs) for _number in range(writing)]
        lines: list[list[str]] = []
        for one in started:
            assert one.stdout is not None
            lines.append([one.stdout.readline() for _line in range(acts)])
        for one, said in zip(started, lines, strict=True):
            one.kill()
            assert one.stdout is not None
            said += one.stdout.readlines()
            one.stdout.close()
            one.wait(timeout=10)
            assert len(said) >= acts
            told += writers.acknowledged(said)
    writers.assert_nothing_lost(told)


# --- A bulk act whose worker is killed --------------------------------------------------------------------------------


def killed(job: Job | None, where: str) -> None:
    """A worker of the job is killed where it is told to wait."""
    assert job is not None
    worker = writers.process("tests.delivery.bulk_worker", str(job.pk), where)
    assert worker.stdout is not None
    assert worker.stdout.readline() == f"{where}\n"
    worker.kill()
    worker.stdout.close()
    worker.wait(timeout=10)


def comes_again(job: Job | None) -> Job:
    """The reaper puts the job back, and another worker finishes it."""
    assert job is not None
    later = timezone.now() + dt.timedelta(minutes=10)
    office_jobs.reap(later)
    office_jobs.run_job.call(job.pk)
    job.refresh_from_db()
    return job


def closed(refs: list[str]) -> int:
    return Commitment.objects.filter(ref__in=refs, state="closed").count()


@pytest.mark.principle(6)
@pytest.mark.parametrize("where", ["judge", "act", "done"])
def test_a_killed_bulk_act_is_done_once_and_whole(where: str) -> None:
    world, refs = listed()
    found = planned(world, refs)
    killed(found.plan_job, "plan")
    found.refresh_from_db()
    assert (found.state, found.subjects.exclude(outcome="").count()) == ("planning", 2)
    assert comes_again(found.plan_job).state == "done"
    found.refresh_from_db()
    assert (found.state, found.eligible, found.subjects.count()) == ("planned", 5, 5)

    count = Entry.objects.count()
    actor = world.who("office")
    found = services.confirm_bulk(actor=actor, bulk_id=found.pk, digest=found.digest, at=timezone.now())
    killed(found.do_job, where)
    assert closed(refs) == (5 if where == "done" else 0), "nothing half done"
    assert Entry.objects.count() == count + (where == "done")
    assert comes_again(found.do_job).state == "done"
    found.refresh_from_db()
    assert (found.state, closed(refs), Entry.objects.count()) == ("done", 5, count + 1)
    writers.assert_cells_right()


def test_a_bulk_act_stopped_after_its_worker_died_leaves_nothing() -> None:
    world, refs = listed()
    found = planned(world, refs)
    office_jobs.run_job.call(found.plan_job_id)
    found.refresh_from_db()
    actor = world.who("office")
    found = services.confirm_bulk(actor=actor, bulk_id=found.pk, digest=found.digest, at=timezone.now())
    count = Entry.objects.count()
    killed(found.do_job, "judge")
    services.cancel_bulk(actor=actor, bulk_id=found.pk, at=timezone.now())
    comes_again(found.do_job)
    found.refresh_from_db()
    assert (found.state, closed(refs), Entry.objects.count()) == ("cancelled", 0, count)
    writers.assert_cells_right()


def listed() -> tuple[World, list[str]]:
    world = build()
    world.at = AT
    return world, [world.verified().ref for _number in range(5)]


def planned(world: World, refs: list[str]) -> Bulk:
    return services.plan_bulk(
        actor=world.who("office"), act=Act.CLOSE, args={"opinion": "同意"}, refs=refs, at=timezone.now()
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer, who is waited for")
def test_nobody_waits_long_for_a_bulk_act() -> None:
    world, refs = listed()
    found = planned(world, refs)
    office_jobs.run_job.call(found.plan_job_id)
    found.refresh_from_db()
    actor = world.who("office")
    found = services.confirm_bulk(actor=actor, bulk_id=found.pk, digest=found.digest, at=timezone.now())
    worker = writers.process("tests.delivery.bulk_worker", str(found.do_job_id), "act")
    assert worker.stdout is not None
    assert worker.stdout.readline() == "act\n"
    try:
        began = time.monotonic()
        with pytest.raises(Refused) as refused:
            world.do("instruct_commitment", "office", Commitment.objects.get(ref=refs[0]), words="再看一看")
        assert refused.value.code == "being_changed"
        assert time.monotonic() - began < 5
        beside = world.accepted()
        assert world.do("instruct_commitment", "office", beside, words="抓紧").version == beside.version + 1
    finally:
        worker.kill()
        worker.stdout.close()
        worker.wait(timeout=10)
    assert closed(refs) == 0
