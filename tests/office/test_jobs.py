"""Jobs: enqueued with the act, run by whoever is alive, stopped on request, seen by whom they concern."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone, translation
from django_tasks_db.models import DBTaskResult

from luoshi.office import jobs
from luoshi.office.models import Job, Slot
from luoshi.office.queries import jobs as queries
from luoshi.office.services import cancel_job, start_job
from luoshi.office.services.jobs import actor_of
from luoshi.rules.permissions import SYSTEM
from luoshi.rules.refusals import Refused, declare

from .world import AT, World

declare(422, office_test_row=("Row %(row)s is not good."))


def count_to(job: Job, report: jobs.Report) -> dict[str, Any]:
    total = job.args["to"]
    for number in range(total):
        report(number, total, "step %(step)s", step=number)
    report(total, total)
    return {"counted": total}


@pytest.fixture
def counting(kinds: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "EVERY", 0)
    jobs.register("count", count_to, title="Counting to %(to)s")


def begin(world: World, name: str = "handler", to: int = 3) -> Job:
    return start_job("count", {"to": to}, actor=world.actor(name), at=AT)


def test_a_job_exists_only_with_its_act(world: World, counting: None) -> None:
    with transaction.atomic():
        begin(world)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()
    with pytest.raises(KeyError):
        start_job("unknown", {}, actor=world.actor("handler"), at=AT)


def test_a_job_runs_once_and_says_how_far_it_is(world: World, counting: None) -> None:
    job = begin(world)
    assert jobs.run_ready(timezone.now()) == 1
    assert jobs.run_ready(timezone.now()) == 0
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.percent) == ("done", 3, 3, 100)
    assert job.result == {"counted": 3}
    assert job.title_text == "Counting to 3"
    assert actor_of(job, AT) == world.actor("handler")


def test_words_inside_a_refusal_follow_the_reader(world: World, kinds: dict[str, Any]) -> None:
    def work(_job: Job, report: jobs.Report) -> None:
        report.refuse(Refused("bad_input", field="How much is done", problem="this is too large"), where="4")

    jobs.register("words", work, title="Words")
    job = start_job("words", {}, actor=SYSTEM, at=AT)
    jobs.run_ready(timezone.now())
    job.refresh_from_db()
    with translation.override("zh-hans"):
        assert job.refusal_texts == ["4：完成了多少：数值过大"]
    with translation.override("en"):
        assert job.refusal_texts == ["4: How much is done: this is too large"]


def test_refusals_of_steps_and_of_the_whole_are_sentences(world: World, kinds: dict[str, Any]) -> None:
    def work(job: Job, report: jobs.Report) -> None:
        report.refuse(Refused("office_test_row", row=4), where="B4")
        if job.args["stop"]:
            raise Refused("office_test_row", row=5)

    jobs.register("rows", work, title="Rows")
    part = start_job("rows", {"stop": False}, actor=SYSTEM, at=AT)
    whole = start_job("rows", {"stop": True}, actor=SYSTEM, at=AT)
    jobs.run_ready(timezone.now())
    part.refresh_from_db()
    whole.refresh_from_db()
    assert (part.state, whole.state) == ("done", "failed")
    assert part.refusal_texts == ["B4: Row 4 is not good."] or part.refusal_texts == ["B4：Row 4 is not good."]
    assert whole.refusal_texts[1] == "Row 5 is not good."


def test_a_fault_is_kept_for_the_administrator_and_told_as_a_sentence(world: World, kinds: dict[str, Any]) -> None:
    def work(job: Job, report: jobs.Report) -> None:
        raise ZeroDivisionError("secret detail")

    jobs.register("fault", work, title="Fault")
    job = start_job("fault", {}, actor=SYSTEM, at=AT)
    jobs.run_ready(timezone.now())
    job.refresh_from_db()
    assert job.state == "failed"
    assert "secret" not in json.dumps(job.refusals)
    assert "ZeroDivisionError" in DBTaskResult.objects.get(pk=job.task_id).traceback


def test_a_waiting_and_a_running_job_can_be_stopped(world: World, counting: None, kinds: dict[str, Any]) -> None:
    waiting = begin(world)
    cancel_job(waiting.pk, actor=world.actor("handler"), at=AT)
    jobs.run_ready(timezone.now())
    waiting.refresh_from_db()
    assert (waiting.state, waiting.done) == ("cancelled", 0)

    def stops_itself(job: Job, report: jobs.Report) -> None:
        report(1, 5)
        cancel_job(job.pk, actor=world.actor("handler"), at=AT)
        report(2, 5)
        pytest.fail("went on")

    jobs.register("stops", stops_itself, title="Stops")
    running = start_job("stops", {}, actor=world.actor("handler"), at=AT)
    jobs.run_ready(timezone.now())
    running.refresh_from_db()
    assert (running.state, running.done) == ("cancelled", 2)
    with pytest.raises(Refused):
        cancel_job(running.pk, actor=world.actor("handler"), at=AT)


def test_a_worker_given_up_may_not_write_when_it_wakes(world: World, kinds: dict[str, Any]) -> None:
    def sleeps(job: Job, report: jobs.Report) -> dict[str, int]:
        if job.attempt == 1:
            assert jobs.reap(timezone.now() + dt.timedelta(minutes=5)) == 1
            return {"by": 1}
        return {"by": 2}

    jobs.register("sleeps", sleeps, title="Sleeps")
    job = start_job("sleeps", {}, actor=SYSTEM, at=AT)
    jobs.run_ready(timezone.now(), limit=1)
    job.refresh_from_db()
    assert job.state == "queued"
    jobs.reap(timezone.now())
    DBTaskResult.objects.filter(pk=job.task_id).update(status="READY")
    jobs.run_ready(timezone.now())
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"by": 2})


def test_a_job_that_kills_its_worker_is_given_up(world: World, counting: None) -> None:
    job = begin(world)
    past = timezone.now() - dt.timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state="running", attempt=3, lease_until=past)
    jobs.reap(timezone.now())
    job.refresh_from_db()
    assert job.state == "failed"
    assert "3" in job.refusal_texts[0]


def test_only_one_node_starts_a_turn_of_a_periodic_job(world: World, kinds: dict[str, Any]) -> None:
    for name in list(kinds):
        del kinds[name]
    jobs.register("hourly", count_to, title="Hourly", every=dt.timedelta(hours=1))
    assert len(jobs.start_periodic(AT)) == 1
    assert jobs.start_periodic(AT + dt.timedelta(minutes=59)) == []
    assert len(jobs.start_periodic(AT + dt.timedelta(hours=1))) == 1
    assert Slot.objects.count() == 2
    jobs.reap(AT + dt.timedelta(days=8))
    assert Slot.objects.count() == 0


def test_jobs_are_seen_by_the_starter_and_the_head_of_his_unit(world: World, counting: None) -> None:
    job = begin(world)
    clock = start_job("count", {"to": 1}, actor=SYSTEM, at=AT)
    assert queries.job(world.actor("handler"), job.pk) == job
    assert queries.job(world.actor("head"), job.pk) == job
    for name in ("stranger", "above", "admin"):
        with pytest.raises(Refused):
            queries.job(world.actor(name), job.pk)
    assert queries.job(world.actor("admin"), clock.pk) == clock


@pytest.mark.urls("tests.office.urls")
def test_the_pages_and_their_statements(
    world: World, counting: None, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(world.users["handler"])
    assert b"No jobs" in client.get("/office/jobs/", headers={"accept-language": "en"}).content
    for _ in range(55):
        job = begin(world)
    with django_assert_max_num_queries(12):
        page = client.get("/office/jobs/", headers={"accept-language": "en"})
    assert page.content.count(b'scope="row"') == 50
    page = client.get(f"/office/jobs/{job.pk}/")
    assert b'hx-trigger="every' in page.content
    assert b"http-equiv" in page.content
    part = client.get(f"/office/jobs/{job.pk}/", headers={"hx-request": "true"})
    assert part.content.strip().startswith(b"<section")
    client.post(f"/office/jobs/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert b'hx-trigger="every' not in client.get(f"/office/jobs/{job.pk}/").content
    assert client.post(f"/office/jobs/{job.pk}/cancel/").status_code == 302


@pytest.mark.urls("tests.office.urls")
def test_the_api_lists_gets_and_stops(world: World, counting: None, client: Client) -> None:
    job = begin(world)
    client.force_login(world.users["head"])
    assert [row["id"] for row in client.get("/api/jobs").json()["items"]] == [job.pk]
    assert client.get(f"/api/jobs/{job.pk}").json()["title"] == "Counting to 3"
    assert client.post(f"/api/jobs/{job.pk}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/api/jobs/{job.pk}/cancel").status_code == 409
    client.force_login(world.users["stranger"])
    assert client.get(f"/api/jobs/{job.pk}").status_code == 404
    assert client.get(f"/api/jobs/{2**70}").status_code == 404


SCRIPT = """
import datetime as dt, json, pathlib, sys, time
import django
from django.conf import settings
django.setup()
class NoMigrations(dict):
    __contains__ = lambda self, name: True
    __getitem__ = lambda self, name: None
