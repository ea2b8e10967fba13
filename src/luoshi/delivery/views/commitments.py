"""The commitment page（任务页）and what hangs on it: the text for a chat group."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from luoshi.delivery.models import Commitment, Finding, Request
from luoshi.delivery.queries import commitment_for, coverage, pages, slips
from luoshi.delivery.schemas.deadlines import accept_sentence, due_sentence, reply_sentence
from luoshi.delivery.views import words
from luoshi.delivery.views.doors import actor_of
from luoshi.rules import lifecycle, lights
from luoshi.rules.escalation import Rung
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.slips import NAMES, STATE_NAMES, SlipState
from luoshi.ui.addresses import whole_number

OWN = {lifecycle.Standing.LEAD_HEAD, lifecycle.Standing.LEAD_HANDLER}


def crumbs_of(commitment: Commitment, here: str = "") -> list[tuple[str, str]]:
    """Programme, matter, part, and the unit; the last is where one is."""
    programme = reverse("delivery:programme", args=[commitment.programme.key])
    found = [
        (str(commitment.programme), programme),
        (commitment.matter.short, f"{programme}#m{commitment.matter.number}"),
    ]
    if commitment.sub_matter:
        found.append((str(commitment.sub_matter), f"{programme}#m{commitment.matter.number}"))
    if here:
        return [*found, (commitment.ref, reverse("delivery:commitment", args=[commitment.ref])), (here, "")]
    return [*found, (commitment.lead.name, "")]


def headline(commitment: Commitment, light: lights.Light) -> dict[str, Any]:
    """What every page about a commitment shows at its head."""
    return {
        "commitment": commitment,
        "light": light,
        "light_reason": words.light_reason(light),
        "state_name": words.state_name(commitment),
        "skips_level": commitment.skips_level,
        "gap": max(0, commitment.said - commitment.verified),
        "verified": commitment.verified if commitment.verified_how else None,
    }


def _next_page(request: HttpRequest) -> int | None:
    return whole_number(request.GET.get("before", ""))


@login_required
@require_safe
def commitment(request: HttpRequest, ref: str) -> HttpResponse:
    """One commitment（任务）: source, said and verified, chain, reports, timeline, who may do what and why not."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = commitment_for(actor, ref)
    facts = found.facts()
    verifications = list(found.verifications.select_related("by_post__unit")[:50])
    marks = _marks(found)
    parts = pages.parts_of(actor, found, at)
    trail = pages.steps(ref, before=_next_page(request))
    light = lights.light(found.light_facts(), at)
    context = {
        **headline(found, light),
        "cards": pages.cards_of(actor, found, light, at),
        "crumb_list": crumbs_of(found),
        "panel": words.panel(
            lifecycle.possibilities(facts, actor=actor, at=at),
            said=found.said,
            lead=found.lead.name,
            own=bool(lifecycle.standings(facts, actor) & OWN),
        ),
        "turn": words.turn(found),
        "due_says": due_sentence(found),
        "accept_says": accept_sentence(found),
        "stops": list(found.stops.all()[:20]),
        "palette": found.timing_now().palette,
        "origin": pages.origin_of(found),
        "supports": list(found.supports.select_related("unit")),
        "above": pages.above(actor, found),
        "parts": parts,
        "periods": [
            (line, words.light_reason(line.light), words.state_name(line.part))
            for line in pages.periods_of(actor, found, at)
        ],
        "part_rows": [(line, words.light_reason(line.light), words.state_name(line.part)) for line in parts.lines],
        "holes": [
            (label, words.holes(names))
            for label, names in (
                (_("not accepted"), parts.not_accepted),
                (_("nobody named"), parts.not_named),
                (_("nothing reported"), parts.not_reported),
            )
            if names
        ],
        "covered": coverage.total(coverage.parts_handed(actor, found)) if parts.total else None,
        "points": pages.course(found, verifications),
        "marks": marks,
        "reports": pages.reports_of(found),
        "verifications": [(one, list(zip(found.criteria, one.verdicts, strict=False))) for one in verifications],
        "look_backs": list(found.look_backs.select_related("by_post__unit")[:20]),
        "extensions": list(found.extensions.select_related("asked_by_post__unit", "decided_by_post__unit")[:20]),
        "slips": [
            (row, _(NAMES[Rung(row.rung)]), _(STATE_NAMES[SlipState(row.state)]))
            for row in slips.slips_of(found.pk, actor)
        ],
        "merged": list(found.mergings.select_related("live__lead")[:50]),
        "requests": _requests(found),
        "briefs": list(found.briefs.select_related("by_post__unit", "read_by_post__unit")[:20]),
        "instructions": list(found.instructions.select_related("by_post__unit")[:20]),
        "may_direct": actor.role in (Role.HEAD, Role.OFFICE)
        and bool(lifecycle.standings(facts, actor) & {lifecycle.Standing.ISSUER, lifecycle.Standing.SUPERIOR}),
        "findings": _findings(found),
        "objections": list(found.objections.select_related("by_post__unit")[:20]),
        "links": list(pages.live_links(found, at)[:20]) if _may_see_links(facts, actor) else [],
        "steps": [
            (step, words.event_name(step.entry.type), words.event_detail(step.entry.type, step.data)) for step in trail
        ],
        "older": trail[-1].entry.pk if len(trail) == 50 else None,
    }
    return render(request, "delivery/commitment.html", context)


