"""What the tests of the desk share: the world of the delivery tests, and its people signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.test import Client

if TYPE_CHECKING:
    from tests.delivery.world import World

Enter = Callable[..., Client]


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """The delivery world; the doors read its moment as now."""
    from tests.delivery.world import build

    made = build()
    cache.set("luoshi.demo", False, None)  # otherwise asked again every few seconds, and statements are counted here
    monkeypatch.setattr("django.utils.timezone.now", lambda: made.at)
    return made


@pytest.fixture
def enter(world: World) -> Enter:
    """Sign a person of the world in; pages come in English unless told otherwise."""

    def sign_in(name: str, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(world.users[name])
        return client

    return sign_in
