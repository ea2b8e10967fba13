"""The guards（条件）: each looks at one thing and refuses with one code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from luoshi.rules.calendar import local_day
from luoshi.rules.lifecycle.facts import Facts, Hand, Intent
from luoshi.rules.lifecycle.reading import answers_for, lies_with, speaks_for
from luoshi.rules.lifecycle.states import Kind
from luoshi.rules.objecting import OBJECTION_DAYS
from luoshi.rules.paths import depth
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop

declare(
    403,
    same_hand=_(
        "You cannot do this: whoever applies, verifies and approves must be three different persons. You %(what)s."
    ),
    kin_hand=_(
        "You cannot do this: you and the person who %(what)s were deputies of one another, and the three hands must be"
        " independent."
    ),
    must_recuse=_(
        "You took part in what is objected to, or are or were the deputy of somebody who did, or had such a deputy: who"
        " found, verified, looked back or concluded does not decide. Somebody else of the issuing side does."
    ),
    own_subject=_("The unit that is spoken about cannot decide this itself."),
)
declare(
    409,
    no_authority=_(
        "Nothing can be issued without an authority: record who ordered it, in which document, for what and until when."
    ),
    authority_over=_("The authority is not in force on that day (%(start)s to %(end)s)."),
    lead_does_not_receive=_(
        "The lead unit receives nothing: statistical units and closed units cannot be made responsible."
    ),
    no_deadline=_("A commitment needs a date by which it is due."),
    already_insisted=_("The issuer has already insisted once. Issue it to another unit, or withdraw it."),
    cannot_decline_again=_(
        "The issuer has insisted on this commitment, so it can no longer be declined. Ask the superior instead."
    ),
    same_lead=_("That unit is the lead already."),
    needs_approval=_(
        "Breaking down by more than one level in one act needs a recorded approval of exactly these units first."
    ),
    already_broken_down=_("This is already broken down into %(children)s parts."),
    nothing_reported=_("Nothing has been reported yet."),
    already_returned=_("The last report has been returned already."),
    claim_returned=_("What was last reported does not stand any more. Report again first."),
    programme_not_in_force=_("The programme is not in force: put it in force before anything is issued."),
    not_on_behalf=_("The last report was not made on your behalf."),
    not_complete=_("The lead has said %(said)s %%. Closure is applied for at 100 %%."),
    children_open=_("%(open)s of its parts are neither closed nor withdrawn."),
    not_verified=_("There is no passed verification."),
    verification_lapsed=_(
        "Something material changed after it was checked, so the check has lapsed."
        " Return it and have it verified again."
    ),
    extension_pending=_("An extension is asked and not decided."),
    no_extension_pending=_("No extension is waiting for a decision."),
    extension_too_late=_("An extension is asked before the date; this was due on %(due)s."),
    extension_limit=_("It has been extended %(granted)s times; the programme allows no more."),
    lies_elsewhere=_("The question lies with %(unit)s now: whoever it lies with replies to it or forwards it."),
    findings_open=_("%(open)s findings on it are not concluded."),
    found_false=_("It was checked and found not complete, so no certificate strikes it off."),
    not_certified_here=_("This is struck off only as part of a list that a certificate speaks for."),
    claim_newer=_("It was reported on again after the list was frozen, so the certificate does not speak of it."),
    nobody_above=_("Nobody stands above you on this line: the question is yours to answer."),
    request_open=_("%(open)s requests to the superior are not replied to."),
    no_request_open=_("No request is waiting for a reply."),
    no_brief_unread=_("Every brief has been read."),
    objection_open=_("%(open)s objections are not decided."),
    no_objection_open=_("No objection is waiting for a decision."),
    no_finding_open=_("There is no open finding."),
    nothing_to_object_to=_("There is no conclusion or verification to object to."),
    already_objected=_("This conclusion has been objected to already; one conclusion is objected to once."),
    objection_too_late=_("An objection is raised within 30 days of the conclusion (%(until)s)."),
    period_still_runs=_("The period runs until %(end)s."),
    not_reviewed=_("A duty is ended after a review."),
    no_part_reopened=_("No part of this was reopened since it was closed, or all of them are closed again."),
)
declare(
    422,
    new_date_not_later=_("The new date must be later than %(due)s."),
    date_in_past=_("The new date (%(new)s) has passed already."),
    same_date=_("It is due on that day already (%(due)s)."),
    opinion_missing=_("Write your opinion: an approval says why."),
    percent_out_of_range=_("A percentage lies between 0 and 100."),
)

Guard = Callable[[Facts, Intent, Actor, datetime], Refused | None]


def says_why(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """A reason is given."""
    return None if intent.reason.strip() else Refused("reason_missing")


def gives_opinion(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The approver's opinion is not empty."""
    return None if intent.opinion.strip() else Refused("opinion_missing")


