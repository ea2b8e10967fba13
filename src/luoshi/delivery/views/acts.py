"""The page of an act（办理页）: what one needs to see, the form, a look before what cannot be undone, the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from luoshi.accounts import services as accounts
from luoshi.accounts.models import User
from luoshi.delivery import queries, services
from luoshi.delivery.forms import ActForm, Choices, form_class
from luoshi.delivery.models import Bulk, Commitment, Report, ShortLink
from luoshi.delivery.queries import commitment_for, evidence, pages
from luoshi.delivery.queries.asked import Already, already_asked, load_by_level
from luoshi.delivery.schemas import INPUTS, bulk, perform
from luoshi.delivery.schemas.deadlines import reply_term
from luoshi.delivery.services import Done, Proposal, Reminding
from luoshi.delivery.views import words
from luoshi.delivery.views.commitments import OWN, chat_text, crumbs_of, headline
from luoshi.delivery.views.doors import (
    actor_of,
    content_digest,
    done_sentence,
    key_of,
    once,
    tell_known,
    tell_masked,
    version_of,
)
from luoshi.ledger.queries import get_entry, number_of
from luoshi.office.services import store_file
from luoshi.rules import lifecycle, lights
from luoshi.rules.calendar import local_day
from luoshi.rules.coverage import MISSING, STEPS
from luoshi.rules.lifecycle import ACT_NAMES, Act
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, gettext_noop
from luoshi.ui.sentences import refusal_context
from luoshi.units.models import Level

_N = gettext_noop
SHOWN_WITH = 20
"""Pieces of evidence offered to a finding."""
SAME_SHOWN = 12
"""Live asks named beside a price."""

CONSEQUENCES: Mapping[Act, str] = {
    Act.ISSUE: _N("The lead is asked to accept; from now on the words and dates change only by acts with a reason."),
    Act.DECLINE: _N("It goes back to the issuing side, which places it elsewhere or insists once."),
    Act.INSIST: _N("It stands again before the same lead, who cannot decline a second time. This can be done once."),
    Act.REISSUE: _N("The new lead is asked to accept; what happened before stays in the timeline."),
    Act.CHANGE_LEAD: _N("The new lead must accept it anew; what was reported stays in the timeline."),
    Act.BREAK_DOWN: _N("Every unit below receives its part at once, in one act. Parts can be withdrawn, not unsent."),
    Act.APPROVE_BREAKDOWN: _N("The approval holds for exactly these units, this rhythm and this date."),
    Act.APPLY: _N("An independent verifier is asked to look. Any change after this makes the application lapse."),
    Act.VERIFY: _N("The verdict is signed by your post and cannot be changed; a later look is a new verdict."),
    Act.CLOSE: _N("It is struck off. Only a failed look-back or the issuing side reopens it, under the same number."),
    Act.LOOK_BACK: _N("If it no longer holds, the commitment is reopened under the same number."),
    Act.REOPEN: _N("It is open again under the same number; its earlier closing stays in the timeline."),
    Act.SUSPEND: _N("The clock stands still until it is resumed."),
    Act.WITHDRAW: _N("Nothing is owed any more, and this cannot be undone. The record stays."),
    Act.DECIDE_EXTENSION: _N("The first date stays visible, and the extension is counted."),
    Act.RE_DATE: _N("The first date stays visible; a later date counts as an extension."),
    Act.UPHOLD: _N("The closing stands while its part is worked on again; the part is chased for itself."),
    Act.CONCLUDE: _N("The conclusion and its reason are fed back to the unit, which may object within 30 days."),
    Act.DECIDE_OBJECTION: _N("The decision is final here and stays in the timeline."),
    Act.END_DUTY: _N("The standing duty ends; its periods stay as they were."),
    Act.REMIND: _N("Each unit gets one message today and finds it in its list. Nothing else changes."),
    Act.REVOKE_LINK: _N("The link stops working at once."),
}
"""Acts that are looked at once more before they are done, with what they lead to."""

BULK_FROM = 500
"""More units than this are reached by a job, with a plan that is looked at first."""
WITH_UNITS = {Act.REISSUE, Act.CHANGE_LEAD, Act.EDIT, Act.REPLY}
WITH_PRICE = {Act.BREAK_DOWN, Act.APPROVE_BREAKDOWN}
NOT_CARRIED = {"csrfmiddlewaretoken", "idempotency_key", "version", "confirmed", "edit", "as_job"}


def _choices(act: Act, actor: Actor, commitment: Commitment, at: datetime) -> Choices:
    """What the form of this act may offer; only what it needs is read."""
    units, complete = pages.units_offered(actor) if act in WITH_UNITS else ([], True)
    if act is Act.EDIT and commitment.lead_id not in dict(units):
        units = [(commitment.lead_id, commitment.lead.name), *units]
    open_links = pages.live_links(commitment, at) if act is Act.REVOKE_LINK else ()
    return Choices(
        units=units,
        units_complete=complete,
        find_unit=lambda text: pages.unit_named(actor, text),
        below=pages.below_offered(commitment) if act in WITH_PRICE else (),
        posts=pages.posts_offered(commitment, own=act is Act.ISSUE_LINK) if act in {Act.ASSIGN, Act.ISSUE_LINK} else (),
        links=[(link.pk, f"{link.post.unit.name} · {link.post.title}") for link in open_links],
        criteria=commitment.criteria if act is Act.VERIFY else (),
        cadences=Commitment.Cadence.choices,
        steps=[(step.value, _(MISSING[step])) for step in STEPS],
        reaches=[
            ("", _("The units it was handed down to; without any, its own lead")),
            ("below", _("The units it was handed down to")),
            ("itself", _("Its own lead: %(unit)s") % {"unit": commitment.lead.name}),
        ],
        evidence=_handed_in(actor, commitment)
        if act is Act.REPORT
        else _shown_with(actor, commitment)
        if act is Act.FIND
        else (),
        corrects=_correctable(commitment) if act is Act.REPORT else (),
        methods=[
            ("desk", _("At the desk: papers and evidence")),
            ("visited", _("By a visit: seen on the spot")),
        ],
    )


def _handed_in(actor: Actor, commitment: Commitment) -> list[tuple[int, str]]:
    """Files this unit has handed in before, newest first, each with where."""
    return [
        (
            one.pk,
            _("%(name)s (%(day)s, %(title)s)")
            % {
                "name": one.name,
                "day": words.plain_day(timezone.localdate(one.added_at)),
                "title": one.report.commitment.title or one.report.commitment.ref,
            },
        )
        for one in evidence.reusable(actor, commitment)[: evidence.OFFERED]
    ]


def _shown_with(actor: Actor, commitment: Commitment) -> list[tuple[int, str]]:
    """What the unit has handed in for just this task, newest first: a finding may be about it."""
    rows = evidence.evidence_rows(actor, commitment).order_by("-pk")[:SHOWN_WITH]
    return [(one.pk, f"{one.name} ({words.plain_day(timezone.localdate(one.added_at))})") for one in rows]


def _correctable(commitment: Commitment) -> list[tuple[int, str]]:
    """Files of this commitment that are not corrected yet, newest first."""
    return [
        (one.pk, f"{one.name} ({words.plain_day(timezone.localdate(one.added_at))})")
        for one in evidence.correctable(commitment)[: evidence.OFFERED]
    ]


def _initial(act: Act, commitment: Commitment, choices: Choices, request: HttpRequest) -> dict[str, Any]:
    """What the form starts with: what was said last, everything chosen that usually is."""
    if act in {Act.REPORT, Act.SHARE}:
        return {"percent": commitment.said}
    if act in {Act.VERIFY, Act.LOOK_BACK}:
        return {"percent": commitment.verified}
    if act is Act.EDIT:
        return {
            "title": commitment.title,
            "requirement": commitment.requirement,
            "criteria": commitment.criteria,
            "lead": commitment.lead_id,
            "due_on": commitment.due_on,
            "due_days": commitment.deadline_n,
            "asks_files": commitment.asks_files,
            "asks_photos": commitment.asks_photos,
        }
    if act in WITH_PRICE:
        approval = pages.approval_waiting(commitment) if act is Act.BREAK_DOWN else None
        start: dict[str, Any] = {"units": [pk for pk, _name in choices.below], "due_on": commitment.due_on}
        return start | ({"levels": approval.levels} if approval else {})
    if act is Act.ASSIGN and commitment.lead_post:
        return {"post": commitment.lead_post.ref}
    if act is Act.REMIND:
        reach = request.GET.get("reach", "")
        return {
            "step": request.GET.get("step", Act.ACCEPT.value if commitment.state == "issued" else ""),
            "unit": request.GET.get("unit", ""),
            "reach": reach if reach in {"below", "itself"} else "",
        }
    if act is Act.REVOKE_LINK:
        return {"link": request.GET.get("link", "")}
    if act in {Act.ISSUE_LINK, Act.ASSIGN} and len(choices.posts) == 1:
        return {"post": choices.posts[0][0]}
    return {}


def _beside(act: Act, commitment: Commitment, actor: Actor, at: datetime) -> dict[str, Any]:
    """What one needs to see beside the form of this act."""
    found: dict[str, Any] = {}
    if act in {Act.VERIFY, Act.CLOSE, Act.RETURN, Act.LOOK_BACK, Act.RECALL}:
        application, verification = pages.hands_of(commitment)
        names = pages.persons([hand.by_user for hand in (application, verification) if hand])
        found |= {
            "application": application,
            "verification": verification,
            "applicant": names.get(application.by_user, "") if application else "",
            "checker": names.get(verification.by_user, "") if verification else "",
            "you": actor,
        }
    if act in {Act.REPORT, Act.VERIFY, Act.RETURN, Act.APPLY, Act.CLOSE, Act.DISPUTE, Act.FIND}:
        found["reports"] = pages.reports_of(commitment, 3)
        found["last_verification"] = commitment.verifications.select_related("by_post__unit").first()
    if act in {Act.ASK_EXTENSION, Act.DECIDE_EXTENSION}:
        found["extensions"] = list(commitment.extensions.select_related("asked_by_post__unit")[:5])
    if act is Act.REQUEST:
        found["reply_term"] = reply_term(commitment, local_day(at))
    if act in {Act.REPLY, Act.FORWARD}:
        found["request_row"] = pages.request_meant(commitment, actor)
    if act is Act.READ_BRIEF:
        found["brief_row"] = pages.brief_meant(commitment)
    if act in {Act.ANSWER, Act.CONCLUDE}:
        found["finding"] = commitment.findings.filter(conclusion="").prefetch_related("shown").order_by("id").first()
    if act is Act.DECIDE_OBJECTION:
        found["objection"] = commitment.objections.filter(upheld__isnull=True).order_by("id").first()
        found["concluded"] = list(commitment.findings.exclude(conclusion="").prefetch_related("shown")[:3])
        found["last_verification"] = commitment.verifications.select_related("by_post__unit").first()
    if act is Act.OBJECT:
        found["object_until"] = commitment.object_until()
        found["last_verification"] = commitment.verifications.select_related("by_post__unit").first()
        found["concluded"] = list(commitment.findings.exclude(conclusion="").prefetch_related("shown")[:3])
    if act is Act.BREAK_DOWN:
        found["approval"] = pages.approval_waiting(commitment)
    if act is Act.REPORT:
        facts = commitment.facts(Act.REPORT)
        found["on_behalf"] = not lifecycle.standings(facts, actor) & OWN
    return found


def _known(word: str) -> Act:
    try:
        act = Act(word)
    except ValueError:
        raise Refused("not_found") from None
    if act not in INPUTS:
        raise Refused("not_found")
    return act


def _back(request: HttpRequest, ref: str) -> str:
    """Where to go afterwards: the page one came from if it is ours, else the commitment."""
    wanted = request.POST.get("next", "") or request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return reverse("delivery:commitment", args=[ref])


def _closed_to(act: Act, commitment: Commitment, actor: Actor, at: datetime) -> Refused | None:
    """Why the act is not open to the actor at all, before anything is typed."""
    intent = lifecycle.Intent(reason="…", opinion="…", proposal_digest="")
    try:
        lifecycle.decide(commitment.facts(act), act, actor=actor, intent=intent, at=at)
    except Refused as refused:
        return refused
    return None


def _to_look(request: HttpRequest, act: Act) -> bool:
    """Whether the act is to be looked at once more before it is done."""
    return act in CONSEQUENCES and not request.POST.get("confirmed")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, ref: str, act: str) -> HttpResponse:
    """One act on one commitment（办理）: shown, looked at once more where it cannot be undone, and done once."""
    at = timezone.now()
    actor = actor_of(request, at)
    chosen = _known(act)
    twice: Refused | None = None
    if request.method == "POST":
        try:
            answer = _repeated(request)
        except Refused as refused:
            twice = refused
        else:
            if answer is not None:
                return _arrive(request, ref, answer, repeat=True)
    commitment = commitment_for(actor, ref)
    choices = _choices(chosen, actor, commitment, at)
    form = form_class(chosen, choices)(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        initial=_initial(chosen, commitment, choices, request),
    )
    shut = _closed_to(chosen, commitment, actor, at) if request.method != "POST" or _to_look(request, chosen) else None
    if request.method != "POST":
        return _page(request, chosen, commitment, actor, at, form, refused=shut, closed=shut is not None)
    if twice is not None:
        return _page(request, chosen, commitment, actor, at, form, refused=twice)
    if request.POST.get("edit"):
        return _page(request, chosen, commitment, actor, at, form)
    if not form.is_valid():
        return _page(request, chosen, commitment, actor, at, form, status=422)
    try:
        proposal = _proposal(chosen, ref, actor, form, at)
        reminding = _reminding(chosen, ref, actor, form, at)
        if shut is not None:
            raise shut
        if chosen is Act.BREAK_DOWN and proposal is not None and _is_long(request, proposal):
            return _plan_breakdown(request, ref, actor, form, at)
        if _to_look(request, chosen):
            return _look(request, chosen, commitment, form, proposal, reminding, at)
        return _do(request, chosen, ref, actor, form, at)
    except Refused as refused:
        fresh = commitment_for(actor, ref)
        return _page(request, chosen, fresh, actor, at, form, refused=refused)


def _repeated(request: HttpRequest) -> dict[str, Any] | None:
    """The answer given to this very sending before, if any."""
    key, user = key_of(request), request.user
    if not key or not isinstance(user, User):
        return None
    known = accounts.replay(user=user, key=key, digest=content_digest(request))
    return None if known is None else dict(known.body)


def _proposal(act: Act, ref: str, actor: Actor, form: ActForm, at: datetime) -> Proposal | None:
    if act not in WITH_PRICE:
        return None
    told = form.payload()
    return services.propose_breakdown(
        actor=actor,
        ref=ref,
        levels=told.get("levels", 1),
        units=told.get("units", ()),
        cadence=told.get("cadence", "on_change"),
        due_on=told.get("due_on"),
        due_days=told.get("due_days"),
        due_kind=told.get("due_kind", ""),
        title=told.get("title", ""),
        at=at,
    )


def _plan_breakdown(request: HttpRequest, ref: str, actor: Actor, form: ActForm, at: datetime) -> HttpResponse:
    """So many parts are long work: a job plans them, and the page of the plan asks for the confirmation."""
    data = {**form.payload(), "ref": ref, "version": version_of(request)}
    if set(data.get("units", ())) == {pk for pk, _name in pages.below_offered(commitment_for(actor, ref))}:
        data["units"] = []
    told, _again = once(
        request, lambda: {"url": _plan_url(bulk.plan(Act.BREAK_DOWN, actor=actor, data=data, at=at))}, at=at
    )
    return HttpResponseRedirect(str(told["url"]))


def _is_long(request: HttpRequest, proposal: Proposal) -> bool:
    """Whether a job makes the parts: when it reaches many units, or when the person would rather have it so."""
    return len(proposal.units) > BULK_FROM or (bool(request.POST.get("as_job")) and not request.POST.get("confirmed"))


def _plan_url(found: Bulk) -> str:
    return reverse("delivery:bulk", args=[found.pk])


def _reminding(act: Act, ref: str, actor: Actor, form: ActForm, at: datetime) -> Reminding | None:
    return services.propose_reminder(actor=actor, ref=ref, at=at, **form.payload()) if act is Act.REMIND else None


def _do(request: HttpRequest, act: Act, ref: str, actor: Actor, form: ActForm, at: datetime) -> HttpResponse:
    made: dict[str, Done] = {}

    def do() -> dict[str, Any]:
        data = form.payload()
        if form.uploads:
            stored = [store_file(upload, actor=actor, at=at) for upload in form.uploads]
            data["files"] = [{"digest": file.digest, "name": file.name} for file in stored]
        via = Report.Via.PAGE if act is Act.REPORT else None
        done = perform(act, actor=actor, ref=ref, version=version_of(request), data=data, at=at, via=via)
        made["done"] = done
        return {"url": _back(request, ref), "entry": done.entry.pk}

    answer, repeat = once(request, do, at=at)
    if not repeat:
        tell_masked(request, [value for value in form.cleaned_data.values() if isinstance(value, str)])
        if act is Act.REPORT:
            tell_known(request, made["done"].extra)
        if act is Act.ISSUE_LINK:
            return _link_made(request, made["done"], answer)
    return _arrive(request, ref, answer, repeat=repeat)


def _arrive(request: HttpRequest, ref: str, answer: Mapping[str, Any], *, repeat: bool) -> HttpResponse:
    """Go on to the page, with the ledger entry named."""
    number = number_of(get_entry(id=int(answer["entry"])))
    messages.success(request, done_sentence(number))
    if repeat:
        messages.info(request, _("It had arrived already; it was not done a second time."))
    return HttpResponseRedirect(str(answer["url"]))


def _link_made(request: HttpRequest, done: Done, answer: Mapping[str, Any]) -> HttpResponse:
    """The only page that ever shows the address of a new short link."""
    made: tuple[ShortLink, str] = done.extra
    link, token = made
    address = settings.BASE_URL.rstrip("/") + reverse("delivery:link", args=[token])
    until = words.plain_day(timezone.localdate(link.expires_at))
    context = {
        "commitment": done.commitment,
        "crumb_list": crumbs_of(done.commitment, _("Short link")),
        "link": link,
        "address": address,
        "text": chat_text(done.commitment, address, until=until),
        "entry": get_entry(id=int(answer["entry"])),
        "number": number_of(get_entry(id=int(answer["entry"]))),
    }
    response = render(request, "delivery/link_made.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _page(
    request: HttpRequest,
    act: Act,
    commitment: Commitment,
    actor: Actor,
    at: datetime,
    form: ActForm,
    *,
    refused: Refused | None = None,
    closed: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The page of the act: facts beside, form, refusal."""
    context = {
        **headline(commitment, lights.light(commitment.light_facts(), at)),
        **_beside(act, commitment, actor, at),
        "crumb_list": crumbs_of(commitment, _(ACT_NAMES[act])),
        "act": act.value,
        "name": _(ACT_NAMES[act]),
        "asks_more": act in CONSEQUENCES,
        "consequence": _(CONSEQUENCES[act]) if act in CONSEQUENCES else "",
        "form": form,
        "closed": closed,
        "version": commitment.version,
        "draft": f"{act.value}:{commitment.ref}" if any(not field.is_hidden for field in form) else "",
        "back": reverse("delivery:commitment", args=[commitment.ref]),
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
    }
    if refused is not None:
        context["refusal"] = refusal_context(refused) | _live_one(refused)
        status = refused.status
    return render(request, "delivery/act.html", context, status=status)


