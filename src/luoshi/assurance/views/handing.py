"""Pages of the pool and of handing out（派员页）: who may be drawn, which days are handed out, one's own figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from luoshi.assurance.forms.handing import ApproveForm, HandOutForm, JoinForm, ReasonForm
from luoshi.assurance.models import Campaign, Visit
from luoshi.assurance.queries import blind
from luoshi.assurance.queries import handing as reads
from luoshi.assurance.queries import pool as members
from luoshi.assurance.queries import visits as own_visits
from luoshi.assurance.services import approving, giving, handing, handing_back, pool
from luoshi.delivery.models import Programme
from luoshi.delivery.queries import programme_for
from luoshi.delivery.services.drafting import require_steering
from luoshi.delivery.views.doors import actor_of, done_sentence, needed_version, once
from luoshi.delivery.views.words import plain_day
from luoshi.ledger.models import Entry
from luoshi.ledger.queries import get_entry, number_of
from luoshi.rules import frequency
from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused
from luoshi.ui.sentences import refusal_context

A_DAY = 20
"""Places offered for a day where nobody says otherwise."""


def _allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused:
        return False
    return True


def _done(request: HttpRequest, do: Callable[[], Entry], url: str, at: datetime, sentence: str = "") -> HttpResponse:
    """Do an act once for one sending, say so and go on.

    Raises:
        Refused: what the act refuses.
    """
    answer, _repeat = once(request, lambda: {"url": url, "entry": do().pk}, at=at)
    messages.success(request, f"{done_sentence(number_of(get_entry(id=int(answer['entry']))))} {sentence}".strip())
    return HttpResponseRedirect(str(answer["url"]))


# --- The pool ---------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verifiers(request: HttpRequest, key: str) -> HttpResponse:
    """The pool of a programme（核查员库）: posts in the order of the tree, and no figure about any of them."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    found = programme_for(actor, key)
    steers = _allowed(lambda: require_steering(found, actor))
    offered = list(members.may_join(found, today)[:200]) if steers else []
    data = request.POST if request.method == "POST" else None
    form = JoinForm(offered, data) if steers else None
    context: dict[str, Any] = {}
    status = 200
    if data is not None:
        status = 422
        try:
            require_steering(found, actor)
            if form is not None and form.is_valid():
                posts = form.cleaned_data["posts"]
                here = reverse("assurance:verifiers", args=[key])
                return _done(
                    request, lambda: pool.join_pool(actor=actor, programme=key, posts=posts, at=at)[1], here, at
                )
        except Refused as refused:
            context["refusal"] = refusal_context(refused)
            status = refused.status
    context |= {
        "programme": found,
        "rows": list(members.members(found, today)),
        "found": _found(found),
        "form": form if offered else None,
        "steers": steers,
        "own": actor.effective.post_ref if actor.role is Role.VERIFIER else "",
        "submit": _("Take into the pool"),
        "crumb_list": [
            (_("Programmes"), reverse("delivery:programmes")),
            (str(found), reverse("delivery:programme", args=[key])),
            (_("Pool of verifiers"), ""),
        ],
    }
    return render(request, "assurance/verifiers.html", context, status=status)