def _requests(found: Commitment) -> list[tuple[Request, str]]:
    """Its questions with the sentence of the term each reply has; forwardings are fetched only where there are any."""
    rows = found.requests.select_related("by_post__unit", "replied_by_post__unit", "lies_with")
    rows = rows.prefetch_related("forwardings__from_unit", "forwardings__to_unit")
    return [(row, reply_sentence(row, found) if row.replied_at is None else "") for row in rows[:20]]


def _findings(found: Commitment) -> list[Finding]:
    """Its findings with what they rest on; nothing more is asked where there are none."""
    return list(found.findings.select_related("by_post__unit").prefetch_related("shown")[:20])


def _may_see_links(facts: lifecycle.Facts, actor: Actor) -> bool:
    held = lifecycle.standings(facts, actor)
    return bool(held - {lifecycle.Standing.READER, lifecycle.Standing.SUPPORTING, lifecycle.Standing.VERIFIER})


def _marks(commitment: Commitment) -> list[tuple[Any, str]]:
    """The dates to mark on the line: the first one always, the present one when it differs."""
    first, due = commitment.first_due_on, commitment.due_on
    found = []
    if first:
        found.append((first, _("first date %(day)s") % {"day": words.plain_day(first)}))
    if due and due != first:
        found.append((due, _("now %(day)s") % {"day": words.plain_day(due)}))
    return found


@login_required
@require_safe
def text(request: HttpRequest, ref: str) -> HttpResponse:
    """The commitment as a text to copy into a chat group（群发文字）, with its address and QR code."""
    at = timezone.now()
    found = commitment_for(actor_of(request, at), ref)
    address = settings.BASE_URL.rstrip("/") + reverse("delivery:commitment", args=[ref])
    context = {
        **headline(found, lights.light(found.light_facts(), at)),
        "crumb_list": crumbs_of(found, _("Text for a chat group")),
        "address": address,
        "text": chat_text(found, address),
    }
    return render(request, "delivery/text.html", context)


def chat_text(commitment: Commitment, address: str, *, until: str = "") -> str:
    """What to paste into a chat group; nothing that the commitment itself does not say."""
    lines = [
        _("%(title)s (%(ref)s)") % {"title": commitment.title, "ref": commitment.ref},
        _("Lead: %(unit)s") % {"unit": commitment.lead.name},
        _("What is asked: %(words)s") % {"words": commitment.requirement},
    ]
    if commitment.due_on:
        lines.append(_("Due on %(day)s") % {"day": words.plain_day(commitment.due_on)})
    if commitment.reports_count:
        lines.append(
            _("Said %(said)s %%, verified %(verified)s %%") % {"said": commitment.said, "verified": commitment.verified}
        )
    if until:
        lines.append(_("Report here without signing in, until %(until)s:") % {"until": until})
    else:
        lines.append(_("Look and report here:"))
    return "\n".join([*lines, address])
