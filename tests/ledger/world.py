"""A small governed world for the ledger's tests: rows in a dict, acts that change them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import transaction

from luoshi.ledger import services
from luoshi.ledger.models import Entry
from luoshi.rules.permissions import Actor, Role, Seat

AT = datetime(2024, 3, 1, 8, 30, tzinfo=UTC)
SEAT = Seat(7, "532930-office", "洱源县督查室", Role.OFFICE, 3, "00001.", "00001.")
PRINCIPAL = Seat(8, "532930-head", "洱源县主要负责人", Role.HEAD, 3, "00001.", "00001.")
ACTOR = Actor(user_id=11, username="li.ming", name="李明", seat=SEAT)
DEPUTY = Actor(user_id=11, username="li.ming", name="李明", seat=SEAT, principal=PRINCIPAL)


@dataclass(frozen=True)
class ThingDone:
    """An act upon a thing."""

    TYPE: ClassVar[str] = "probe.ThingDone"
    V: ClassVar[int] = 1

    ref: str
    words: str = "已完成"
    units: tuple[str, ...] = ()


rows: dict[str, dict[str, Any]] = {}


def iterate() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from list(rows.items())


def act(ref: str, *, actor: Actor = ACTOR, at: datetime = AT, **fields: Any) -> Entry:
    """One act on one row: change it and write it down."""
    key = f"probe.thing:{ref}"
    with transaction.atomic():
        rows.setdefault(key, {}).update(fields)
        return services.append(ThingDone(ref), actor=actor, at=at, after={key: fields}, subjects=(ref,))


def number_all(at: datetime = AT) -> None:
    while services.sequence_pending(at):
        pass
