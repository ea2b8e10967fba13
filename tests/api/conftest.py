"""The world of the delivery tests, and a program that speaks to the API for each of its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.delivery.world import World


@pytest.fixture
def world(db: None) -> World:
    from tests.delivery.world import build

    return build()


@dataclass
class Program:
    """A client with one person's token."""

    client: Any

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get("/api/v1" + path, query)

    def post(self, path: str, body: Any = None, *, version: int | None = None, key: str = "") -> Any:
        headers = {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if key:
            headers["Idempotency-Key"] = key
        extra = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.post("/api/v1" + path, headers=headers, **extra)


@pytest.fixture
def program(world: World) -> Callable[[str], Program]:
    from django.test import Client
    from django.utils import timezone

    from luoshi.accounts.services import create_token
    from luoshi.rules.permissions import SYSTEM

    def of(name: str) -> Program:
        _token, plain = create_token(user=world.users[name], name="test", actor=SYSTEM, at=timezone.now())
        return Program(Client(raise_request_exception=False, headers={"Authorization": f"Bearer {plain}"}))

    return of
