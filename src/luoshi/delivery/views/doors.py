"""What every page of this application does at its door: who acts, one act for one sending, masked words told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from luoshi.accounts import services as accounts
from luoshi.accounts.models import User
from luoshi.delivery.models import Report
from luoshi.rules.documents import screening
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.units.queries import actor_for_request

NOT_CONTENT = {"csrfmiddlewaretoken", "idempotency_key"}
Choice = TypeVar("Choice", bound=Enum)


def actor_of(request: HttpRequest, at: datetime) -> Actor:
    """The person in a seat; what the middleware found is used again.

    Raises:
        Refused: ``no_post`` and its like.
    """
    known = getattr(request, "actor", None)
    return known if isinstance(known, Actor) else actor_for_request(request, at)


def named(choices: Iterable[Choice], word: str) -> Choice:
    """The one that an address names by its word, such as an act.

    Raises:
        Refused: ``not_found``.
    """
    found = next((one for one in choices if one.value == word), None)
    if found is None:
        raise Refused("not_found")
    return found


def version_of(request: HttpRequest) -> int | None:
    """The version the person looked at, from the form's hidden field."""
    value = request.POST.get("version", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def needed_version(request: HttpRequest) -> int:
    """The same, for what cannot be done without it.

    Raises:
        Refused: ``version_missing``.
    """
    version = version_of(request)
    if version is None:
        raise Refused("version_missing")
    return version


def key_of(request: HttpRequest) -> str:
    """The key under which this sending acts once; empty when the form had none."""
    return request.headers.get("Idempotency-Key") or request.POST.get("idempotency_key", "")


def content_digest(request: HttpRequest) -> str:
    """The digest of what was sent, without tokens and keys, so that a sending repeated by script or by hand is one."""
    fields = sorted((name, values) for name, values in request.POST.lists() if name not in NOT_CONTENT)
    files = sorted((name, [[one.name, one.size] for one in sent]) for name, sent in request.FILES.lists())
    body = json.dumps([fields, files], ensure_ascii=False)
    return accounts.request_digest(request.method or "", request.path, body.encode())


def once(request: HttpRequest, do: Callable[[], dict[str, Any]], *, at: datetime) -> tuple[dict[str, Any], bool]:
    """Do an act, or give the answer it was given before; returns the answer and whether it is a repeat.

    The act and the memory of it are one transaction, so neither stands without the other.

    Raises:
        Refused: ``key_malformed``, ``key_reused``, and what the act refuses.
    """
    key, user = key_of(request), request.user
    if not key or not isinstance(user, User):
        return do(), False
    digest = content_digest(request)
    with transaction.atomic():
        known = accounts.replay(user=user, key=key, digest=digest)
        if known is not None:
            return dict(known.body), True
        answer = do()
        accounts.remember(user=user, key=key, digest=digest, status=303, body=answer, at=at)
    return answer, False


def tell_masked(request: HttpRequest, texts: Iterable[str]) -> None:
    """Say which words are kept otherwise than they were typed: mobile numbers are masked before storing."""
    kept = []
    for text in texts:
        try:
            screened = screening.screen(text.strip())
        except Refused:
            continue
        if screened.masked:
            kept.append((screened.text, len(screened.masked)))
    if not kept:
        return
    count = sum(number for _text, number in kept)
    said = ngettext(
        "%(count)s mobile number was masked before storing. What is kept: “%(text)s”",
        "%(count)s mobile numbers were masked before storing. What is kept: “%(text)s”",
        count,
    )
    messages.warning(request, said % {"count": count, "text": " / ".join(text for text, _number in kept)[:400]})


def tell_known(request: HttpRequest, report: Report) -> None:
    """Say kindly that a file was there already: the content is kept once, whatever the reports it stands behind."""
    if report.twice:
        names = ", ".join(report.twice)
        messages.info(request, _("The same file was chosen twice and is kept once: %(names)s") % {"names": names})
    if report.known:
        names = ", ".join(report.known)
        said = _("Handed in before and kept once; next time it can be chosen instead of being sent: %(names)s")
        messages.info(request, said % {"names": names})


def done_sentence(number: int | None) -> str:
    """What a page says after an act, with the ledger entry beside it."""
    if number is None:
        return _("Done. It is in the ledger and gets its number in a moment.")
    return _("Done. Ledger entry %(number)s.") % {"number": number}
