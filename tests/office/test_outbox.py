"""The outbox under two workers, a worker that is killed, and receivers that are down: nothing lost, no other number."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from luoshi.office import services
from luoshi.office.models import Attempt, Delivery, Outlet
from luoshi.office.services import deliver_all, notify
from luoshi.office.services.sending.claiming import LEASE, TOGETHER
from luoshi.office.services.sending.outlets import LINES

from .receiver import Inbox, Receiver, free_port, mail_server, receiving
from .world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.principle(6)]
WORKER = """
import django
django.setup()
from luoshi.office.services import deliver_all
print("ready", flush=True)
input()
print(deliver_all(seconds=60))
"""
MANY = 60


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(autouse=True)
def anytime(settings: Any, port: int) -> None:
    settings.QUIET_HOURS, settings.WORKING_DAYS_ONLY = "none", False
    settings.CHANNEL_INSIDE_HOSTS = frozenset({"127.0.0.1"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


@pytest.fixture
def worker(port: int) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a worker in a process of its own that waits for a line before it sends."""
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    surroundings = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "luoshi.config.settings",
        "LUOSHI_DATABASE_URL": url,
        "LUOSHI_SMTP_HOST": "127.0.0.1",
        "LUOSHI_SMTP_PORT": str(port),
        "LUOSHI_QUIET_HOURS": "none",
        "LUOSHI_WORKING_DAYS_ONLY": "0",
        "LUOSHI_CHANNEL_INSIDE_HOSTS": "127.0.0.1",
    }
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [sys.executable, "-c", WORKER], env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(made)
        assert made.stdout is not None
        assert made.stdout.readline() == "ready\n"
        return made

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        one.communicate()


def go(made: subprocess.Popen[str]) -> None:
    assert made.stdin is not None
    made.stdin.write("\n")
    made.stdin.flush()


def told(world: World, there: Receiver, count: int = MANY) -> list[str]:
    at = timezone.now()
    if not Outlet.objects.exists():
        services.add_channel(
            actor=world.actor("admin", at),
            kind="webhook",
            name="Desk",
            address=there.address,
            unit_id=world.county.pk,
            at=at - dt.timedelta(minutes=1),
        )
    keys = [f"k:{number}" for number in range(count)]
    for key in keys:
        notify([world.posts["handler"]], kind="test", key=key, subject="%(k)s", at=at, params={"k": key})
    return keys


def later(delta: dt.timedelta) -> Callable[[], dt.datetime]:
    return lambda: timezone.now() + delta


def hooks(there: Receiver) -> Counter[str]:
    return Counter(got.headers["idempotency-key"] for got in there.got)


def mails(inbox: Inbox) -> Counter[str]:
    return Counter(got["message-id"] for got in inbox.mails)


def sent_by_all(count: int = MANY) -> None:
    outside = Delivery.objects.exclude(channel="in_app")
    assert Counter(outside.values_list("channel", "state")) == {("email", "sent"): count, ("webhook", "sent"): count}


def test_two_workers_send_each_message_once(
    world: World, port: int, worker: Callable[[], subprocess.Popen[str]]
) -> None:
    with receiving() as there, mail_server(port) as inbox:
        told(world, there)
        two = [worker(), worker()]
        for one in two:
            go(one)
        counts = [int(one.communicate(timeout=90)[0]) for one in two]
        deliver_all()
    assert sum(counts) <= 2 * MANY
    sent_by_all()
    assert set(hooks(there).values()) == set(mails(inbox).values()) == {1}
    assert len(hooks(there)) == len(mails(inbox)) == MANY


@pytest.mark.parametrize("by", ["mail", "webhook"])
def test_a_worker_killed_between_sending_and_saying_so(
    world: World, port: int, worker: Callable[[], subprocess.Popen[str]], by: str
) -> None:
    with receiving() as there, mail_server(port) as inbox:
        told(world, there)
        (inbox if by == "mail" else there).stuck_at = 7
        victim = worker()
        go(victim)
        until = time.monotonic() + 60
        while len(inbox.mails if by == "mail" else there.got) < 7 and time.monotonic() < until:
            time.sleep(0.02)
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        inbox.stuck_at = there.stuck_at = 0
        there.stuck.set()
        deliver_all()
        still = Delivery.objects.exclude(channel="in_app").exclude(state="sent").count()
        assert still, "the lease of the dead worker runs on"
        deliver_all(later(LEASE + dt.timedelta(minutes=1)))
    sent_by_all()
    came = mails(inbox) if by == "mail" else hooks(there)
    assert len(came) == MANY
    twice = sum(came.values()) - MANY
    assert set(came.values()) == {1, 2}
    doubt = TOGETHER + (1 if by == "mail" else LINES)
    assert 1 <= twice <= doubt, "only what was on its way or not yet written down went twice, under its own number"
    assert Attempt.objects.filter(outcome="unknown").exists()


def test_receivers_down_for_a_while_and_everything_arrives(world: World, port: int) -> None:
    there = Receiver()
    with receiving(there):
        told(world, there)
    for hours in range(0, 30, 3):
        assert deliver_all(later(dt.timedelta(hours=hours))) == 0
    with receiving(there), mail_server(port) as inbox:
        there.status = 503
        assert deliver_all(later(dt.timedelta(hours=37))) == MANY, "mail comes back before the webhook does"
        there.status = 200
        assert deliver_all(later(dt.timedelta(hours=44))) == MANY
    sent_by_all()
    assert len(hooks(there)) == len(mails(inbox)) == MANY
    assert set(mails(inbox).values()) == {1}
