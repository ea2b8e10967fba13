"""The outbox: written with the act, sent at least once, always under the same number."""

from __future__ import annotations

import datetime as dt
import email
import socket
from collections.abc import Iterator
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction
from django.test import Client
from django.utils import translation

from luoshi.office.adapters import mail
from luoshi.office.models import Delivery, Message
from luoshi.office.queries import messages as queries
from luoshi.office.services import Note, deliver_due, mark_all_read, mark_read, notify, notify_each
from luoshi.rules.refusals import Refused
from luoshi.units.models import Holding

from .world import AT, START, World, make_post

MINUTE = dt.timedelta(minutes=1)


class Inbox:
    """A mail server that remembers, or refuses as told."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.answer = "250 taken"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return self.answer


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def smtp(settings: Any, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.QUIET_HOURS, settings.WORKING_DAYS_ONLY = "none", False


@pytest.fixture
def server(smtp: None, port: int) -> Iterator[Inbox]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield inbox
    controller.stop()


def tell(world: World, *names: str, key: str = "k:1") -> list[Message]:
    return notify(
        [world.posts[name] for name in names or ("handler",)],
        kind="test",
        key=key,
        subject="%(ref)s was closed",
        body="The commitment %(ref)s was struck off.",
        link="/commitments/YN-1/",
        at=AT,
        params={"ref": "YN-1"},
    )


@pytest.mark.principle(6)
def test_a_key_reaches_a_post_once_and_only_with_its_act(world: World, smtp: None) -> None:
    assert len(tell(world, "handler", "head", "handler")) == 2
    assert len(tell(world, "handler", "above")) == 1
    assert Message.objects.count() == 3
    assert Delivery.objects.count() == 6
    with transaction.atomic():
        tell(world, key="k:2")
        transaction.set_rollback(True)
    assert not Message.objects.filter(key="k:2").exists()


def test_without_mail_set_up_nothing_is_said_to_be_sent(world: World, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    tell(world)
    assert list(Delivery.objects.values_list("channel", flat=True)) == ["in_app"]


def test_writing_to_many_takes_as_many_statements_as_writing_to_one(
    world: World, smtp: None, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_num_queries(6):
        tell(world)
    posts = [make_post(world.county, "handler", f"h{number}", email=f"h{number}@x.org")[0] for number in range(30)]
    with django_assert_max_num_queries(7):  # many rows reserve their ids first on PostgreSQL
        notify(posts, kind="test", key="k:9", subject="x", at=AT)


def test_mail_arrives_in_the_language_of_its_reader(world: World, server: Inbox) -> None:
    tell(world)
    assert deliver_due(AT) == 1
    (got,) = server.mails
    assert got["to"] == "handler@example.org"
    assert got["subject"] == "YN-1 was closed"
    assert got["auto-submitted"] == "auto-generated"
    assert "http://127.0.0.1:8000/commitments/YN-1/" in got.get_content()
    assert deliver_due(AT + dt.timedelta(days=1)) == 0
    assert Delivery.objects.get(channel="email").provider_id == got["message-id"]


@pytest.mark.principle(6)
def test_no_message_is_lost_while_the_mail_server_is_down(world: World, smtp: None, port: int) -> None:
    tell(world, "handler", "head", "above")
    now = AT
    for _ in range(30):
        assert deliver_due(now) == 0
        now += dt.timedelta(hours=2)
    assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"failed"}
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert deliver_due(now + dt.timedelta(hours=7)) == 3
    finally:
        controller.stop()
    assert sorted(got["to"] for got in inbox.mails) == ["above@example.org", "handler@example.org", "head@example.org"]


@pytest.mark.principle(6)
def test_a_crash_between_sending_and_saying_so_repeats_under_the_same_number(
    world: World, server: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(world)
    real = mail.send

    def send_and_die(*args: Any, **kwargs: Any) -> str:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(mail, "send", send_and_die)
    with pytest.raises(KeyboardInterrupt):
        deliver_due(AT)
    monkeypatch.undo()
    assert deliver_due(AT + MINUTE) == 0  # the dead worker's lease still runs
    assert deliver_due(AT + 6 * MINUTE) == 1
    first, second = server.mails
    assert first["message-id"] == second["message-id"]


def test_a_refused_recipient_is_given_up_and_a_busy_server_is_not(world: World, server: Inbox) -> None:
    tell(world)
    server.answer = "451 busy"
    now = AT
    for _ in range(5):
        deliver_due(now)
        now += 30 * MINUTE
    assert Delivery.objects.get(channel="email").state == "failed"
    server.answer = "554 never"
    deliver_due(now + dt.timedelta(hours=7))
    row = Delivery.objects.get(channel="email")
    assert row.state == "dead"
    assert "@" not in row.last_error


@pytest.mark.principle(1)
def test_who_has_left_the_post_gets_no_mail_of_it(world: World, server: Inbox) -> None:
    tell(world)
    Holding.objects.filter(post=world.posts["handler"]).update(until_on=START + dt.timedelta(days=1))
    assert deliver_due(AT) == 0
    assert Delivery.objects.get(channel="email").state == "dead"
    assert not server.mails


def test_two_workers_do_not_send_the_same_message(world: World, server: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(world)
    real = mail.send

    def send_while_another_looks(*args: Any, **kwargs: Any) -> str:
        assert deliver_due(AT) == 0
        return real(*args, **kwargs)

    monkeypatch.setattr(mail, "send", send_while_another_looks)
    assert deliver_due(AT) == 1
    assert len(server.mails) == 1


def test_reading_belongs_to_the_post(world: World) -> None:
    (row,) = tell(world)
    assert queries.unread_count(world.actor("handler")) == 1
    with pytest.raises(Refused):
        mark_read(row.pk, actor=world.actor("head"), at=AT)
    mark_read(row.pk, actor=world.actor("handler"), at=AT)
    mark_read(row.pk, actor=world.actor("handler"), at=AT + MINUTE)
    row.refresh_from_db()
    assert row.read_at == AT
    assert queries.unread_count(world.actor("handler")) == 0


def test_all_are_read_at_once_but_nobody_elses(world: World) -> None:
    for key in ("a", "b"):
        notify([world.posts["handler"], world.posts["head"]], kind="t", key=key, subject="s", at=AT)
    assert mark_all_read(actor=world.actor("handler"), at=AT) == 2
    assert queries.unread_count(world.actor("handler")) == 0
    assert queries.unread_count(world.actor("head")) == 2


def test_a_sentence_with_a_missing_value_does_not_break_the_page(world: World) -> None:
    (row,) = notify([world.posts["handler"]], kind="t", key="k", subject="%(a)s and 100%", at=AT, params={"b": 1})
    with translation.override("en"):
        assert row.subject_text == "%(a)s and 100%"


@pytest.mark.urls("tests.office.urls")
def test_the_pages_and_their_statements(world: World, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(world.users["handler"])
    assert b"No messages yet" in client.get("/office/messages/", headers={"accept-language": "en"}).content
    for number in range(60):
        tell(world, key=f"k:{number}")
    with django_assert_max_num_queries(12):
        page = client.get("/office/messages/", headers={"accept-language": "en"})
    assert page.content.count(b"<article") == 50
    assert b"before=" in page.content
    row = Message.objects.order_by("id")[0]
    assert b"struck off" in client.get(f"/office/messages/{row.pk}/").content
    assert client.get(f"/office/messages/{row.pk}/read/").status_code == 405
    gone = client.post(f"/office/messages/{row.pk}/read/", {"open": "1"})
    assert gone["Location"] == "/commitments/YN-1/"
    assert queries.unread_count(world.actor("handler")) == 59
    client.post("/office/messages/read/")
    assert queries.unread_count(world.actor("handler")) == 0


@pytest.mark.urls("tests.office.urls")
def test_the_api_pages_by_cursor(world: World, client: Client) -> None:
    for number in range(5):
        tell(world, key=f"k:{number}")
    client.force_login(world.users["handler"])
    first = client.get("/api/messages?limit=3").json()
    second = client.get(f"/api/messages?limit=3&before={first['next']}").json()
    assert (len(first["items"]), len(second["items"]), second["next"], first["unread"]) == (3, 2, None, 5)
    assert client.get("/api/messages?limit=100000").status_code == 422
    assert client.get(f"/api/messages?before={2**64}").status_code == 422
    client.force_login(world.users["stranger"])
    assert client.post(f"/api/messages/{first['items'][0]['id']}/read").status_code == 404


def test_many_notes_cost_a_few_statements(world: World, django_assert_max_num_queries: Any) -> None:
    notes = [Note((world.posts["handler"], world.posts["handler"]), f"n:{n}", params={"ref": n}) for n in range(60)]
    with django_assert_max_num_queries(9):  # what stands in the centre and what leaves by mail are written apart
        assert notify_each(notes, kind="test", subject="%(ref)s was issued", at=AT) == 60
    assert notify_each(notes, kind="test", subject="%(ref)s was issued", at=AT) == 0
    assert Message.objects.count() == 60
