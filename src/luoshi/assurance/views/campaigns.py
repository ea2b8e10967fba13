"""Pages of campaigns（抽查）: the list, one campaign, what was visited, plans beside it, its files and its acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.assurance.forms.campaigns import FORMS, ProposeForm, scopes_of
from luoshi.assurance.models import Campaign
from luoshi.assurance.queries import campaigns as reads
from luoshi.assurance.queries.campaigns import Standing
from luoshi.assurance.schemas.campaigns import CAMPAIGN_ACTS
from luoshi.assurance.schemas.campaigns import propose as perform_proposing
from luoshi.assurance.services.certificates import AT_ONCE
from luoshi.assurance.views import showing
from luoshi.delivery.queries import programmes
from luoshi.delivery.views.doors import actor_of, done_sentence, named, needed_version, once, tell_masked
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.models import Job
from luoshi.rules import campaigns, sampling
from luoshi.rules.calendar import local_day
from luoshi.rules.campaigns import ACT_NAMES, STAGE_NAMES, CampaignAct
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.rules.sampling import BP
from luoshi.ui.addresses import whole_number
from luoshi.ui.sentences import refusal_context
from luoshi.units.models import Unit
from luoshi.units.queries import areas_below

SHOWN = 50
PLACES = 100


def _crumbs(campaign: Campaign | None = None, here: str = "") -> list[tuple[str, str]]:
    found = [(_("Campaigns"), reverse("assurance:campaigns"))]
    if campaign is not None:
        found.append((campaign.ref, reverse("assurance:campaign", args=[campaign.ref]) if here else ""))
    return [*found, (here, "")] if here else found


@login_required
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    """Campaigns one may see, newest first（抽查）."""
    actor = actor_of(request, timezone.now())
    rows = reads.campaigns_seen(actor).order_by("-id")
    if before := whole_number(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows[: SHOWN + 1])
    context = {
        "rows": [(row, _(STAGE_NAMES[row.stage]), _verdict(row)) for row in found[:SHOWN]],
        "pager": {"next": f"before={found[SHOWN - 1].pk}" if len(found) > SHOWN else ""},
        "may_propose": _leads(actor),
    }
    return render(request, "assurance/campaigns.html", context)


def _verdict(campaign: Campaign) -> str:
    return _(showing.VERDICTS[campaign.outcome][0]) if campaign.outcome else ""


def _leads(actor: Actor) -> bool:
    return actor.role in (Role.HEAD, Role.OFFICE) and campaigns.leads(actor, actor.effective.area_path)


def _head(campaign: Campaign, actor: Actor) -> dict[str, Any]:
    """What every page about one campaign shows at its head."""
    return {
        "campaign": campaign,
        "stage": _(STAGE_NAMES[campaign.stage]),
        "level": showing.level_name(campaign),
        "sees_order": reads.sees_order(actor, campaign),
    }


@login_required
@require_safe
def campaign(request: HttpRequest, ref: str) -> HttpResponse:
    """One campaign（抽查）: the claim, what the visits say of it, what may still be needed; by stratum below."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = reads.campaign_for(actor, ref)
    context = {
        **_head(found, actor),
        "certificate": reads.certificate_of(found),
        "hands_out": bool(found.seed) and campaigns.leads(actor, found.by_post.unit.area.path),
        "acts": showing.act_names(campaigns.possible(reads.facts_of(found), actor=actor)),
    }
    if found.frame_size:
        body = _body(found, context, reads.shown_standing(found, local_day(at)))
    else:
        rows = reads.reported_complete(
            programme=found.programme, matter=found.matter, under=found.under, level=found.level
        )
        told = {**context, "claim": showing.intended(found), "would_be": rows.count()}
        body = mark_safe(render_to_string("assurance/campaign_body.html", told))
    return render(request, "assurance/campaign.html", {"campaign": found, "crumb_list": _crumbs(found), "body": body})


_drawn: dict[tuple[Any, ...], tuple[Standing, SafeString]] = {}
_DRAWN = 128
"""Campaigns whose page is kept in a process, as seen from one side in one language."""


