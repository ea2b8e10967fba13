"""What every request carries, who gets in, and how a refusal is shown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.delivery.world import World


@pytest.fixture
def world(db: None) -> World:
    from tests.delivery.world import build

    return build()


def signed_in(world: World, name: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.users[name], backend="luoshi.accounts.adapters.sign_in.Passwords")
    return client


def test_pages_ask_for_a_sign_in_and_some_do_not(db: None) -> None:
    client = Client()
    for address in ("/units/", "/office/messages/", "/p/", "/c/YN-2026-03-0001/"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/"), address
    assert client.get("/account/login/").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/l/unknown/").status_code == 404


def test_a_form_sent_by_script_is_told_and_keeps_its_words(db: None) -> None:
    answer = Client().post("/c/YN-2026-03-0001/report/", headers={"X-Requested-With": "luoshi"})
    assert answer.status_code == 401
    assert b"signed_out" in answer.content


def test_an_anonymous_request_for_what_is_not_there_asks_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        Client().get("/healthz/nothing", headers={"Accept": "text/plain"})


def test_a_refusal_nobody_caught_is_a_page_with_its_code(world: World) -> None:
    answer = signed_in(world, "b_head").get("/office/messages/99/")
    assert answer.status_code == 404
    assert b"not_found" in answer.content
    assert answer["Cache-Control"] == "no-store"


def test_seats_and_actor_are_known(world: World) -> None:
    answer = signed_in(world, "a_head").get("/p/")
    assert answer.status_code == 200
    request = answer.wsgi_request
    assert request.actor.seat.post_ref == "P-a_head"
    assert [(seat["key"], seat["current"]) for seat in request.seats] == [("P-a_head", True)]
    assert (request.unread, request.demo_people) == (0, [])


def test_health_tells_a_clock_that_stands_still(world: World, settings: Any, tmp_path: Any) -> None:
    from django.utils import timezone

    from luoshi.office.adapters import heartbeat

    settings.STATE = tmp_path
    assert Client().get("/healthz").json()["clock"] == "unknown"
    heartbeat.beat(timezone.now())
    assert Client().get("/healthz").json()["clock"] == "ok"
    heartbeat.beat(timezone.now() - dt.timedelta(minutes=5))
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["clock"]) == (503, "failed")


def test_one_turn_of_the_clock_does_everything_once(world: World, settings: Any, tmp_path: Any) -> None:
    from django.utils import timezone

    from luoshi.config.clock import Turn
    from luoshi.delivery.models import Commitment

    settings.STATE = tmp_path
    c = world.issued()
    turn = Turn()
    counts = turn.work(timezone.now())
    assert counts["lights"] == 1
    assert counts["checkpoints"] == 1
    c.refresh_from_db()
    assert Commitment.objects.get(pk=c.pk).light == "red"
    again = turn.work(timezone.now())
    assert again["lights"] == 0
    assert "checkpoints" not in again