def _live_one(refused: Refused) -> dict[str, str]:
    """The link to what is asked already, beside the refusal of a duplicate."""
    if refused.code not in {"asked_already", "figure_asked_already", "figure_in_other_unit"}:
        return {}
    return {
        "todo": _("What is asked already:"),
        "url": reverse("delivery:commitment", args=[str(refused.params["ref"])]),
        "link": f"{refused.params['ref']} {refused.params['title']}",
    }


def _look(
    request: HttpRequest,
    act: Act,
    commitment: Commitment,
    form: ActForm,
    proposal: Proposal | None,
    reminding: Reminding | None,
    at: datetime,
) -> HttpResponse:
    """What is about to be done, once more, with what it leads to and what it costs."""
    carried = [(name, value) for name, values in request.POST.lists() if name not in NOT_CARRIED for value in values]
    context = {
        **headline(commitment, lights.light(commitment.light_facts(), at)),
        "crumb_list": crumbs_of(commitment, _(ACT_NAMES[act])),
        "act": act.value,
        "name": _(ACT_NAMES[act]),
        "consequence": _(CONSEQUENCES[act]),
        "carried": carried,
        "version": request.POST.get("version", ""),
        "told": [(bound.label, _shown(form, bound.name)) for bound in form if _shown(form, bound.name)],
        "proposal": proposal,
        **_price_of(act, commitment, proposal),
        "reminding": reminding,
        "reminded_units": reminding.units if reminding else [],
        "names": [unit.name for unit in proposal.units] if proposal else [],
    }
    if act is Act.CLOSE:
        context |= _beside(act, commitment, actor_of(request, at), at)
    return render(request, "delivery/look.html", context)


