"""Pages of certificates（抽查证书）: to read and print, what its digest binds, and its withdrawal."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.assurance import services
from luoshi.assurance.forms.campaigns import ExceptForm, ReasonForm
from luoshi.assurance.models import Certificate
from luoshi.assurance.queries import campaigns as reads
from luoshi.assurance.views import showing
from luoshi.delivery.views.doors import actor_of, done_sentence, once, tell_masked
from luoshi.ledger.queries import number_of
from luoshi.rules import campaigns
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

EXCEPT, WITHDRAW = "except", "withdraw"
SHOWN = 200


def _head(certificate: Certificate, here: str = "") -> dict[str, Any]:
    campaign = certificate.campaign
    address = reverse("assurance:certificate", args=[certificate.ref]) if here else ""
    crumbs = [
        (_("Campaigns"), reverse("assurance:campaigns")),
        (campaign.ref, reverse("assurance:campaign", args=[campaign.ref])),
        (certificate.ref, address),
    ]
    return {"certificate": certificate, "campaign": campaign, "crumb_list": [*crumbs, (here, "")] if here else crumbs}


def _may_withdraw(actor: Actor, certificate: Certificate) -> bool:
    return certificate.withdrawn_at is None and campaigns.leads(actor, certificate.campaign.by_post.unit.area.path)


@login_required
@require_safe
def certificate(request: HttpRequest, ref: str) -> HttpResponse:
    """One certificate, as it is read and printed（抽查证书）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = reads.certificate_for(actor, ref)
    standing = reads.shown_standing(found.campaign, local_day(at))
    context = {
        **_head(found),
        **showing.told(standing),
        "claim": showing.claim(found.campaign, standing.reading.limit),
        "enclosure": showing.enclosure(standing.reading),
        "risk": campaigns.share(found.campaign.risk_bp),
        "exceptions": list(found.exceptions.select_related("commitment__lead")[:SHOWN]),
        "closed": reads.closed_by(found),
        "may_withdraw": _may_withdraw(actor, found),
    }
    return render(request, "assurance/certificate.html", context)


@login_required
@require_safe
def content(request: HttpRequest, ref: str) -> HttpResponse:
    """What the digest binds, byte for byte: its SHA-256 is the digest on the certificate."""
    found = reads.certificate_for(actor_of(request, timezone.now()), ref)
    text = json.dumps(
        reads.certified_content(found.campaign), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{found.ref}.json"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """Withdraw a certificate for one commitment, or as a whole; always by a new entry."""
    at = timezone.now()
    actor = actor_of(request, at)
    if act not in (EXCEPT, WITHDRAW):
        raise Refused("not_found")
    found = reads.certificate_for(actor, ref)
    name = _("Withdraw for one commitment") if act == EXCEPT else _("Withdraw the certificate")
    data = request.POST if request.method == "POST" else None
    form = ExceptForm(data) if act == EXCEPT else ReasonForm(data)
    context: dict[str, Any] = {
        **_head(found, name),
        "title_of_act": name,
        "consequence": _(
            "It is written down as a new entry; nothing of the certificate is changed. What was struck off by it stays"
            " so until somebody reopens it."
        ),
        "form": form,
        "submit": name,
        "cancel": reverse("assurance:certificate", args=[found.ref]),
    }
    status = 200
    if not _may_withdraw(actor, found):
        refused = Refused("certificate_withdrawn" if found.withdrawn_at else "campaign_not_yours")
        context |= {"refusal": refusal_context(refused), "form": None}
        status = refused.status
    elif data is not None:
        status = 422
        if form.is_valid():

            def run() -> dict[str, Any]:
                told = {"actor": actor, "certificate": ref, "at": at, **form.cleaned_data}
                done = (services.except_commitment if act == EXCEPT else services.withdraw_certificate)(**told)
                return {"url": context["cancel"], "entry": number_of(done.entry)}

            try:
                answer, _repeat = once(request, run, at=at)
            except Refused as no:
                context["refusal"] = refusal_context(no)
                status = no.status
            else:
                tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
                messages.success(request, done_sentence(answer["entry"]))
                return HttpResponseRedirect(str(answer["url"]))
    return render(request, "assurance/campaign_act.html", context, status=status)
