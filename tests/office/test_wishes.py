"""How a person is told: quiet hours, one digest, urgent messages only; and deadlines in a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from luoshi.ledger.models import Entry
from luoshi.office import services
from luoshi.office.adapters import mail
from luoshi.office.adapters.calendars import Day
from luoshi.office.models import CalendarFeed, Delivery, Message
from luoshi.office.services import deliver_due, feeds, notify
from luoshi.office.views.own import READ_MOST, UNKNOWN_MOST
from luoshi.rules.refusals import Refused
from luoshi.units.models import Holding

from .receiver import Inbox, free_port, mail_server
from .world import AT, START, World

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NINE = AT + DAY  # 09:00 in Shanghai, a Tuesday


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.QUIET_HOURS, settings.WORKING_DAYS_ONLY = "20:00-08:00", True
    with mail_server(settings.EMAIL_PORT) as kept:
        yield kept


def wish(world: World, name: str = "handler", at: dt.datetime = AT, **values: Any) -> None:
    told = {"email": True, "phone": True, "mode": "each", "digest_hour": 9, "quiet": "house"} | values
    services.set_wish(actor=world.actor(name), at=at, **told)


def tell(world: World, key: str, at: dt.datetime = AT, *, urgent: bool = False, name: str = "handler") -> Message:
    (row,) = notify(
        [world.posts[name]],
        kind="test",
        key=key,
        subject="Thing %(n)s",
        link=f"/c/{key}/",
        at=at,
        params={"n": key},
        urgent=urgent,
    )
    return row


def state(key: str) -> tuple[str, dt.datetime | None]:
    row = Delivery.objects.get(message__key=key, channel="email")
    return row.state, row.next_at


def test_at_night_and_on_a_free_day_it_waits_unless_it_is_urgent(world: World, inbox: Inbox) -> None:
    friday_night = dt.datetime(2026, 3, 6, 13, 0, tzinfo=dt.UTC)
    tell(world, "calm", friday_night)
    tell(world, "alarm", friday_night, urgent=True)
    assert deliver_due(friday_night) == 1
    assert [got["subject"] for got in inbox.mails] == ["Thing alarm"]
    monday = dt.datetime(2026, 3, 9, 0, 0, tzinfo=dt.UTC)
    assert state("calm") == ("pending", monday)
    assert deliver_due(monday - HOUR) == 0
    assert deliver_due(monday) == 1


def test_ones_own_hours_go_before_those_of_the_house(world: World, inbox: Inbox) -> None:
    night = AT + 14 * HOUR
    wish(world, quiet="none")
    tell(world, "a", night)
    assert deliver_due(night) == 1
    wish(world, quiet="own", quiet_from=dt.time(12), quiet_until=dt.time(14), working_days=False)
    tell(world, "b", night)
    assert deliver_due(night) == 1
    noon = AT + 4 * HOUR
    tell(world, "c", noon)
    assert deliver_due(noon) == 0
    assert state("c")[1] == AT + 5 * HOUR
    with pytest.raises(Refused) as refused:
        wish(world, quiet="own")
    assert refused.value.code == "quiet_hours_missing"
    with pytest.raises(Refused):
        wish(world, digest_hour=24)
    with pytest.raises(Refused):
        wish(world, mode="sometimes")


def test_one_digest_instead_of_many_messages(world: World, inbox: Inbox) -> None:
    wish(world, mode="daily")
    for number in range(3):
        tell(world, f"n{number}", AT + number * HOUR)
    tell(world, "alarm", AT, urgent=True)
    assert deliver_due(AT + 3 * HOUR) == 1, "only the alarm"
    assert state("n0") == ("held", NINE)
    read = tell(world, "seen", AT + HOUR)
    deliver_due(AT + 3 * HOUR)
    Message.objects.filter(pk=read.pk).update(read_at=AT + 2 * HOUR)
    assert deliver_due(NINE) == 3
    digest = inbox.mails[-1]
    assert digest["subject"] == "3 things wait for you"
    text = digest.get_content()
    assert all(f"http://127.0.0.1:8000/c/n{number}/" in text for number in range(3))
    assert "alarm" not in text
    assert "seen" not in text
    assert state("seen")[0] == "spared"
    assert Message.objects.count() == 5, "the message centre has everything"
    tell(world, "n9", NINE + HOUR)
    deliver_due(NINE + HOUR)
    assert deliver_due(NINE + DAY) == 1
    again = inbox.mails[-1]
    assert "Thing n9" in again["subject"]
    assert "/c/n0/" not in again.get_content(), "what was told is not told again"


@pytest.mark.principle(6)
def test_a_digest_whose_sender_dies_goes_again_as_it_was(
    world: World, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(world, mode="daily")
    for number in range(3):
        tell(world, f"n{number}")
    deliver_due(AT)
    real = mail.send

    def send_and_die(*args: Any, **kwargs: Any) -> str:
        real(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(mail, "send", send_and_die)
    with pytest.raises(KeyboardInterrupt):
        deliver_due(NINE)
    monkeypatch.undo()
    tell(world, "later", NINE)
    assert deliver_due(NINE + HOUR) == 3
    first, second = inbox.mails
    assert first["message-id"] == second["message-id"]
    assert first.get_content() == second.get_content()
    assert state("later")[0] == "held"


def test_a_digest_that_is_refused_waits_whole(world: World, inbox: Inbox) -> None:
    wish(world, mode="daily")
    for number in range(2):
        tell(world, f"n{number}")
    deliver_due(AT)
    inbox.answer = "451 busy"
    assert deliver_due(NINE) == 0
    inbox.answer = "250 taken"
    assert deliver_due(NINE + HOUR) == 2
    assert len(inbox.mails) == 1
    assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"sent"}


def test_a_person_who_changes_his_mind_is_told_at_once(world: World, inbox: Inbox) -> None:
    wish(world, mode="daily")
    tell(world, "a")
    deliver_due(AT)
    wish(world, mode="each")
    assert deliver_due(AT) == 1


def test_urgent_only_and_no_mail_at_all(world: World, inbox: Inbox) -> None:
    wish(world, mode="urgent")
    tell(world, "calm")
    tell(world, "alarm", urgent=True)
    assert deliver_due(AT) == 1
    assert state("calm")[0] == "spared"
    wish(world, email=False)
    tell(world, "alarm2", urgent=True)
    assert deliver_due(AT) == 0
    assert state("alarm2")[0] == "spared"


def test_who_left_the_post_is_not_in_the_digest(world: World, inbox: Inbox) -> None:
    wish(world, mode="daily")
    tell(world, "a")
    deliver_due(AT)
    Holding.objects.filter(post=world.posts["handler"]).update(until_on=START + dt.timedelta(days=1))
    assert deliver_due(NINE) == 0
    assert state("a")[0] == "dead"
    assert not inbox.mails


@pytest.mark.urls("tests.office.urls")
def test_the_page_and_the_api_of_ones_own_settings(world: World, client: Client, inbox: Inbox) -> None:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    client.force_login(world.users["handler"])
    page = client.get("/office/settings/").content.decode()
    assert "20:00–08:00" in page
    assert "handler@example.org" in page
    form = {"email": "on", "mode": "daily", "digest_hour": "8", "quiet": "own", "quiet_from": "19:00"}
    wrong = client.post("/office/settings/", form)
    assert wrong.status_code == 422
    assert "from when until when" in wrong.content.decode()
    assert client.post("/office/settings/", {**form, "quiet_until": "07:30"}).status_code == 302
    told = client.get("/api/notifications").json()
    assert (told["mode"], told["digest_hour"], told["quiet_until"], told["phone"]) == ("daily", 8, "07:30:00", False)
    told |= {"mode": "urgent"}
    sent = client.post("/api/notifications", told, content_type="application/json")
    assert sent.json()["mode"] == "urgent"
    bad = client.post("/api/notifications", {"digest_hour": 99}, content_type="application/json")
    assert bad.status_code == 422


# --- The calendar -----------------------------------------------------------------------------------------------------


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> list[Day]:
    kept = [Day("YN-1-due", dt.date(2026, 12, 31), "Due: 治污，二期; a \\ b [YN-1]", "/c/YN-1/", AT, 3, "words", "due")]
    monkeypatch.setattr(feeds, "SOURCES", [lambda _seat, _at, _discreet: kept])
    return kept


@pytest.mark.urls("tests.office.urls")
def test_a_calendar_address_is_told_once_and_read_without_signing_in(
    world: World, client: Client, days: list[Day], settings: Any
) -> None:
    settings.BASE_URL = "https://luoshi.example"
    client.force_login(world.users["handler"])
    page = client.post("/office/settings/calendar/", {"discreet": "on"}).content.decode()
    address = page.split('id="feed-address"')[1].split(">")[1].split("<")[0]
    place = address.removeprefix("https://luoshi.example")
    token = place.split("/")[-1].removesuffix(".ics")
    assert token not in client.get("/office/settings/").content.decode()
    assert token not in str(list(Entry.objects.values())) + str(list(CalendarFeed.objects.values()))

    program = Client()
    answer = program.get(place)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    read = Calendar.from_ical(answer.content)
    (event,) = read.walk("VEVENT")
    assert str(event["summary"]) == days[0].title
    assert event["dtstart"].dt == dt.date(2026, 12, 31)
    assert event["dtend"].dt == dt.date(2027, 1, 1)
    assert str(event["uid"]) == "YN-1-due@luoshi.example"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    assert answer.content.endswith(b"END:VCALENDAR\r\n")
    same = program.get(place, headers={"if-none-match": answer["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    days.append(Day("YN-2-due", dt.date(2026, 11, 30), "x", "/c/YN-2/", AT))
    assert program.get(place, headers={"if-none-match": answer["ETag"]}).status_code == 200

    feed = CalendarFeed.objects.get()
    client.force_login(world.users["head"])
    assert client.post(f"/office/settings/calendar/{feed.pk}/revoke/").status_code == 404
    client.force_login(world.users["handler"])
    assert client.post(f"/office/settings/calendar/{feed.pk}/revoke/").status_code == 302
    assert program.get(place).status_code == 404
    assert program.get("/office/calendar/never-made.ics").status_code == 404


@pytest.mark.urls("tests.office.urls")
def test_a_calendar_that_is_read_too_often_rests_and_the_others_do_not(
    world: World, days: list[Day], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    now = timezone.now()
    _one, busy = services.make_feed(actor=world.actor("handler", now), at=now)
    _two, calm = services.make_feed(actor=world.actor("handler", now), at=now)
    program = Client(headers={"accept-language": "en"})
    first = program.get(f"/office/calendar/{busy}.ics")
    assert first.status_code == 200
    for _turn in range(READ_MOST - 1):
        again = program.get(f"/office/calendar/{busy}.ics", headers={"if-none-match": first["ETag"]})
        assert again.status_code == 304
    monkeypatch.setattr(services, "read_feed", lambda *_args: pytest.fail("nothing is asked of the database"))
    stopped = program.get(f"/office/calendar/{busy}.ics", headers={"if-none-match": first["ETag"]})
    assert (stopped.status_code, stopped["Retry-After"]) == (429, "600")
    assert "set your calendar program to that" in stopped.content.decode()
    assert b"VCALENDAR" not in stopped.content
    monkeypatch.undo()
    monkeypatch.setattr(feeds, "SOURCES", [lambda _seat, _at, _discreet: days])
    assert program.get(f"/office/calendar/{calm}.ics").status_code == 200
    cache.clear()  # as when the time is over
    assert program.get(f"/office/calendar/{busy}.ics").status_code == 200
    for _turn in range(UNKNOWN_MOST):
        assert program.get(f"/office/calendar/never-made-{_turn}.ics").status_code == 404
    assert program.get("/office/calendar/never-made-at-all.ics").status_code == 429
    assert program.get(f"/office/calendar/{calm}.ics").status_code == 200, "a good address is not shut by others"
    cache.clear()


@pytest.mark.urls("tests.office.urls")
def test_a_dead_calendar_address_gives_nothing_however_it_died(world: World, days: list[Day]) -> None:
    cache.clear()
    now = timezone.now()
    made, gone = services.make_feed(actor=world.actor("handler", now), at=now)
    services.revoke_feed(made.pk, actor=world.actor("handler", now), at=now)
    _kept, left = services.make_feed(actor=world.actor("head", now), at=now)
    world.users["head"].is_active = False
    world.users["head"].save()
    program = Client(headers={"accept-language": "en"})
    for token in (gone, left, "x" * 101, "never-made"):
        answer = program.get(f"/office/calendar/{token}.ics", headers={"if-none-match": "*"})
        assert answer.status_code == 404, token[:12]
        assert b"VCALENDAR" not in answer.content
        assert "ETag" not in answer
        assert "withdrawn" in answer.content.decode()


@pytest.mark.principle(1)
def test_an_address_ends_with_the_holding(world: World, days: list[Day]) -> None:
    now = timezone.now()
    _feed, token = services.make_feed(actor=world.actor("handler", now), at=now)
    assert b"YN-1" in services.read_feed(token, now)
    Holding.objects.filter(post=world.posts["handler"]).update(until_on=timezone.localdate(now))
    with pytest.raises(Refused) as refused:
        services.read_feed(token, now)
    assert refused.value.code == "feed_gone"


@pytest.mark.urls("tests.office.urls")
def test_calendar_addresses_in_the_api(world: World, client: Client, days: list[Day]) -> None:
    client.force_login(world.users["handler"])
    made = client.post("/api/calendar-feeds", {"discreet": False}, content_type="application/json").json()
    assert made["secret"].endswith(".ics")
    assert [one["id"] for one in client.get("/api/calendar-feeds").json()] == [made["id"]]
    for _turn in range(4):
        client.post("/api/calendar-feeds", {}, content_type="application/json")
    full = client.post("/api/calendar-feeds", {}, content_type="application/json")
    assert (full.status_code, full.json()["code"]) == (409, "too_many_feeds")
    client.post(f"/api/calendar-feeds/{made['id']}/revoke")
    assert len(client.get("/api/calendar-feeds").json()) == 4


def test_withdrawing_twice_is_one_act(world: World) -> None:
    actor = world.actor("handler")
    made, token = services.make_feed(actor=actor, at=AT)
    assert [feed.pk for feed in feeds.feeds_of(actor)] == [made.pk]
    for _turn in range(2):
        services.revoke_feed(made.pk, actor=actor, at=AT)
    assert feeds.feeds_of(actor) == []
    told = [type_ for type_ in Entry.objects.values_list("type", flat=True) if type_.startswith("office.CalendarFeed")]
    assert sorted(told) == ["office.CalendarFeedMade", "office.CalendarFeedRevoked"]
    with pytest.raises(Refused):
        services.read_feed(token, AT)
