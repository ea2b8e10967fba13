"""Meetings: who sees them, at the page and over the API."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from tests.delivery.world import World


def client(world: World, name: str) -> Client:
    found = Client(headers={"accept-language": "en"})
    found.force_login(world.users[name])
    return found


def test_an_empty_list_says_what_will_be_listed(world: World) -> None:
    answer = client(world, "office").get(reverse("meetings:meetings"))
    assert answer.status_code == 200
    assert "No meeting yet" in answer.content.decode()
    assert client(world, "b_head").get("/api/v1/meetings").json() == {"items": [], "next": None}
