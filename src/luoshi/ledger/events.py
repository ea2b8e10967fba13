"""What the ledger takes: frozen dataclasses of the apps' ``events.py``."""

from __future__ import annotations

import re
from dataclasses import asdict, is_dataclass
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
    if not is_dataclass(event) or isinstance(event, type):
        raise ValueError(f"{event!r} is not an event: an event is a frozen dataclass")
    if not TYPE.fullmatch(event.TYPE):
        raise ValueError(f"{event.TYPE!r} is no event type; write it like 'delivery.CommitmentClosed'")
    return asdict(event)
