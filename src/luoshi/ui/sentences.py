"""The one place where a refusal becomes a sentence（不予办理的说法）for pages, the API and the command line."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext

from luoshi.rules.refusals import Refused


def sentence(refused: Refused) -> str:
    """The refusal in the reader's language（理由）; message ids among its parameters are translated, too."""
    return gettext(refused.template) % {name: told(value) for name, value in refused.params.items()}


def told(value: Any) -> Any:
    """A parameter as a reader sees it: text through the catalogue, several of them joined, numbers as they are."""
    if isinstance(value, str):
        return gettext(value) if value else ""
    if isinstance(value, tuple | list | frozenset | set):
        between = "；" if (get_language() or "").startswith("zh") else "; "
        return between.join(str(told(item)) for item in value)
    return value


def refusal_context(refused: Refused) -> dict[str, Any]:
    """What the base template shows as ``refusal``."""
    return {"sentence": sentence(refused), "code": refused.code}
