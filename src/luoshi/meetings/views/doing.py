"""The common walk of an act by page: do it once, say so, go where it is shown; a refusal is a sentence on its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from luoshi.delivery.views.doors import done_sentence, once, tell_masked
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

Do = Callable[[], tuple[int, str]]
"""Does an act; gives the id of its entry and the address that shows what it led to."""


def done(request: HttpRequest, do: Do, at: datetime, texts: Iterable[str] = ()) -> HttpResponse:
    """Do the act once, say so, go to what it led to.

    Args:
        request: of the page.
        do: the act.
        at: now.
        texts: what was typed, in which something may have been masked.

    Raises:
        Refused: whatever the act refuses.
    """

    def run() -> dict[str, Any]:
        entry, address = do()
        return {"entry": entry, "address": address}

    answer, repeat = once(request, run, at=at)
    if not repeat:
        tell_masked(request, list(texts))
    messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
    return HttpResponseRedirect(answer["address"])


def form_page(request: HttpRequest, form: Any, context: dict[str, Any], do: Do, at: datetime) -> HttpResponse:
    """A page with one form that does one act."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return done(request, do, at, [one for one in form.cleaned_data.values() if isinstance(one, str)])
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "meetings/form.html", context, status=status)
