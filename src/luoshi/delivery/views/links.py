"""Reporting by a signed short link（短链接反馈）: no account, one post, one commitment, for a while."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from luoshi.delivery.forms import ActForm, Choices, form_class
from luoshi.delivery.models import Report, ShortLink
from luoshi.delivery.queries import pages
from luoshi.delivery.schemas import perform
from luoshi.delivery.services.linking import digest_of
from luoshi.delivery.views import words
from luoshi.delivery.views.commitments import headline
from luoshi.delivery.views.doors import tell_masked, version_of
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.adapters.counting import once_more
from luoshi.office.services import store_file
from luoshi.rules import lifecycle, lights
from luoshi.rules.documents import screening
from luoshi.rules.lifecycle import Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop
from luoshi.ui.sentences import refusal_context

_N = gettext_noop
declare(
    429,
    link_too_often=_N(
        "Too many sendings in a short time. What you wrote is still here; send it again in a few minutes."
    ),
)
declare(
    410,
    link_expired=_N("This link has expired. Ask whoever sent it for a new one."),
    link_revoked=_N("This link was cancelled. Ask whoever sent it for a new one."),
)

SENDINGS_AN_HOUR = 20
"""Sendings one link takes in an hour; a report takes one."""
UNKNOWN_AN_HOUR = 60
"""Unknown links one address may try in an hour."""
NOT_ASKED = ("links", "next_step", "reuse", "corrects")
"""What the short form leaves out."""


def _count(key: str, limit: int) -> None:
    """One more within the hour.

    Raises:
        Refused: ``link_too_often``.
    """
    if not once_more(key, limit, seconds=3600):
        raise Refused("link_too_often")


def _opened(request: HttpRequest, token: str, at: datetime) -> ShortLink:
    """The link that still opens.

    Raises:
        Refused: ``link_unknown``, ``link_revoked``, ``link_expired``, ``link_too_often``.
    """
    link = pages.link_by_digest(digest_of(token)) if len(token) < 100 else None
    if link is None:
        _count(f"luoshi.link.unknown:{request.META.get('REMOTE_ADDR', '')}", UNKNOWN_AN_HOUR)
        raise Refused("link_unknown")
    if link.revoked_at is not None or not link.post.active or link.post.unit_id != link.commitment.lead_id:
        raise Refused("link_revoked")
    if link.expires_at <= at:
        raise Refused("link_expired")
    return link


def _holder(link: ShortLink) -> Actor:
    """Whoever holds the link acts for its post; no person is known."""
    return Actor(user_id=0, username="link", name=link.post.title, seat=link.post.seat())


def _form(link: ShortLink, request: HttpRequest) -> ActForm:
    posted = request.method == "POST"
    form = form_class(Act.REPORT, Choices())(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial={"percent": link.commitment.said},
    )
    for name in NOT_ASKED:
        form.fields.pop(name, None)
    form.fields["problems"].widget = forms.Textarea(attrs={"rows": 2})
    return form


@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a short link（短链接页）: what, for whom, until when; one form; thanks with the ledger entry."""
    at = timezone.now()
    try:
        found = _opened(request, token, at)
    except Refused as refused:
        return _private(render(request, "delivery/link_closed.html", _bare(refused), status=refused.status))
    form, refused_with = _form(found, request), None
    status = 200
    if request.method == "POST":
        try:
            _count(f"luoshi.link.sent:{found.pk}", SENDINGS_AN_HOUR)
            if form.is_valid():
                entry_id = _report(found, request, form, at)
                tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
                entry = get_entry(id=entry_id)
                context: dict[str, Any] = {"link": found, "entry": entry, "number": number_of(entry), "nav": []}
                return _private(render(request, "delivery/link_thanks.html", context))
            status = 422
        except Refused as refused:
            refused_with, status = refused, refused.status
    else:
        refused_with = _not_now(found, at)
        status = refused_with.status if refused_with else 200
    commitment = found.commitment
    shown: dict[str, Any] = {
        **headline(commitment, lights.light(commitment.light_facts(), at)),
        "link": found,
        "form": form,
        "nav": [],
        "closed": refused_with is not None and request.method != "POST",
        "version": commitment.version,
        "draft": f"link:{found.pk}",
        "turn": words.turn(commitment),
    }
    if refused_with is not None:
        shown["refusal"] = refusal_context(refused_with)
    return _private(render(request, "delivery/link.html", shown, status=status))


def _bare(refused: Refused) -> dict[str, Any]:
    return {"told": refusal_context(refused), "nav": []}


def _not_now(link: ShortLink, at: datetime) -> Refused | None:
    """Why nothing can be reported now, if so."""
    facts = link.commitment.facts(Act.REPORT)
    try:
        lifecycle.decide(facts, Act.REPORT, actor=_holder(link), intent=lifecycle.WOULD_SAY, at=at)
    except Refused as refused:
        return refused
    return None


def _report(link: ShortLink, request: HttpRequest, form: ActForm, at: datetime) -> int:
    """Report once; a sending repeated after it arrived is recognised by the version it looked at and its words."""
    ref, actor = link.commitment.ref, _holder(link)
    data = form.payload()
    with transaction.atomic():
        if form.uploads:
            stored = [store_file(upload, actor=actor, at=at) for upload in form.uploads]
            data["files"] = [{"digest": file.digest, "name": file.name} for file in stored]
        try:
            version = version_of(request)
            done = perform(Act.REPORT, actor=actor, ref=ref, version=version, data=data, at=at, via=Report.Via.LINK)
        except Refused as refused:
            if refused.code != "stale_version":
                raise
            if (known := _arrived(link, form)) is not None:
                return known
            done = perform(Act.REPORT, actor=actor, ref=ref, version=None, data=data, at=at, via=Report.Via.LINK)
    return done.entry.pk


def _arrived(link: ShortLink, form: ActForm) -> int | None:
    """The ledger entry of the last report when it came by link from this post and says the same."""
    last = link.commitment.reports.order_by("-id").first()
    if last is None or last.via != Report.Via.LINK or last.by_post_id != link.post_id:
        return None
    if last.percent != form.cleaned_data["percent"] or last.returned_at is not None:
        return None
    if last.words != screening.screen(form.cleaned_data["words"].strip()).text:
        return None
    return pages.entry_of_report(last)


def _private(response: HttpResponse) -> HttpResponse:
    """Not for search engines."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
