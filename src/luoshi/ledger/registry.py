"""Which rows the ledger answers for: each governed model tells its rows' state, and ``audit`` compares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

State = Mapping[str, Any]
"""The governed fields of a row, JSON-safe, without floats."""
Rows = Callable[[], Iterable[tuple[str, State]]]

Reaction = Callable[[Any, datetime], None]
"""What an upper application does about a lower one's event: called with the event and the moment of the act."""

LABEL = re.compile(r"[a-z_]+\.[a-z_]+")
KEY = re.compile(r"(?P<label>[a-z_]+\.[a-z_]+):(?P<ref>[^\x00-\x1f]+)")

_governed: dict[str, Rows] = {}
_parts: set[str] = set()
_reactions: dict[str, list[Reaction]] = {}


def govern(label: str, iterator: Rows, *, part: bool = False) -> None:
    """Put a model under the audit（纳管）; called once in ``AppConfig.ready()``.

    Args:
        label: ``app.model`` in lower case; the rows' keys are ``label:ref``.
        iterator: yields ``(key, ledger_state)`` of every row, streamed.
        part: a row is asked about by the subjects of its entries alone: see :func:`indexed`.

    Raises:
        ValueError: a label of another form, or one governed already by something else.
    """
    if not LABEL.fullmatch(label):
        raise ValueError(f"{label!r} is no label; write it like 'delivery.commitment'")
    if _governed.get(label, iterator) is not iterator:
        raise ValueError(f"{label!r} is governed already")
    _governed[label] = iterator
    if part:
        _parts.add(label)


def governed() -> Mapping[str, Rows]:
    """The governed models by label, in the order they registered."""
    return dict(_governed)


def require_governed(key: str) -> None:
    """Let a key ``app.model:ref`` of a governed row pass.

    Raises:
        ValueError: it is no key, or nobody governs its label.
    """
    label, _colon, own = key.partition(":")
    if label in _governed and own.isprintable() and own:
        return  # a governed label is one: what is usual is not taken apart
    label = label_of(key)
    if label not in _governed:
        raise ValueError(f"nobody governs {label!r}: register it with ledger.registry.govern()")


def indexed(subjects: Iterable[str], keys: Iterable[str]) -> list[str]:
    """By what an entry is found（索引）: its subjects, and the keys of what it changed that are not found otherwise.

    A part is found by what it belongs to, and a row whose own number is among the subjects by that number.

    Args:
        subjects: what the act is about.
        keys: of the rows whose governed state it changed.
    """
    found = dict.fromkeys(subjects)
    for key in keys:
        label, _colon, own = key.partition(":")
        if label not in _parts and own not in found:
            found[key] = None
    return list(found)


def asked_by(ref: str) -> tuple[str, ...]:
    """What may stand in the index for ``ref``: itself and, for a key of a governed row, the row's own number."""
    label, _colon, own = ref.partition(":")
    return (ref, own) if own and label in _governed else (ref,)


def subscribe(event_type: str, reaction: Reaction) -> None:
    """Let an upper application react to a lower one's event（订阅）; called once in ``AppConfig.ready()``.

    The reaction runs after the act is committed, in its own transaction; it must be repeatable.
    """
    reactions = _reactions.setdefault(event_type, [])
    if reaction not in reactions:
        reactions.append(reaction)


def reactions_to(event_type: str) -> tuple[Reaction, ...]:
    """The reactions to an event of that type, in the order they registered."""
    return tuple(_reactions.get(event_type, ()))


def label_of(key: str) -> str:
    """The label of a key ``app.model:ref``.

    Raises:
        ValueError: it is no key.
    """
    match = KEY.fullmatch(key)
    if not match:
        raise ValueError(f"{key!r} is no key of a governed row; write it like 'delivery.commitment:YN-2024-03-0231'")
    return match["label"]
