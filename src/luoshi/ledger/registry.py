"""Which rows the ledger answers for: each governed model tells its rows' state, and ``audit`` compares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

State = Mapping[str, Any]
"""The governed fields of a row, JSON-safe, without floats."""
Rows = Callable[[], Iterable[tuple[str, State]]]

LABEL = re.compile(r"[a-z_]+\.[a-z_]+")
KEY = re.compile(r"(?P<label>[a-z_]+\.[a-z_]+):(?P<ref>[^\x00-\x1f]+)")

_governed: dict[str, Rows] = {}


def govern(label: str, iterator: Rows) -> None:
    """Put a model under the audit（纳管）; called once in ``AppConfig.ready()``.

    Args:
        label: ``app.model`` in lower case; the rows' keys are ``label:ref``.
        iterator: yields ``(key, ledger_state)`` of every row, streamed.

    Raises:
        ValueError: a label of another form, or one governed already by something else.
    """
    if not LABEL.fullmatch(label):
        raise ValueError(f"{label!r} is no label; write it like 'delivery.commitment'")
    if _governed.get(label, iterator) is not iterator:
        raise ValueError(f"{label!r} is governed already")
    _governed[label] = iterator


def governed() -> Mapping[str, Rows]:
    """The governed models by label, in the order they registered."""
    return dict(_governed)


def label_of(key: str) -> str:
    """The label of a key ``app.model:ref``.

    Raises:
        ValueError: it is no key.
    """
    match = KEY.fullmatch(key)
    if not match:
        raise ValueError(f"{key!r} is no key of a governed row; write it like 'delivery.commitment:YN-2024-03-0231'")
    return match["label"]