def _body(found: Campaign, context: dict[str, Any], standing: Standing) -> SafeString:
    """The middle of the page, drawn once for as long as it says the same（页面正文）.

    Thousands look at a campaign of which nothing is new; the picture and the strata are most of the page.
    """
    certificate = context["certificate"]
    told = (
        *(found.pk, found.version, str(found.under), str(found.programme), str(found.matter), get_language()),
        *(context["sees_order"], context["hands_out"], tuple(context["acts"])),
        certificate and (certificate.ref, certificate.withdrawn_at),
    )
    kept = _drawn.get(told)
    if kept is not None and kept[0] is standing:
        return kept[1]
    shown = {
        **context,
        **showing.told(standing),
        "standing": standing,
        "claim": showing.claim(found, standing.reading.limit),
        "enclosure": showing.enclosure(standing.reading),
    }
    text = mark_safe(render_to_string("assurance/campaign_body.html", shown))
    if len(_drawn) >= _DRAWN:
        _drawn.clear()
    _drawn[told] = standing, text
    return text


@login_required
@require_safe
def places(request: HttpRequest, ref: str) -> HttpResponse:
    """The places that have a verdict, in the order of the draw（已访抽样单元）."""
    actor = actor_of(request, timezone.now())
    found = reads.campaign_for(actor, ref)
    stratum, after = whole_number(request.GET.get("stratum", "")), whole_number(request.GET.get("after", "")) or 0
    rows = list(reads.visited_places(found, stratum=stratum, after=after)[: PLACES + 1])
    last = rows[PLACES - 1].place if len(rows) > PLACES else None
    kept = f"stratum={stratum}&" if stratum else ""
    context = {
        **_head(found, actor),
        "crumb_list": _crumbs(found, _("Places visited")),
        "rows": rows[:PLACES],
        "of": Unit.objects.filter(pk=stratum).first() if stratum else None,
        "pager": {"next": f"{kept}after={last.position}" if last else ""},
    }
    return render(request, "assurance/places.html", context)


@login_required
@require_safe
def plans(request: HttpRequest, ref: str) -> HttpResponse:
    """What other plans would take for the same frame, and what each of them can say and cannot（抽样方案对照）."""
    actor = actor_of(request, timezone.now())
    found = reads.campaign_for(actor, ref)
    if not found.frame_size:
        raise Refused("campaign_stage", stage=STAGE_NAMES[found.stage])
    size, alpha = found.frame_size, found.risk_bp / BP
    shares = sorted({100, 200, 500, 1000, found.claim_bp})
    se = reads.sensitivity_bp(found) / BP
    sequential = [
        (
            campaigns.share(bp),
            [sampling.certified_at(size, sampling.boundary(size, bp / BP), alpha, n, se) for n in (0, 1, 2, 3, 4)],
        )
        for bp in shares
    ]
    fixed = [
        (campaigns.share(bp), [sampling.fixed_plan(size, bp / BP, alpha, c) for c in sampling.SHOWN_PLANS])
        for bp in shares
    ]
    context = {
        **_head(found, actor),
        "crumb_list": _crumbs(found, _("Plans beside it")),
        "sequential": sequential,
        "fixed": fixed,
        "falses": (0, 1, 2, 3, 4),
        "accepts": sampling.SHOWN_PLANS,
        "sensitivity": campaigns.share(round(se * BP)),
        "risk": campaigns.share(found.risk_bp),
    }
    return render(request, "assurance/plans.html", context)


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_safe
def frame(request: HttpRequest, ref: str) -> HttpResponse:
    """The frozen list as a file（抽样框）; its SHA-256 is the digest in the ledger."""
    found = reads.campaign_for(actor_of(request, timezone.now()), ref)
    if not found.frame_size:
        raise Refused("campaign_stage", stage=STAGE_NAMES[found.stage])
    return _file(reads.frame_file(found), f"{found.ref}-frame.csv")


@login_required
@require_safe
def order(request: HttpRequest, ref: str) -> HttpResponse:
    """The drawn order as a file（抽样次序）: for the side that leads it, and for everybody when it is over."""
    actor = actor_of(request, timezone.now())
    found = reads.campaign_for(actor, ref)
    if not found.seed:
        raise Refused("campaign_stage", stage=STAGE_NAMES[found.stage])
    if not reads.sees_order(actor, found):
        raise Refused("campaign_not_yours")
    return _file(reads.order_file(found), f"{found.ref}-order.csv")