def _price_of(act: Act, commitment: Commitment, proposal: Proposal | None) -> dict[str, Any]:
    """What is added at each level and what is asked there already, before anything is sent（减负）."""
    if proposal is None and act is not Act.ISSUE:
        return {}
    same: Mapping[int, Already]
    today = local_day(timezone.now())
    if proposal is None:
        lead = commitment.lead
        price = queries.breakdown_price(
            1,
            commitment.cadence,
            from_on=today,
            until_on=commitment.due_on,
            files=commitment.asks_files,
            photos=commitment.asks_photos,
        )
        loads, added = load_by_level([lead], lead.path, today=today), [price.at(lead.level, 1)]
        same = already_asked([lead], commitment.title, but=[commitment.pk], like=commitment)
    else:
        loads = load_by_level(proposal.units, commitment.lead.area.path, today=today)
        added, same = proposal.by_level, proposal.already
    names = dict(Level.choices)
    return {
        "levels": [(names.get(one.level, _("Department")), one, loads.get(one.level)) for one in added],
        "already": list(same.values())[:SAME_SHOWN],
        "already_more": max(0, len(same) - SAME_SHOWN),
    }


def _shown(form: ActForm, name: str) -> str:
    """A cleaned value as the reader typed or chose it."""
    value, field = form.cleaned_data.get(name), form.fields[name]
    if value in (None, "", []) or name == "units":
        return ""
    options = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, bool):
        return options.get("yes" if value else "no", "") or (_("Yes") if value else _("No"))
    if isinstance(value, list):
        return words.joined(options.get(str(one), str(one)) for one in value)
    if hasattr(value, "isoformat"):
        return words.plain_day(value)
    prepared = field.prepare_value(value) if hasattr(field, "by_id") else value
    return options.get(str(value), str(prepared))