def authority_in_force(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """An authority exists and is in force today（依据）."""
    if not facts.has_authority:
        return Refused("no_authority")
    if not facts.programme_in_force:
        return Refused("programme_not_in_force")
    today = local_day(at)
    early = facts.authority_from is not None and today < facts.authority_from
    late = facts.authority_until is not None and today > facts.authority_until
    if early or late:
        return Refused("authority_over", start=str(facts.authority_from or "…"), end=str(facts.authority_until or "…"))
    return None


def lead_receives(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The (new) lead is a unit that can be made responsible."""
    receives = intent.lead_receives if intent.lead_id is not None else facts.lead_receives
    return None if receives else Refused("lead_does_not_receive")


def has_deadline(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """A date, or a rhythm for a standing duty."""
    dated = facts.due_on or facts.has_term or (facts.kind is Kind.DUTY and facts.frequency)
    return None if dated else Refused("no_deadline")


def not_insisted(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The issuer insists once at most."""
    return Refused("already_insisted") if facts.insisted else None


def may_still_decline(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """What was insisted on cannot be declined a second time."""
    return Refused("cannot_decline_again") if facts.insisted else None


def another_lead(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The new lead differs from the present one."""
    return Refused("same_lead") if intent.lead_id == facts.lead_id else None


def depth_approved(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """More than one level in one act needs an approval bound to exactly that proposal."""
    if intent.levels > 1 and facts.breakdown_approved != intent.proposal_digest:
        return Refused("needs_approval")
    return None


def not_broken_down(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Nothing below would lose its parent's lead."""
    return Refused("already_broken_down", children=facts.children) if facts.children else None


def percent_in_range(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """0–100."""
    return None if intent.percent is None or 0 <= intent.percent <= 100 else Refused("percent_out_of_range")


def reported(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Something was said."""
    return None if facts.reported else Refused("nothing_reported")


def report_stands(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The last report was not returned yet."""
    return Refused("already_returned") if facts.report_returned else None


def claim_stands(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """What is claimed was not sent back since."""
    return Refused("claim_returned") if facts.report_returned else None


def made_on_behalf(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The last report was made by somebody else for this unit."""
    return None if facts.report_on_behalf else Refused("not_on_behalf")


def said_complete(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """The lead itself says 100 %."""
    return None if facts.said == 100 else Refused("not_complete", said=facts.said)


def children_done(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Every part is closed or withdrawn."""
    return Refused("children_open", open=facts.open_children) if facts.open_children else None


def nothing_undecided(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """No undecided objection, extension or request."""
    if facts.open_objections:
        return Refused("objection_open", open=facts.open_objections)
    if facts.pending_extension:
        return Refused("extension_pending")
    if facts.open_requests:
        return Refused("request_open", open=facts.open_requests)
    return None


def application_stands(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """What is verified is what was applied for; an unfavourable verdict needs no such care."""
    if intent.favourable and facts.application_digest != facts.material_digest:
        return Refused("verification_lapsed")
    return None


def verification_stands(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """A passed verification of exactly this, newer than the last material change."""
    if not facts.verification_passed or facts.verification is None:
        return Refused("not_verified")
    return None if facts.verification_digest == facts.material_digest else Refused("verification_lapsed")


def nothing_found(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """No finding is open, and nobody has found less than what is claimed since."""
    if facts.open_findings:
        return Refused("findings_open", open=facts.open_findings)
    return Refused("found_false") if facts.verified_how and facts.verified < 100 else None


def as_certified(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """What a certificate speaks of is what was claimed when its list was frozen（证书所指）."""
    if intent.frozen_at is None or facts.reported_at is None:
        return Refused("not_certified_here")
    return Refused("claim_newer") if facts.reported_at > intent.frozen_at else None


def second_hand(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Whoever verifies did not apply（三手分离）."""
    return _other_than(facts.application, actor, _("applied for closure"))


def third_hand(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Whoever approves neither applied nor verified（三手分离）."""
    return _other_than(facts.application, actor, _("applied for closure")) or _other_than(
        facts.verification, actor, _("verified it")
    )


def _other_than(hand: Hand | None, actor: Actor, what: str) -> Refused | None:
    if hand is None or not hand.same_or_kin(actor):
        return None
    return Refused("same_hand" if hand.user_id == actor.user_id else "kin_hand", what=what)


def in_time_to_ask(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Asked on or before the date, for a later one, within the programme's limit, one at a time."""
    if facts.pending_extension:
        return Refused("extension_pending")
    if facts.due_on is None:
        return Refused("no_deadline")
    today = local_day(at)
    if min(today, facts.waiting_since or today) > facts.due_on:  # while a reply is owed from above no date passes
        return Refused("extension_too_late", due=str(facts.due_on))
    if facts.extensions_granted >= facts.extension_limit:
        return Refused("extension_limit", granted=facts.extensions_granted)
    if intent.new_due is not None and intent.new_due <= facts.due_on:
        return Refused("new_date_not_later", due=str(facts.due_on))
    return None


def extension_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is something to decide."""
    return None if facts.pending_extension else Refused("no_extension_pending")


def no_extension_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """What the lead has asked is decided first."""
    return Refused("extension_pending") if facts.pending_extension else None


def date_moves(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a date, and the new one is another and not over yet."""
    if facts.due_on is None:
        return Refused("no_deadline")
    if intent.new_due is None:
        return None
    if intent.new_due < local_day(at):
        return Refused("date_in_past", new=str(intent.new_due))
    return Refused("same_date", due=str(facts.due_on)) if intent.new_due == facts.due_on else None


def part_reopened(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """A part was reopened after the whole had been struck off, and is open still."""
    return None if facts.reopened_parts and facts.open_children else Refused("no_part_reopened")


def request_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is something to reply to."""
    return None if facts.open_requests else Refused("no_request_open")


def brief_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a brief nobody has read yet."""
    return None if facts.unread_briefs else Refused("no_brief_unread")


def asked_here(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """An open question lies with the actor's own side（批复责任）."""
    asked = lies_with(facts)
    if any(answers_for(one, actor) for one in asked):
        return None
    return Refused("lies_elsewhere", unit=asked[0].name or "…")


def somebody_above(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a unit above the one the question lies with."""
    mine = [one for one in lies_with(facts) if answers_for(one, actor)]
    top = mine and all(one.unit_path == one.area_path and depth(one.area_path) <= 1 for one in mine)
    return Refused("nobody_above") if top else None


def finding_open(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a finding to answer or conclude."""
    return None if facts.open_findings else Refused("no_finding_open")


def may_object(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a conclusion or verification of the last 30 days (条例 Art 20), and nobody has objected to it yet."""
    if facts.last_conclusion_on is None:
        return Refused("nothing_to_object_to")
    if facts.objected:
        return Refused("already_objected")
    until = facts.object_until or facts.last_conclusion_on + timedelta(days=OBJECTION_DAYS)
    return Refused("objection_too_late", until=str(until)) if local_day(at) > until else None


def not_own_subject(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Whoever speaks for the lead does not decide what is said about the lead, even if it issued to itself."""
    seats = (actor.seat, actor.effective)
    own = any(speaks_for(seat, facts.lead_path, facts.lead_area_path) for seat in seats)
    return Refused("own_subject") if own else None


def objection_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is an objection to decide, and whoever took part recuses."""
    if not facts.open_objections:
        return Refused("no_objection_open")
    return Refused("must_recuse") if must_recuse(facts, actor) else None


def must_recuse(facts: Facts, actor: Actor) -> bool:
    """Whether the actor took part in what is objected to（回避）: found, verified, looked back or concluded.

    So did, for this purpose, who was a deputy of such a person or had him for a deputy, then or now.
    """
    near = actor.user_id in facts.took_part or actor.user_id in facts.took_part_kin
    return near or not facts.took_part.isdisjoint(actor.kin)


def period_over(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Only a period whose last day is past can be missed."""
    if facts.period_ends_on is not None and local_day(at) <= facts.period_ends_on:
        return Refused("period_still_runs", end=str(facts.period_ends_on))
    return None


def was_reviewed(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """A duty is ended after a review."""
    return None if facts.reviewed else Refused("not_reviewed")
