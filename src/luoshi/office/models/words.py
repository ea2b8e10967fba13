"""Sentences kept as message id and values, so that the reader's language decides when they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def say(text: str, params: Mapping[str, Any] | None = None) -> str:
    """Translate ``text`` and fill its ``%(name)s`` places.

    A value that is itself a mapping ``{"text": …, "params": …}`` is translated too (a state, a word of the product).
    A place without a value stays visible as it is, rather than failing the page that shows it.
    """
    if not text:
        return ""
    values = {
        name: say(value.get("text", ""), value.get("params")) if isinstance(value, Mapping) else value
        for name, value in (params or {}).items()
    }
    sentence = gettext(text)
    try:
        return sentence % values if values or "%%" in sentence else sentence
    except (KeyError, TypeError, ValueError):
        return sentence