settings.MIGRATION_MODULES = NoMigrations()
from django.core.management import call_command
from django.utils import timezone, translation
from luoshi.office import jobs
from luoshi.office.models import Job
from luoshi.office.services import start_job
from luoshi.rules.permissions import SYSTEM
folder = pathlib.Path(sys.argv[2])
def work(job, report):
    for step in range(5):
        done = folder / f"step-{step}"
        if done.exists():
            continue          # a step already taken is not taken twice
        done.touch()
        report(step + 1, 5)
        report.write()
        if step == 2 and job.attempt == 1:
            (folder / "middle").touch()
            time.sleep(60)
    return {"attempt": job.attempt}
jobs.register("slow", work, title="Slow")
what = sys.argv[1]
if what == "setup":
    call_command("migrate", run_syncdb=True, verbosity=0)
if what in ("setup", "start"):
    print(start_job("slow", {}, actor=SYSTEM, at=timezone.now()).pk)
elif what == "work":
    jobs.run_ready(timezone.now())
elif what == "rescue":
    early = jobs.run_ready(timezone.now())
    late = jobs.run_ready(timezone.now() + dt.timedelta(minutes=5))
    job = Job.objects.latest("pk")
    print(json.dumps([early, late, job.state, job.result]))
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.principle(6)
def test_kill_9_in_the_middle_and_the_job_is_finished_by_another(tmp_path: Path, vendor: str) -> None:
    database = connection.settings_dict
    if vendor == "sqlite":
        url, first = f"sqlite:///{tmp_path / 'db.sqlite3'}", "setup"
    else:
        address = "{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
        url, first = f"postgres://{address}", "start"
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {
        **os.environ,
        "LUOSHI_DATABASE_URL": url,
        "LUOSHI_STATE": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "luoshi.config.settings",
    }

    def call(what: str) -> str:
        command = [sys.executable, str(script), what, str(tmp_path)]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    call(first)
    victim = subprocess.Popen([sys.executable, str(script), "work", str(tmp_path)], env=environment)
    deadline = time.monotonic() + 60
    while not (tmp_path / "middle").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert json.loads(call("rescue")) == [0, 1, "done", {"attempt": 2}]
