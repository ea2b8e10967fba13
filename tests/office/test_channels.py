"""Channels outside: signed, retried, replayed, never into the house, disabled when dead; nothing secret told twice."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from luoshi.accounts.models import User
from luoshi.ledger.models import Entry
from luoshi.office import services
from luoshi.office.adapters import outward, posting
from luoshi.office.models import Attempt, Delivery, Message, Outlet
from luoshi.office.queries import channels as queries
from luoshi.office.services import deliver_due, notify
from luoshi.office.services.channels import HOLD
from luoshi.office.services.sending.outlets import LINES
from luoshi.rules.refusals import Refused
from luoshi.units.models import Post

from .receiver import Receiver, receiving
from .world import AT, World

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def inside(settings: Any) -> None:
    settings.CHANNEL_INSIDE_HOSTS = frozenset({"127.0.0.1"})
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def added(world: World, there: Receiver, kind: str = "webhook", **values: Any) -> tuple[Outlet, str]:
    told = {"name": "Desk", "address": there.address, "unit_id": world.county.pk, "discreet": False} | values
    return services.add_channel(actor=world.actor("admin"), kind=kind, at=AT - MINUTE, **told)


def tell(world: World, *names: str, key: str = "k:1", at: dt.datetime = AT, urgent: bool = False) -> list[Message]:
    return notify(
        [world.posts[name] for name in names or ("handler",)],
        kind="test",
        key=key,
        subject="%(ref)s was closed",
        link="/c/YN-1/",
        at=at,
        params={"ref": "YN-1"},
        urgent=urgent,
    )


def outside(**values: Any) -> list[Delivery]:
    return list(Delivery.objects.exclude(outlet=None).filter(**values).order_by("pk"))


def test_a_webhook_is_signed_over_time_and_body(world: World, there: Receiver) -> None:
    found, key = added(world, there)
    tell(world)
    assert deliver_due(AT) == 1
    (got,) = there.got
    stamp = got.headers["x-luoshi-timestamp"]
    wanted = hmac.new(key.encode(), stamp.encode() + b"." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-luoshi-signature"] == f"v1={wanted}"
    assert got.headers["x-luoshi-key-id"] == found.key_id == f"{found.pk}.1"
    told = json.loads(got.body)
    assert (told["post"], told["kind"], told["params"]) == ("P-handler", "test", {"ref": "YN-1"})
    assert told["link"] == "http://127.0.0.1:8000/c/YN-1/"
    assert got.headers["idempotency-key"] == told["key"]
    (row,) = outside()
    (attempt,) = row.tries.all()
    assert (row.state, attempt.outcome, attempt.status, attempt.signature) == ("sent", "sent", 200, wanted)


@pytest.mark.principle(6)
def test_what_fails_is_tried_again_under_the_same_key(world: World, there: Receiver) -> None:
    added(world, there)
    tell(world)
    there.status = 500
    assert deliver_due(AT) == 0
    assert deliver_due(AT + 30 * dt.timedelta(seconds=1)) == 0
    assert len(there.got) == 1
    there.status = 204
    there.answer = b""
    assert deliver_due(AT + 2 * MINUTE) == 1
    first, second = there.got
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body
    assert [one.outcome for one in outside()[0].tries.order_by("pk")] == ["failed", "sent"]
    assert Outlet.objects.get().failures == 0


def test_a_batch_goes_over_a_few_connections(world: World, there: Receiver) -> None:
    added(world, there)
    for number in range(40):
        tell(world, key=f"k:{number}")
    assert deliver_due(AT) == 40
    assert there.connections <= LINES


def test_who_speaks_for_whom(world: World, there: Receiver) -> None:
    own, _key = added(world, there, name="county")
    below, _key = added(world, there, name="prefecture", unit_id=world.prefecture.pk, below=True)
    alarm, _key = added(world, there, name="alarms", unit_id=world.prefecture.pk, below=True, urgent_only=True)
    tell(world, "handler", "stranger", key="a")
    tell(world, "stranger", key="b", urgent=True)
    assert deliver_due(AT) == 5
    by = {name: Delivery.objects.filter(outlet__name=name).count() for name in ("county", "prefecture", "alarms")}
    assert by == {"county": 1, "prefecture": 3, "alarms": 1}
    assert {own.kind, below.kind, alarm.kind} == {"webhook"}


def test_a_channel_added_later_is_told_nothing_old(world: World, there: Receiver) -> None:
    tell(world, at=AT - HOUR)
    added(world, there)
    assert deliver_due(AT) == 0
    assert not there.got


# --- Bots and telephones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["wecom", "dingtalk", "feishu"])
def test_a_bot_tells_many_things_in_one_message(world: World, there: Receiver, kind: str) -> None:
    secret = "SEC0123" if kind != "wecom" else ""
    added(world, there, kind, secret=secret, address=there.address + "?key=abc", discreet=False)
    tell(world, "handler", "head", key="a")  # one thing for two posts of the group: told once
    tell(world, key="b")
    assert deliver_due(AT) == 2
    (got,) = there.got
    told = json.loads(got.body)
    text = told["content"]["text"] if kind == "feishu" else told["text"]["content"]
    assert text.count("http://127.0.0.1:8000/c/YN-1/") == 2
    assert "key=abc" in got.path
    assert ("sign=" in got.path) == (kind == "dingtalk")
    assert ("sign" in told) == (kind == "feishu")
    assert deliver_due(AT) == 0


def test_a_bot_that_refuses_with_status_200_has_not_taken_it(world: World, there: Receiver) -> None:
    found, _key = added(world, there, "wecom")
    tell(world)
    there.answer = b'{"errcode": 93000, "errmsg": "invalid webhook url"}'
    assert deliver_due(AT) == 0
    found.refresh_from_db()
    assert "93000" in found.last_error
    there.answer = b"<html>signed out</html>"
    assert deliver_due(AT + 2 * MINUTE) == 0
    there.answer = b'{"errcode": 0}'
    assert deliver_due(AT + HOUR) == 1


def test_a_discreet_channel_tells_no_title(world: World, there: Receiver) -> None:
    added(world, there, "feishu", discreet=True)
    added(world, there, "webhook", discreet=True)
    tell(world)
    assert deliver_due(AT) == 2
    assert all(b"was closed" not in got.body for got in there.got)
    assert all(b"/c/YN-1/" in got.body for got in there.got)


def test_bots_are_silent_at_night_but_for_alarms(world: World, there: Receiver, settings: Any) -> None:
    settings.QUIET_HOURS, settings.WORKING_DAYS_ONLY = "20:00-08:00", True
    added(world, there, "wecom")
    night = AT + dt.timedelta(hours=14)  # 23:00 in Shanghai
    tell(world, key="quiet", at=night)
    tell(world, key="loud", at=night, urgent=True)
    assert deliver_due(night) == 1
    assert outside(message__key="quiet")[0].next_at == dt.datetime(2026, 3, 3, 0, 0, tzinfo=dt.UTC)
    assert deliver_due(AT + dt.timedelta(days=1)) == 1


def test_a_telephone_rings_only_for_alarms_and_only_at_the_post(world: World, there: Receiver) -> None:
    Post.objects.filter(ref="P-handler").update(contact="值班室 0872-5120 119（转）")
    added(world, there, "sms")
    tell(world, "handler", "head", key="calm")
    tell(world, "handler", "head", key="alarm", urgent=True)
    assert deliver_due(AT) == 1
    told = json.loads(there.got[0].body)
    assert (told["kind"], told["to"]) == ("sms", "08725120119")
    services.set_wish(
        actor=world.actor("handler"), email=True, phone=False, mode="each", digest_hour=9, quiet="house", at=AT
    )
    tell(world, "handler", key="again", urgent=True)
    assert deliver_due(AT) == 0


# --- Only outwards ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/x",
        "https://user:pass@example.org/x",
        "https:///x",
        "https://example.org:0/",
        "javascript:alert(1)",
        "https://exa mple.org/",
        "https://例子.中国/",
    ],
)
def test_what_is_no_address_is_refused(world: World, there: Receiver, address: str) -> None:
    with pytest.raises(Refused) as refused:
        added(world, there, address=address)
    assert refused.value.code == "channel_address"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "localhost",
    ],
)
def test_nothing_inside_the_network_is_asked(world: World, there: Receiver, settings: Any, host: str) -> None:
    settings.CHANNEL_INSIDE_HOSTS = frozenset()
    with pytest.raises(Refused) as refused:
        added(world, there, address=f"https://{host}/hook")
    assert refused.value.code == "channel_inside"


def test_plain_http_is_for_debugging_and_hosts_that_are_allowed(world: World, there: Receiver, settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(Refused) as refused:
        added(world, there, address="http://example.org/hook")
    assert refused.value.code == "channel_address"
    assert added(world, there)[0].host.startswith("127.0.0.1:")


def test_a_name_that_turns_inwards_later_is_not_followed(world: World, there: Receiver, settings: Any) -> None:
    found, _key = added(world, there)
    settings.CHANNEL_INSIDE_HOSTS = frozenset()
    tell(world)
    assert deliver_due(AT) == 0
    assert not there.got
    found.refresh_from_db()
    assert "inside the network" in found.last_error


def test_a_redirect_is_not_followed(world: World, there: Receiver) -> None:
    added(world, there)
    with receiving() as other:
        there.status, there.headers = 302, {"Location": other.address}
        tell(world)
        assert deliver_due(AT) == 0
        assert not other.got
    assert outside()[0].tries.get().status == 302


def test_a_receiver_that_drips_or_talks_too_long_is_cut(
    world: World, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(world, there)
    there.answer = b"x" * (posting.MOST * 4)
    tell(world)
    assert deliver_due(AT) == 1  # it said 200; the rest is of no interest
    monkeypatch.setattr(posting, "SECONDS", 0.2)
    monkeypatch.setattr(posting, "WHOLE", 0.3)
    there.pause = 0.8
    tell(world, key="k:2")
    assert deliver_due(AT) == 0
    assert outside(state="failed")[0].last_error == "no answer in time from 127.0.0.1"


def test_addresses_hidden_in_others_are_seen() -> None:
    import ipaddress

    for text in ("::ffff:10.0.0.1", "2002:a00:1::", "64:ff9b::a00:1"):
        assert any(one.is_private for one in outward.meant(ipaddress.ip_address(text))), text


# --- What is secret stays so ------------------------------------------------------------------------------------------


@pytest.mark.principle(10)
def test_address_and_key_are_in_no_row_entry_page_or_answer(world: World, there: Receiver, client: Client) -> None:
    secret_address = there.address + "?key=top-secret-part"
    _found, key = added(world, there, address=secret_address)
    tell(world)
    deliver_due(AT)
    assert there.got[0].path.endswith("?key=top-secret-part")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed_address, sealed_secret, host FROM office_outlet")
        kept = " ".join(cursor.fetchone())
        cursor.execute("SELECT error, signature FROM office_attempt")
        kept += str(cursor.fetchall())
    kept += "".join(map(str, Entry.objects.values_list("leaf", flat=True)))
    kept += "".join(str(row) for row in Entry.objects.values())
    assert "top-secret-part" not in kept
    assert key not in kept


def test_a_new_key_signs_and_the_old_one_does_not(world: World, there: Receiver) -> None:
    found, old = added(world, there)
    _row, new = services.change_channel_key(found.pk, actor=world.actor("admin"), at=AT)
    tell(world)
    deliver_due(AT)
    got = there.got[0]
    stamp = got.headers["x-luoshi-timestamp"].encode()
    made = {key: hmac.new(key.encode(), stamp + b"." + got.body, hashlib.sha256).hexdigest() for key in (old, new)}
    assert got.headers["x-luoshi-signature"] == f"v1={made[new]}" != f"v1={made[old]}"
    assert got.headers["x-luoshi-key-id"].endswith(".2")


def test_another_secret_key_of_the_installation_says_so(world: World, there: Receiver, settings: Any) -> None:
    found, _key = added(world, there)
    settings.SECRET_KEY_FALLBACKS = []
    before = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    tell(world)
    assert deliver_due(AT) == 0
    found.refresh_from_db()
    assert "another secret key" in found.last_error
    settings.SECRET_KEY_FALLBACKS = [before]
    assert deliver_due(AT + HOUR) == 1


# --- Dead, enabled, repeated ------------------------------------------------------------------------------------------


def down_for(world: World, hours: int, start: dt.datetime = AT) -> dt.datetime:
    now = start
    for _turn in range(hours):
        assert deliver_due(now) == 0
        now += HOUR
    return now


def test_a_channel_that_fails_for_three_days_is_disabled_and_shown(world: World, client: Client) -> None:
    gone = Receiver()
    with receiving(gone):
        found, _key = added(world, gone)
    tell(world)
    now = down_for(world, 70)
    found.refresh_from_db()
    assert found.enabled
    now = down_for(world, 20, now)
    found.refresh_from_db()
    assert (found.enabled, found.died) == (False, True)
    assert [row.pk for row in queries.dead()] == [found.pk]
    told = Message.objects.get(kind="office.channel_dead")
    assert told.post == world.posts["admin"]
    assert "Desk" in told.subject_text
    assert "office.ChannelDisabled" in set(Entry.objects.values_list("type", flat=True))
    tries = Attempt.objects.count()
    down_for(world, 5, now)
    assert Attempt.objects.count() == tries, "a dead channel is left alone"

    with receiving(gone):
        tell(world, key="k:2", at=now)
        deliver_due(now)
        assert not gone.got
        assert services.try_channel(found.pk, actor=world.actor("admin"), at=now).state == "sent"
        services.enable_channel(found.pk, actor=world.actor("admin"), at=now)
        assert deliver_due(now) == 2
    assert len({got.headers["idempotency-key"] for got in gone.got}) == 3


def test_what_has_waited_longer_than_a_week_is_given_up_when_enabled(world: World) -> None:
    gone = Receiver()
    with receiving(gone):
        found, _key = added(world, gone)
    tell(world)
    down_for(world, 90)
    later = AT + HOLD + dt.timedelta(days=1)
    with receiving(gone):
        services.enable_channel(found.pk, actor=world.actor("admin"), at=later)
        assert deliver_due(later) == 0
    assert outside()[0].state == "dead"


def test_a_receiver_that_knows_us_no_more_is_dead_within_hours(world: World, there: Receiver) -> None:
    found, _key = added(world, there)
    there.status = 410
    tell(world)
    down_for(world, 4)
    found.refresh_from_db()
    assert found.died
    assert outside()[0].state == "failed", "its message waits"


def test_one_poisonous_message_does_not_stop_the_others(world: World, there: Receiver) -> None:
    found, _key = added(world, there)
    there.status = 422
    tell(world, key="bad")
    now = AT
    for _turn in range(4):
        deliver_due(now)
        now += HOUR
    assert outside()[0].state == "dead"
    there.status = 200
    tell(world, key="good", at=now)
    assert deliver_due(now) == 1
    found.refresh_from_db()
    assert found.enabled


def test_a_person_sends_again_under_the_same_key(world: World, there: Receiver) -> None:
    found, _key = added(world, there)
    tell(world)
    deliver_due(AT)
    (row,) = outside()
    admin = world.actor("admin")
    assert services.repeat_deliveries(found.pk, actor=admin, at=AT, delivery_id=row.pk) == 1
    with pytest.raises(Refused) as refused:
        services.repeat_deliveries(found.pk, actor=admin, at=AT, delivery_id=row.pk)
    assert refused.value.code == "delivery_on_its_way"
    assert deliver_due(AT) == 1
    first, second = there.got
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body
    assert [one.replayed_by for one in row.tries.order_by("pk")] == ["", "P-admin"]
    assert "office.DeliveriesRepeated" in set(Entry.objects.values_list("type", flat=True))
    services.disable_channel(found.pk, actor=admin, why="moved", at=AT)
    with pytest.raises(Refused) as refused:
        services.repeat_deliveries(found.pk, actor=admin, at=AT, delivery_id=row.pk)
    assert refused.value.code == "channel_disabled"


def test_only_administrators_of_the_area_manage(world: World, there: Receiver) -> None:
    found, _key = added(world, there)
    for act in (services.enable_channel, services.disable_channel, services.change_channel_key, services.try_channel):
        with pytest.raises(Refused) as refused:
            act(found.pk, actor=world.actor("head"), at=AT)  # type: ignore[operator]
        assert refused.value.code == "administrators_only"
    with pytest.raises(Refused):
        services.add_channel(actor=world.actor("above"), kind="webhook", name="x", address=there.address, at=AT)


# --- Doors ------------------------------------------------------------------------------------------------------------


def signed_in(world: World, client: Client, name: str) -> Client:
    client.force_login(world.users[name])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.mark.urls("tests.office.urls")
def test_the_pages_of_an_administrator(world: World, there: Receiver, client: Client) -> None:
    signed_in(world, client, "admin")
    assert "No channel yet" in client.get("/office/channels/").content.decode()
    form = {"kind": "webhook", "name": "Desk", "address": there.address, "unit_id": world.prefecture.pk, "below": "on"}
    page = client.post("/office/channels/", form)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    body = page.content.decode()
    found = Outlet.objects.get()
    key = body.split('id="channel-key"')[1].split(">")[1].split("<")[0]
    assert len(key) > 40
    place = f"/office/channels/{found.pk}/"
    again = client.get(place).content.decode()
    assert key not in again
    assert "/hook" not in again
    assert client.post(f"{place}test/").status_code == 302
    assert json.loads(there.got[-1].body)["kind"] == "office.test"
    there.status = 503
    client.post(f"{place}test/")
    shown = client.get(place).content.decode()
    assert "was not taken" in shown
    assert "503" in shown
    there.status = 200
    row = Delivery.objects.filter(outlet=found, state="sent").first()
    assert row is not None
    assert client.post(f"{place}deliveries/{row.pk}/repeat/").status_code == 302
    assert client.post(f"{place}disable/", {"why": "moved house"}).status_code == 302
    assert "moved house" in client.get(place).content.decode()
    assert client.post(f"{place}enable/").status_code == 302
    assert client.post(f"{place}nothing/").status_code == 404
    wrong = client.post("/office/channels/", {**form, "address": "https://10.0.0.1/"})
    assert wrong.status_code == 422
    assert "lies inside the network" in wrong.content.decode()
    signed_in(world, client, "head")
    assert client.get("/office/channels/").status_code == 403
    assert client.post(f"{place}test/").status_code == 403


@pytest.mark.urls("tests.office.urls")
def test_the_page_of_a_channel_asks_as_often_for_many_as_for_one(
    world: World, there: Receiver, client: Client, django_assert_max_num_queries: Any
) -> None:
    found, _key = added(world, there)
    for number in range(60):
        tell(world, key=f"k:{number}")
    assert deliver_due(AT) == 60
    signed_in(world, client, "admin")
    with django_assert_max_num_queries(14):
        page = client.get(f"/office/channels/{found.pk}/").content.decode()
    assert page.count('/repeat/" data-send') == 50
    assert "before=" in page
    with django_assert_max_num_queries(16):
        client.get("/office/channels/")


@pytest.mark.urls("tests.office.urls")
def test_the_api_does_what_the_pages_do(world: World, there: Receiver, client: Client) -> None:
    signed_in(world, client, "admin")

    def post(path: str, data: Any = None) -> Any:
        return client.post(path, json.dumps(data or {}), content_type="application/json")

    made = post("/api/channels", {"kind": "webhook", "name": "Desk", "address": there.address, "below": True}).json()
    assert len(made["secret"]) > 40
    place = f"/api/channels/{made['id']}"
    listed = client.get("/api/channels").json()
    assert [(one["id"], "secret" in one) for one in listed] == [(made["id"], False)]
    tried = post(f"{place}/test").json()
    assert (tried["state"], tried["tries"][0]["outcome"]) == ("sent", "sent")
    tell(world, at=AT + dt.timedelta(days=400))
    deliver_due(AT + dt.timedelta(days=400))
    rows = client.get(f"{place}/deliveries?state=sent").json()["items"]
    assert len(rows) == 2
    assert post(f"{place}/repeat", {"delivery": rows[0]["id"]}).json() == {"count": 1}
    assert post(f"{place}/repeat", {"delivery": rows[0]["id"]}).status_code == 409
    assert post(f"{place}/key").json()["key_id"].endswith(".2")
    assert post(f"{place}/disable", {"why": "x"}).json()["enabled"] is False
    assert post(f"{place}/enable").json()["enabled"] is True
    message = Message.objects.get(kind="test")
    record = client.get(f"/api/messages/{message.pk}/deliveries").json()
    assert {one["channel"] for one in record} == {"in_app", "webhook"}
    assert post("/api/channels", {"kind": "pigeon", "name": "x", "address": there.address}).status_code == 422
    signed_in(world, client, "stranger")
    assert client.get("/api/channels").status_code == 403
    assert client.get(f"/api/messages/{message.pk}/deliveries").status_code == 404


def test_the_command(world: World, there: Receiver, settings: Any) -> None:
    def run(*args: str) -> str:
        out = StringIO()
        call_command("channel", *args, stdout=out)
        return out.getvalue()

    told = run("add", "webhook", "Desk", there.address, "--unit", "洱源县", "--titles")
    key_id, key = told.splitlines()[-1].split()
    assert key_id.endswith(".1")
    assert len(key) > 40
    number = key_id.split(".")[0]
    assert "Desk" in run("list")
    run("test", number)
    there.status = 404
    with pytest.raises(CommandError) as failed:
        run("test", number)
    assert failed.value.returncode == 1
    there.status = 200
    assert run("key", number).startswith(f"{number}.2 ")
    run("disable", number, "--why", "moved")
    run("enable", number)
    assert "P-" in run("deliveries", number)
    assert run("repeat", number).strip() == "0"


@pytest.mark.urls("tests.office.urls")
def test_who_sees_the_record_of_a_message(world: World, there: Receiver, client: Client) -> None:
    added(world, there)
    (row,) = notify(
        [world.posts["handler"]], kind="t", key="x", subject="Words of mine", at=AT, sender=world.posts["above"].pk
    )
    deliver_due(AT)
    place = f"/office/messages/{row.pk}/"
    seen = {}
    for name in ("handler", "above", "admin", "head", "stranger"):
        signed_in(world, client, name)
        page = client.get(place)
        body = page.content.decode()
        seen[name] = (page.status_code, "Words of mine" in body, "Desk" in body)
    assert seen["handler"] == seen["above"] == (200, True, True)
    assert seen["admin"] == (200, False, True), "an administrator sees how, not what"
    assert seen["head"][0] == seen["stranger"][0] == 404
    signed_in(world, client, "above")
    sent = client.get("/office/messages/sent/").content.decode()
    assert "Words of mine" in sent
    assert "webhook sent" in sent
    assert User.objects.count() == 5