def _found(programme: Programme) -> dict[str, Any]:
    """What the pool as a whole finds, in per cent."""
    found = blind.sensitivity_of(programme)
    return {
        "learnt": found.learnt,
        "pairs": found.pairs,
        "mean": round(found.mean_bp / 100),
        "low": found.low_bp // 100,
        "high": -(-found.high_bp // 100),
    }


def _reason_page(
    request: HttpRequest,
    do: Callable[[str], Entry],
    *,
    at: datetime,
    to: str,
    shown: dict[str, Any],
) -> HttpResponse:
    """A page that asks for a reason and then does one act."""
    data = request.POST if request.method == "POST" else None
    form = ReasonForm(data)
    context: dict[str, Any] = {"form": form, "cancel": to, **shown}
    status = 200
    if data is not None:
        status = 422
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                return _done(request, lambda: do(reason), to, at)
            except Refused as refused:
                context["refusal"] = refusal_context(refused)
                status = refused.status
    return render(request, "assurance/reason.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, key: str, post: str) -> HttpResponse:
    """Take a post out of the pool, with a reason（出库）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = programme_for(actor, key)
    row = members.members(found, local_day(at)).filter(post__ref=post).first()
    if row is None:
        raise Refused("not_in_pool", post=post[:64])
    if not (actor.role is Role.VERIFIER and actor.effective.post_ref == post):
        require_steering(found, actor)
    here = reverse("assurance:verifiers", args=[key])
    shown = {
        "heading": _("Take out of the pool: %(post)s") % {"post": f"{row.post.unit.name} · {row.post.title}"},
        "consequence": _("The lot falls on it no more. What it was given already stays with it until taken back."),
        "submit": _("Take out of the pool"),
        "crumb_list": [(_("Pool of verifiers"), here), (_("Take out of the pool"), "")],
    }
    return _reason_page(
        request,
        lambda reason: pool.leave_pool(actor=actor, programme=key, post=post, reason=reason, at=at)[1],
        at=at,
        to=here,
        shown=shown,
    )


# --- Days -------------------------------------------------------------------------------------------------------------


def _wanted(request: HttpRequest, today: date, left: int) -> tuple[date, int]:
    """The day and number that were asked, or what is usual: tomorrow, 20 places or all that are left."""
    told = request.POST if request.method == "POST" else request.GET
    form = HandOutForm(told)
    if form.is_valid():
        return form.cleaned_data["day"], form.cleaned_data["count"]
    return today + timedelta(days=1), min(A_DAY, left)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HttpRequest, ref: str) -> HttpResponse:
    """Days of a campaign handed out and the next one（派发走访）; no verifier stands beside a place."""
    at = timezone.now()
    actor, today = actor_of(request, at), local_day(at)
    found = reads.campaign_for(actor, ref)
    giving.require_handing(actor, reads.ordering_area(found), found.by_post.unit)
    approves = request.method == "POST" and "reason" in request.POST
    handed = reads.handed_out(found)
    day, count = _wanted(request, today, found.frame_size - handed)
    approved = reads.seconds_approved(found)
    sent = request.POST if request.method == "POST" else None
    form = HandOutForm(None if approves else sent, initial={"day": day, "count": count})
    approve = ApproveForm(day, count, approved is not None, sent if approves else None)
    context: dict[str, Any] = {}
    status = 200
    if sent is not None:
        status = 422
        told = approve if approves else form
        if told.is_valid():
            try:
                return _act(request, actor, found, told, at)
            except Refused as refused:
                found = reads.campaign_for(actor, ref)
                context["refusal"] = refusal_context(refused)
                status = refused.status
    heads = frequency.may_approve(actor, reads.ordering_area(found).path)
    lot = reads.sealed_lot(found)
    over = reads.is_over(found)
    waiting = approving.to_approve(actor, found, day, count, today) if found.stage == Campaign.Stage.DRAWN else []
    context |= {
        "campaign": found,
        "version": found.version,
        "handed": handed,
        "left": found.frame_size - handed,
        "lines": reads.days_of(found),
        "open": reads.open_by(found, today),
        "form": form if found.stage == Campaign.Stage.DRAWN else None,
        "approve": approve if heads and (waiting or approved is None) and not over else None,
        "waiting": waiting,
        "period": reads.period_days(reads.ordering_area(found), day),
        "approvals": list(reads.approvals_of(found, actor, today)[:50]),
        "seconds_approved": approved,
        "lot": lot,
        "secret": lot.secret if lot and over else "",
        "crumb_list": [(f"{found.ref} {found.title}", _campaign_page(found)), (_("Hand out visits"), "")],
    }
    return render(request, "assurance/days.html", context, status=status)


def _campaign_page(found: Campaign) -> str:
    return reverse("assurance:campaign", args=[found.ref])


def _act(request: HttpRequest, actor: Actor, found: Campaign, told: forms.Form, at: datetime) -> HttpResponse:
    here = reverse("assurance:days", args=[found.ref])
    version, data = needed_version(request), told.cleaned_data
    if isinstance(told, ApproveForm):
        values = {"seconds": False, **data}

        def allow() -> Entry:
            return approving.approve_visits(actor=actor, campaign=found.ref, version=version, at=at, **values)[1]

        return _done(request, allow, here, at)
    sentences = []

    def give() -> Entry:
        done = handing.hand_out_day(actor=actor, campaign=found.ref, version=version, at=at, **data)
        sentences.append(
            _("%(n)s visits are handed out; they take the units about %(minutes)s minutes. Each verifier sees his own"
              " on the day.") % {"n": len(done.visits), "minutes": done.minutes}
        )  # fmt: skip
        return done.entry

    answer, _repeat = once(request, lambda: {"url": here, "entry": give().pk}, at=at)
    messages.success(request, " ".join([done_sentence(number_of(get_entry(id=int(answer["entry"])))), *sentences]))
    return HttpResponseRedirect(str(answer["url"]))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a visit back before it is made, with a reason（撤回走访）."""
    at = timezone.now()
    actor = actor_of(request, at)
    found = reads.visit_to_withdraw(actor, key, local_day(at))
    mine = found.verifier_post_id == actor.effective.post_id
    if not mine:
        if found.ordered_by is None:
            raise Refused("not_found")
        giving.require_handing(actor, found.ordered_by, found.ordered_by)
    if request.method != "POST" and found.state != Visit.State.ASSIGNED:  # a form sent twice is answered twice
        raise Refused("visit_is_over")
    kept = reverse("assurance:days", args=[found.campaign.ref]) if found.campaign else _page_of(found)
    to = reverse("assurance:visits") if mine else kept
    if mine:
        heading, submit, above = _("Hand the visit back: %(unit)s"), _("Hand back"), _("My visits")
    else:
        heading, submit, above = _("Take back the visit: %(unit)s"), _("Take the visit back"), _("Visits")
    shown = {
        "heading": heading % {"unit": found.unit.name},
        "consequence": _consequence(found, mine=mine),
        "about": " · ".join([found.commitment.title or found.commitment.ref, plain_day(found.day)]),
        "submit": submit,
        "version": found.version,
        "crumb_list": [(above, to), (submit, "")],
    }
    return _reason_page(
        request,
        lambda reason: handing_back.withdraw_visit(
            actor=actor, key=key, version=needed_version(request), reason=reason, at=at
        )[1],
        at=at,
        to=to,
        shown=shown,
    )


def _page_of(visit: Visit) -> str:
    """Where visits of that kind outside a campaign are listed."""
    name = "assurance:look_backs" if visit.kind == Visit.Kind.LOOK_BACK else "assurance:directed"
    return f"{reverse(name)}?programme={visit.commitment.programme.key}"


def _consequence(visit: Visit, *, mine: bool) -> str:
    """What follows when a visit is not made by whom the lot fell on."""
    if visit.campaign:
        follows = _("A drawn place comes again first of the order; the lot is drawn anew.")
    elif visit.kind == Visit.Kind.LOOK_BACK:
        follows = _("It is given out again by lot on the next day.")
    else:
        follows = _("The side that has it made is told and sends somebody else, by lot.")
    if not mine:
        return follows
    return " ".join([_("It leaves your list, and the lot does not fall on you for this unit within a year."), follows])


@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """One's own figures（本岗数字）, shown to nobody else."""
    at = timezone.now()
    actor = actor_of(request, at)
    context = {
        "own": blind.own_figures(actor, local_day(at)),
        "open": own_visits.open_visits(actor, at),
        "crumb_list": [(_("My visits"), reverse("assurance:visits")), (_("My own figures"), "")],
    }
    return render(request, "assurance/own.html", context)
