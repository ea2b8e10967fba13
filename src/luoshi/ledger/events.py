"""What the ledger takes: frozen dataclasses of the applications' events."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Protocol

TYPE = re.compile(r"[a-z_]+\.[A-Z][A-Za-z0-9]+")


class Event(Protocol):
    """An act as it goes into the ledger（事件）: a frozen dataclass of JSON-safe fields, with a type and a version."""

    TYPE: ClassVar[str]
    V: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def data_of(event: Event) -> dict[str, Any]:
    """The fields of ``event`` as plain JSON values.

    Raises:
        ValueError: it is no dataclass, or its ``TYPE`` is not of the form ``app.ActDone``.
    """
    return {name: getattr(event, name) for name in _fields_of(type(event))}


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    if not is_dataclass(kind):
        raise ValueError(f"{kind!r} is not an event: an event is a frozen dataclass")
    if not TYPE.fullmatch(kind.TYPE):  # type: ignore[attr-defined]
        raise ValueError(f"{kind.TYPE!r} is no event type; write it like 'delivery.CommitmentClosed'")  # type: ignore[attr-defined]
    return tuple(field.name for field in fields(kind))