# --- Acts -------------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a campaign（提出抽查）."""
    at = timezone.now()
    actor = actor_of(request, at)
    area = Unit.objects.filter(path=actor.effective.area_path).first()
    units = [area, *areas_below(area)] if area else []
    reach = list(programmes(actor).filter(state="issued").prefetch_related("matters"))
    form = ProposeForm(
        request.POST or None,
        scopes=scopes_of(reach),
        units=[(str(one.pk), one.name) for one in units],
    )
    context: dict[str, Any] = {
        "form": form,
        "submit": _("Propose"),
        "cancel": reverse("assurance:campaigns"),
        "crumb_list": _crumbs(None, _("Propose a campaign")),
        "draft": "campaign",
    }
    status = 200
    if not _leads(actor):
        refused = Refused("campaign_not_above")
        context |= {"refusal": refusal_context(refused), "form": None}
        status = refused.status
    elif request.method == "POST":
        status = 422
        if form.is_valid():

            def run() -> dict[str, Any]:
                done = perform_proposing(actor=actor, data=form.payload(), at=at)
                return {"url": reverse("assurance:campaign", args=[done.campaign.ref]), "entry": done.entry.pk}

            try:
                answer, repeat = once(request, run, at=at)
            except Refused as no:
                context["refusal"] = refusal_context(no)
                status = no.status
            else:
                return _over(request, answer, repeat, form)
    return render(request, "assurance/propose.html", context, status=status)


def _over(request: HttpRequest, answer: dict[str, Any], repeat: bool, form: forms.Form) -> HttpResponse:
    if not repeat:
        tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
    if answer["entry"]:
        messages.success(request, done_sentence(number_of(get_entry(id=int(answer["entry"])))))
    if answer.get("left"):
        left = int(answer["left"])
        said = ngettext("%(count)s was left out and stays open.", "%(count)s were left out and stay open.", left)
        messages.warning(request, said % {"count": left})
    return HttpResponseRedirect(str(answer["url"]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """One act on a campaign: shown with what it leads to, done once; a refusal is a sentence with the way on."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = named(CampaignAct, act)
    found = reads.campaign_for(actor, ref)
    form = FORMS[chosen](request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        **_head(found, actor),
        "crumb_list": _crumbs(found, _(ACT_NAMES[chosen])),
        "title_of_act": _(ACT_NAMES[chosen]),
        "consequence": _(showing.CONSEQUENCES[chosen]),
        "form": form,
        "version": found.version,
        "submit": _(ACT_NAMES[chosen]),
        "cancel": reverse("assurance:campaign", args=[found.ref]),
        "to_close": len(reads.to_close(found)) if chosen is CampaignAct.CLOSE else None,
        "at_once": AT_ONCE,
    }
    status = 200
    shut = _shut(found, chosen, actor) if request.method != "POST" else None  # a sending that is repeated is answered
    if shut is not None:
        context |= {"refusal": refusal_context(shut), "form": None}
        status = shut.status
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                answer, repeat = once(request, lambda: _do(request, chosen, actor, found, form, at), at=at)
            except Refused as refused:
                context |= {"refusal": refusal_context(refused), "version": reads.campaign_for(actor, ref).version}
                status = refused.status
            else:
                return _over(request, answer, repeat, form)
    return render(request, "assurance/campaign_act.html", context, status=status)


def _shut(campaign: Campaign, act: CampaignAct, actor: Actor) -> Refused | None:
    try:
        campaigns.decide_campaign(reads.facts_of(campaign), act, actor=actor)
    except Refused as refused:
        return refused
    return None


def _do(
    request: HttpRequest, act: CampaignAct, actor: Actor, campaign: Campaign, form: forms.Form, at: datetime
) -> dict[str, Any]:
    done = CAMPAIGN_ACTS.perform(
        act,
        campaign.ref,
        actor=actor,
        version=needed_version(request),
        data=form.cleaned_data,
        at=at,
    )
    if isinstance(done, Job):
        return {"url": reverse("office:job", args=[done.pk]), "entry": 0}
    address = reverse("assurance:campaign", args=[campaign.ref])
    if act is CampaignAct.CERTIFY:
        address = reverse("assurance:certificate", args=[done.certificate.ref])
    return {"url": address, "entry": done.entry.pk, "left": len(getattr(done, "left_out", ()))}
