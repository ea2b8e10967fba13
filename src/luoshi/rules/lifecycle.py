"""The life-cycle of a commitment（任务）: one table that says who may do what when, and the guards beside it.

``TABLE`` is the rule; everything else in this module only reads it. The diagram and the page “who may do what when”
are generated from it (:mod:`luoshi.rules.lifecycle_page`), every door asks :func:`decide`, and the commitment page
asks :func:`possibilities`.

Sources: 政府督查工作条例 (2021) Art 14–21 (conclusion, feedback, review; independence of those who check);
principle 3 of the blueprint (three hands). “基本完成” is no state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from luoshi.rules.calendar import local_day
from luoshi.rules.permissions import Actor, Role, Seat, within
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop


class Kind(StrEnum):
    """What sort of promise it is."""

    TASK = "task"  # 任务: struck off once
    DUTY = "duty"  # 长期坚持: a standing duty, reviewed and ended, never struck off
    PERIOD = "period"  # 期次: one period of a standing duty, finished or missed


class State(StrEnum):
    """Where a commitment stands（状态）."""

    DRAFT = "draft"
    ISSUED = "issued"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    APPLIED = "applied"
    VERIFIED = "verified"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"
    MISSED = "missed"
    ENDED = "ended"


#: States after which nothing is owed any more.
OVER = frozenset({State.CLOSED, State.WITHDRAWN, State.FINISHED, State.MISSED, State.ENDED})

STATE_NAMES: Mapping[State, str] = MappingProxyType(
    {
        State.DRAFT: _("Draft"),
        State.ISSUED: _("Issued"),
        State.DECLINED: _("Declined"),
        State.ACCEPTED: _("Under way"),
        State.APPLIED: _("Waiting for verification"),
        State.VERIFIED: _("Verified, waiting for approval"),
        State.CLOSED: _("Closed"),
        State.SUSPENDED: _("Suspended"),
        State.WITHDRAWN: _("Withdrawn"),
        State.FINISHED: _("Period finished"),
        State.MISSED: _("Period missed"),
        State.ENDED: _("Duty ended"),
    }
)


class Act(StrEnum):
    """What can be done to a commitment（动作）. The value is the word used in addresses and in the API."""

    EDIT = "edit"
    ISSUE = "issue"
    ACCEPT = "accept"
    DECLINE = "decline"
    INSIST = "insist"
    REISSUE = "reissue"
    ASSIGN = "assign"
    APPROVE_BREAKDOWN = "approve-breakdown"
    BREAK_DOWN = "break-down"
    REPORT = "report"
    SHARE = "share"
    DISPUTE = "dispute"
    RETURN = "return"
    APPLY = "apply"
    RECALL = "recall"
    VERIFY = "verify"
    CLOSE = "close"
    REOPEN = "reopen"
    LOOK_BACK = "look-back"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    CHANGE_LEAD = "change-lead"
    ASK_EXTENSION = "ask-extension"
    DECIDE_EXTENSION = "decide-extension"
    REQUEST = "request"
    REPLY = "reply"
    INSTRUCT = "instruct"
    FIND = "find"
    ANSWER = "answer"
    CONCLUDE = "conclude"
    OBJECT = "object"
    DECIDE_OBJECTION = "decide-objection"
    ISSUE_LINK = "issue-link"
    REVOKE_LINK = "revoke-link"
    OPEN_PERIOD = "open-period"
    FINISH_PERIOD = "finish-period"
    MISS_PERIOD = "miss-period"
    REVIEW_DUTY = "review-duty"
    END_DUTY = "end-duty"


ACT_NAMES: Mapping[Act, str] = MappingProxyType(
    {
        Act.EDIT: _("Edit the draft"),
        Act.ISSUE: _("Issue"),
        Act.ACCEPT: _("Accept"),
        Act.DECLINE: _("Decline"),
        Act.INSIST: _("Insist"),
        Act.REISSUE: _("Issue to another unit"),
        Act.ASSIGN: _("Name who does it"),
        Act.APPROVE_BREAKDOWN: _("Approve a deeper breakdown"),
        Act.BREAK_DOWN: _("Break down"),
        Act.REPORT: _("Report"),
        Act.SHARE: _("Report our share"),
        Act.DISPUTE: _("Dispute a report made for us"),
        Act.RETURN: _("Return"),
        Act.APPLY: _("Apply for closure"),
        Act.RECALL: _("Take the application back"),
        Act.VERIFY: _("Verify"),
        Act.CLOSE: _("Close"),
        Act.REOPEN: _("Reopen"),
        Act.LOOK_BACK: _("Look back"),
        Act.SUSPEND: _("Suspend"),
        Act.RESUME: _("Resume"),
        Act.WITHDRAW: _("Withdraw"),
        Act.CHANGE_LEAD: _("Change the lead"),
        Act.ASK_EXTENSION: _("Ask for an extension"),
        Act.DECIDE_EXTENSION: _("Decide the extension"),
        Act.REQUEST: _("Ask the superior"),
        Act.REPLY: _("Reply to a request"),
        Act.INSTRUCT: _("Write an instruction"),
        Act.FIND: _("Record a finding"),
        Act.ANSWER: _("Answer a finding"),
        Act.CONCLUDE: _("Conclude a finding"),
        Act.OBJECT: _("Object"),
        Act.DECIDE_OBJECTION: _("Decide an objection"),
        Act.ISSUE_LINK: _("Make a short link"),
        Act.REVOKE_LINK: _("Cancel a short link"),
        Act.OPEN_PERIOD: _("Open the next period"),
        Act.FINISH_PERIOD: _("Finish the period"),
        Act.MISS_PERIOD: _("Mark the period as missed"),
        Act.REVIEW_DUTY: _("Review the duty"),
        Act.END_DUTY: _("End the duty"),
    }
)


class Standing(StrEnum):
    """What somebody is to one commitment（身份）; one person may be several things at once."""

    ISSUER = "issuer"
    SUPERIOR = "superior"
    LEAD_HEAD = "lead_head"
    LEAD_HANDLER = "lead_handler"
    PROXY = "proxy"
    SUPPORTING = "supporting"
    VERIFIER = "verifier"
    LINE_VERIFIER = "line_verifier"
    SYSTEM = "system"
    READER = "reader"


STANDING_NAMES: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.ISSUER: _("the issuing side (head or supervision office)"),
        Standing.SUPERIOR: _("a head or supervision office above the lead unit"),
        Standing.LEAD_HEAD: _("the head of the lead unit"),
        Standing.LEAD_HANDLER: _("a handler or the office of the lead unit"),
        Standing.PROXY: _("the unit directly above, answering for the lead unit"),
        Standing.SUPPORTING: _("a supporting unit"),
        Standing.VERIFIER: _("an independent verifier"),
        Standing.LINE_VERIFIER: _("a verifier on the line of this commitment"),
        Standing.SYSTEM: _("the clock"),
        Standing.READER: _("a reader"),
    }
)


@dataclass(frozen=True, slots=True)
class Hand:
    """One of the three hands: who did an act, and who was too close to them at that moment."""

    user_id: int
    post_id: int
    kin: frozenset[int] = frozenset()

    def same_or_kin(self, actor: Actor) -> bool:
        """Whether ``actor`` is this person, or either was the other's deputy at the time."""
        return actor.user_id == self.user_id or actor.user_id in self.kin or self.user_id in actor.kin


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of one commitment; made by ``Commitment.facts()``, never by a door."""

    ref: str
    kind: Kind
    state: State
    lead_id: int
    lead_path: str
    lead_area_path: str
    issuer_id: int
    issuer_path: str
    issuer_area_path: str
    line_units: frozenset[int] = frozenset()
    supporting_units: frozenset[int] = frozenset()
    lead_receives: bool = True
    authority_from: date | None = None
    authority_until: date | None = None
    has_authority: bool = False
    programme_in_force: bool = True
    due_on: date | None = None
    has_term: bool = False
    frequency: str = ""
    insisted: bool = False
    reported: bool = False
    report_returned: bool = False
    report_on_behalf: bool = False
    said: int = 0
    open_children: int = 0
    children: int = 0
    pending_extension: bool = False
    extensions_granted: int = 0
    extension_limit: int = 2
    open_requests: int = 0
    open_findings: int = 0
    concluded_findings: int = 0
    open_objections: int = 0
    breakdown_approved: str = ""
    application: Hand | None = None
    application_digest: str = ""
    verification: Hand | None = None
    verification_passed: bool = False
    verification_digest: str = ""
    material_digest: str = ""
    took_part: frozenset[int] = frozenset()
    resume_state: State | None = None
    period_ends_on: date | None = None
    reviewed: bool = False
    last_conclusion_on: date | None = None
    off_system: bool = False


@dataclass(frozen=True, slots=True)
class Intent:
    """What the person says with the act; only what a guard looks at."""

    reason: str = ""
    opinion: str = ""
    favourable: bool = True
    new_due: date | None = None
    lead_id: int | None = None
    lead_receives: bool = True
    levels: int = 1
    proposal_digest: str = ""
    percent: int | None = None
    on_behalf: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A permitted act: the state before and after, and in what standing it was done."""

    act: Act
    before: State
    after: State
    standing: Standing


@dataclass(frozen=True, slots=True)
class Possibility:
    """One line of “who may do what now, and why not”."""

    act: Act
    allowed: bool
    refusal: Refused | None = None
    who: tuple[Standing, ...] = ()


declare(
    403,
    verifier_on_line=_(
        "You cannot verify this: your unit claims it, ordered it, or belongs to the same area or line."
        " A verifier comes from outside."
    ),
    same_hand=_(
        "You cannot do this: whoever applies, verifies and approves must be three different persons. You %(what)s."
    ),
    kin_hand=_(
        "You cannot do this: you and the person who %(what)s were deputies of one another, and the three hands must be"
        " independent."
    ),
    must_recuse=_("You took part in what is objected to, so somebody else decides."),
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
    duty_never_closed=_("A standing duty is reviewed and ended; it is never struck off."),
    only_duty=_("Only a standing duty has periods."),
    only_period=_("This belongs to a period of a standing duty."),
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
    request_open=_("%(open)s requests to the superior are not replied to."),
    no_request_open=_("No request is waiting for a reply."),
    objection_open=_("%(open)s objections are not decided."),
    no_objection_open=_("No objection is waiting for a decision."),
    no_finding_open=_("There is no open finding."),
    nothing_to_object_to=_("There is no conclusion or verification to object to."),
    objection_too_late=_("An objection is raised within 30 days of the conclusion (%(until)s)."),
    off_system_act=_(
        "This is handled off the system: only its number, post, date and state are kept here, no words and no figures."
    ),
    period_still_runs=_("The period runs until %(end)s."),
    not_reviewed=_("A duty is ended after a review."),
)
declare(
    422,
    new_date_not_later=_("The new date must be later than %(due)s."),
    opinion_missing=_("Write your opinion: an approval says why."),
    percent_out_of_range=_("A percentage lies between 0 and 100."),
)

OBJECTION_DAYS = 30
"""Days in which a unit may object to a conclusion: 政府督查工作条例 (2021) Art 20."""

Guard = Callable[[Facts, Intent, Actor, datetime], Refused | None]

# --- Guards: each looks at one thing and refuses with one code --------------------------------------------------------


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
    if local_day(at) > facts.due_on:
        return Refused("extension_too_late", due=str(facts.due_on))
    if facts.extensions_granted >= facts.extension_limit:
        return Refused("extension_limit", granted=facts.extensions_granted)
    if intent.new_due is not None and intent.new_due <= facts.due_on:
        return Refused("new_date_not_later", due=str(facts.due_on))
    return None


def extension_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is something to decide."""
    return None if facts.pending_extension else Refused("no_extension_pending")


def request_waits(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is something to reply to."""
    return None if facts.open_requests else Refused("no_request_open")


def finding_open(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a finding to answer or conclude."""
    return None if facts.open_findings else Refused("no_finding_open")


def may_object(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """There is a conclusion or verification of the last 30 days (条例 Art 20)."""
    if facts.last_conclusion_on is None:
        return Refused("nothing_to_object_to")
    until = facts.last_conclusion_on + timedelta(days=OBJECTION_DAYS)
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
    return (
        Refused("must_recuse")
        if actor.user_id in facts.took_part or not facts.took_part.isdisjoint(actor.kin)
        else None
    )


def period_over(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """Only a period whose last day is past can be missed."""
    if facts.period_ends_on is not None and local_day(at) <= facts.period_ends_on:
        return Refused("period_still_runs", end=str(facts.period_ends_on))
    return None


def was_reviewed(facts: Facts, intent: Intent, actor: Actor, at: datetime) -> Refused | None:
    """A duty is ended after a review."""
    return None if facts.reviewed else Refused("not_reviewed")


# --- The table --------------------------------------------------------------------------------------------------------

_S = Standing
ISSUING = frozenset({_S.ISSUER})
LEAD = frozenset({_S.LEAD_HEAD, _S.LEAD_HANDLER, _S.PROXY})
LEAD_OWN = frozenset({_S.LEAD_HEAD, _S.LEAD_HANDLER})
CHECKING = frozenset({_S.VERIFIER})
ABOVE = frozenset({_S.ISSUER, _S.SUPERIOR})
TASKS = frozenset({Kind.TASK})
DUTIES = frozenset({Kind.DUTY})
PERIODS = frozenset({Kind.PERIOD})
WORKS = frozenset({Kind.TASK, Kind.DUTY})
ALL = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell of the table: where the act leads, who may do it, and what must hold.

    ``to`` is the state after (``None``: stays); ``otherwise`` the state after an unfavourable outcome.
    """

    who: frozenset[Standing]
    to: State | None = None
    otherwise: State | None = None
    guards: tuple[Guard, ...] = ()
    kinds: frozenset[Kind] = ALL
    resumes: bool = field(default=False)


def _rows() -> Iterable[tuple[State, Act, Rule]]:
    s, a = State, Act
    # the issuing side prepares and hands over
    yield s.DRAFT, a.EDIT, Rule(ISSUING, kinds=WORKS)
    yield (
        s.DRAFT,
        a.ISSUE,
        Rule(ISSUING, s.ISSUED, guards=(authority_in_force, lead_receives, has_deadline), kinds=WORKS),
    )
    yield s.DRAFT, a.WITHDRAW, Rule(ISSUING, s.WITHDRAWN, guards=(says_why,), kinds=WORKS)
    # the lead takes it on, or refuses with a reason
    yield s.ISSUED, a.ACCEPT, Rule(LEAD, s.ACCEPTED, kinds=WORKS)
    yield s.ISSUED, a.DECLINE, Rule(LEAD_OWN, s.DECLINED, guards=(says_why, may_still_decline), kinds=WORKS)
    yield s.DECLINED, a.INSIST, Rule(ISSUING, s.ISSUED, guards=(says_why, not_insisted), kinds=WORKS)
    yield (
        s.DECLINED,
        a.REISSUE,
        Rule(ISSUING, s.ISSUED, guards=(says_why, another_lead, lead_receives, authority_in_force), kinds=WORKS),
    )
    yield s.DECLINED, a.WITHDRAW, Rule(ISSUING, s.WITHDRAWN, guards=(says_why,), kinds=WORKS)
    # work under way
    yield s.ACCEPTED, a.ASSIGN, Rule(LEAD_OWN)
    yield s.ACCEPTED, a.APPROVE_BREAKDOWN, Rule(ISSUING, guards=(gives_opinion,), kinds=WORKS)
    yield s.ACCEPTED, a.BREAK_DOWN, Rule(LEAD_OWN, guards=(authority_in_force, depth_approved), kinds=WORKS)
    yield s.ACCEPTED, a.REPORT, Rule(LEAD, guards=(percent_in_range,), kinds=ALL)
    yield s.MISSED, a.REPORT, Rule(LEAD, guards=(percent_in_range,), kinds=PERIODS)
    yield s.ACCEPTED, a.RETURN, Rule(ISSUING, guards=(says_why, reported, report_stands))
    # closing: three hands
    yield (
        s.ACCEPTED,
        a.APPLY,
        Rule(
            LEAD,
            s.APPLIED,
            guards=(reported, claim_stands, said_complete, children_done, nothing_undecided),
            kinds=TASKS,
        ),
    )
    yield s.APPLIED, a.RECALL, Rule(LEAD, s.ACCEPTED, kinds=TASKS)
    yield s.ACCEPTED, a.VERIFY, Rule(CHECKING, guards=(percent_in_range, reported), kinds=WORKS)
    yield (
        s.APPLIED,
        a.VERIFY,
        Rule(
            CHECKING,
            s.VERIFIED,
            otherwise=s.ACCEPTED,
            guards=(percent_in_range, second_hand, application_stands),
            kinds=TASKS,
        ),
    )
    yield (
        s.VERIFIED,
        a.CLOSE,
        Rule(
            ISSUING,
            s.CLOSED,
            guards=(gives_opinion, children_done, nothing_undecided, verification_stands, third_hand),
            kinds=TASKS,
        ),
    )
    yield s.VERIFIED, a.RETURN, Rule(ISSUING, s.ACCEPTED, guards=(says_why,), kinds=TASKS)
    # after closing
    yield (
        s.CLOSED,
        a.LOOK_BACK,
        Rule(CHECKING, s.CLOSED, otherwise=s.ACCEPTED, guards=(percent_in_range, second_hand), kinds=TASKS),
    )
    yield s.CLOSED, a.REOPEN, Rule(ISSUING, s.ACCEPTED, guards=(says_why,), kinds=TASKS)
    # asked and decided changes
    for state in (s.ISSUED, s.ACCEPTED):
        yield state, a.SUSPEND, Rule(ISSUING, s.SUSPENDED, guards=(says_why,), kinds=WORKS)
        yield (
            state,
            a.CHANGE_LEAD,
            Rule(ISSUING, s.ISSUED, guards=(says_why, another_lead, lead_receives, not_broken_down), kinds=WORKS),
        )
    yield s.SUSPENDED, a.RESUME, Rule(ISSUING, resumes=True, guards=(says_why,), kinds=WORKS)
    for state in (s.ISSUED, s.ACCEPTED, s.APPLIED, s.VERIFIED, s.SUSPENDED):
        kinds = ALL if state is s.ACCEPTED else WORKS  # a running period can be taken back, or its duty never ends
        yield state, a.WITHDRAW, Rule(ISSUING, s.WITHDRAWN, guards=(says_why, children_done), kinds=kinds)
    yield s.ACCEPTED, a.ASK_EXTENSION, Rule(LEAD, guards=(says_why, in_time_to_ask), kinds=TASKS)
    for state in (s.ACCEPTED, s.SUSPENDED):
        yield state, a.DECIDE_EXTENSION, Rule(ISSUING, guards=(says_why, extension_waits), kinds=TASKS)
    # upward questions, downward instructions, supporting units, short links
    for state in (s.ISSUED, s.ACCEPTED, s.SUSPENDED):
        yield state, a.REQUEST, Rule(LEAD, kinds=ALL)
        yield state, a.REPLY, Rule(ISSUING, guards=(gives_opinion, request_waits), kinds=ALL)
    for state in (s.ISSUED, s.ACCEPTED, s.APPLIED, s.VERIFIED, s.SUSPENDED):
        yield state, a.INSTRUCT, Rule(ABOVE, guards=(gives_opinion,), kinds=ALL)
    yield s.ACCEPTED, a.SHARE, Rule(frozenset({_S.SUPPORTING}), guards=(percent_in_range,), kinds=ALL)
    yield s.ACCEPTED, a.DISPUTE, Rule(LEAD_OWN, guards=(says_why, made_on_behalf), kinds=ALL)
    for state in (s.ISSUED, s.ACCEPTED):
        yield state, a.ISSUE_LINK, Rule(LEAD | ISSUING, kinds=ALL)
        yield state, a.REVOKE_LINK, Rule(LEAD | ISSUING, kinds=ALL)
    # findings and objections: a place for them from the start
    for state in (s.ACCEPTED, s.APPLIED, s.VERIFIED, s.CLOSED):
        yield state, a.FIND, Rule(ABOVE | CHECKING, guards=(says_why,), kinds=ALL)
        yield state, a.ANSWER, Rule(LEAD, guards=(says_why, finding_open), kinds=ALL)
        yield state, a.CONCLUDE, Rule(ABOVE | CHECKING, guards=(says_why, not_own_subject, finding_open), kinds=ALL)
        yield state, a.OBJECT, Rule(LEAD, guards=(says_why, may_object), kinds=ALL)
        yield state, a.DECIDE_OBJECTION, Rule(ABOVE, guards=(says_why, not_own_subject, objection_waits), kinds=ALL)
    # standing duties and their periods
    yield s.ACCEPTED, a.OPEN_PERIOD, Rule(ISSUING | {_S.SYSTEM}, kinds=DUTIES)
    yield (
        s.ACCEPTED,
        a.FINISH_PERIOD,
        Rule(LEAD, s.FINISHED, guards=(reported, claim_stands, said_complete), kinds=PERIODS),
    )
    yield s.ACCEPTED, a.MISS_PERIOD, Rule(frozenset({_S.SYSTEM}), s.MISSED, guards=(period_over,), kinds=PERIODS)
    yield s.ACCEPTED, a.REVIEW_DUTY, Rule(ISSUING, guards=(gives_opinion,), kinds=DUTIES)
    yield (
        s.ACCEPTED,
        a.END_DUTY,
        Rule(ISSUING, s.ENDED, guards=(gives_opinion, was_reviewed, children_done), kinds=DUTIES),
    )


TABLE: Mapping[tuple[State, Act], Rule] = MappingProxyType({(state, act): rule for state, act, rule in _rows()})


WORDLESS = frozenset(
    {
        Act.ISSUE,
        Act.ACCEPT,
        Act.DECLINE,
        Act.INSIST,
        Act.REISSUE,
        Act.ASSIGN,
        Act.BREAK_DOWN,
        Act.RETURN,
        Act.APPLY,
        Act.RECALL,
        Act.VERIFY,
        Act.CLOSE,
        Act.REOPEN,
        Act.LOOK_BACK,
        Act.SUSPEND,
        Act.RESUME,
        Act.WITHDRAW,
        Act.CHANGE_LEAD,
    }
)
"""Acts open to an off-system item（离线办理）: they change its state and need no words; what is said stays on paper."""

ABOUT_WORDS = frozenset({says_why, gives_opinion, reported, claim_stands, report_stands, said_complete})
"""Guards about what was written or reported; an off-system item holds neither (principle 10)."""


# --- Reading the table ------------------------------------------------------------------------------------------------


def independent(facts: Facts, seat: Seat) -> bool:
    """Whether a verifier's seat is outside the claiming unit and its line（第三方）.

    Outside means: not within the lead's area (which covers the lead, its departments, sister departments of the same
    area and everything below), not one of the units that ordered this commitment or one above it in the chain, and not
    an area that contains the lead.
    """
    return not (
        within(seat.unit_path, facts.lead_area_path)
        or seat.unit_id in facts.line_units
        or seat.unit_id in {facts.lead_id, facts.issuer_id}
        or within(facts.lead_path, seat.unit_path)
    )


def speaks_for(seat: Seat, unit_path: str, area_path: str) -> bool:
    """Whether a post acts for a unit: it is the post's own, or the post is the office of the area that the unit is."""
    return seat.unit_path == unit_path or (
        seat.role is Role.OFFICE and unit_path == area_path and seat.area_path == area_path
    )


def standings(facts: Facts, actor: Actor) -> frozenset[Standing]:
    """Everything ``actor`` is to this commitment; never empty."""
    seat, role = actor.effective, actor.role
    if role is Role.SYSTEM:
        return frozenset({Standing.SYSTEM})
    found: set[Standing] = set()
    if role is Role.VERIFIER:
        seats = [actor.seat] + ([actor.principal] if actor.principal else [])
        found.add(Standing.VERIFIER if all(independent(facts, one) for one in seats) else Standing.LINE_VERIFIER)
    if role in (Role.HEAD, Role.OFFICE):
        heads_issuer = role is Role.HEAD and seat.unit_path == facts.issuer_area_path
        if speaks_for(seat, facts.issuer_path, facts.issuer_area_path) or heads_issuer:
            found.add(Standing.ISSUER)
        presides = role is Role.OFFICE or seat.unit_path == seat.area_path
        if (
            presides
            and within(facts.lead_path, seat.area_path)
            and not speaks_for(seat, facts.lead_path, facts.lead_area_path)
        ):
            found.add(Standing.SUPERIOR)
    if role in (Role.HEAD, Role.OFFICE, Role.HANDLER):
        if speaks_for(seat, facts.lead_path, facts.lead_area_path):
            found.add(Standing.LEAD_HEAD if role is Role.HEAD else Standing.LEAD_HANDLER)
        elif role is not Role.HEAD and _directly_above(seat.area_path, facts.lead_area_path):
            found.add(Standing.PROXY)
        if seat.unit_id in facts.supporting_units:
            found.add(Standing.SUPPORTING)
    return frozenset(found) or frozenset({Standing.READER})


def _directly_above(area: str, below: str) -> bool:
    """Whether ``area`` is the parent of the area at ``below`` (paths have one ``.`` a segment)."""
    return bool(area) and below.startswith(area) and below.count(".") == area.count(".") + 1


def decide(facts: Facts, act: Act, *, actor: Actor, intent: Intent, at: datetime) -> Move:
    """Whether ``actor`` may do ``act`` now, and where it leads; raises :class:`Refused` with the reason.

    The order of refusals is the order in which a person would want to hear them: the state forbids it, the kind
    forbids it, it is somebody else's act, a condition is not met.
    """
    rule = TABLE.get((facts.state, act))
    if rule is None:
        raise Refused("wrong_state", state=STATE_NAMES[facts.state])
    if facts.kind not in rule.kinds:
        raise _wrong_kind(facts, rule)
    if facts.off_system and act not in WORDLESS:
        raise Refused("off_system_act")
    held = standings(facts, actor)
    fitting = [standing for standing in Standing if standing in held and standing in rule.who]
    if not fitting:
        if Standing.LINE_VERIFIER in held and Standing.VERIFIER in rule.who:
            raise Refused("verifier_on_line")
        raise Refused(
            "not_your_act", who=tuple(STANDING_NAMES[standing] for standing in Standing if standing in rule.who)
        )
    for guard in rule.guards:
        if facts.off_system and guard in ABOUT_WORDS:
            continue
        refusal = guard(facts, intent, actor, at)
        if refusal is not None:
            raise refusal
    after = rule.to or facts.state
    if not intent.favourable and rule.otherwise is not None:
        after = rule.otherwise
    if rule.resumes:
        after = facts.resume_state or State.ACCEPTED
    return Move(act=act, before=facts.state, after=after, standing=fitting[0])


def _wrong_kind(facts: Facts, rule: Rule) -> Refused:
    if facts.kind is Kind.DUTY:
        return Refused("duty_never_closed")
    return Refused(
        "only_duty" if rule.kinds == DUTIES else "only_period" if rule.kinds == PERIODS else "wrong_state",
        state=STATE_NAMES[facts.state],
    )


#: What the person will type into the form, assumed present when the page only asks “could I?”.
WOULD_SAY = Intent(reason="…", opinion="…")


def possibilities(facts: Facts, *, actor: Actor, at: datetime) -> tuple[Possibility, ...]:
    """For the page: every act of this state and kind, whether this actor may do it, and if not, why（谁能做什么）."""
    found = []
    for act in Act:
        rule = TABLE.get((facts.state, act))
        if rule is None or facts.kind not in rule.kinds or rule.who == frozenset({Standing.SYSTEM}):
            continue
        if facts.off_system and act not in WORDLESS:
            continue
        who = tuple(standing for standing in Standing if standing in rule.who)
        try:
            decide(facts, act, actor=actor, intent=WOULD_SAY, at=at)
        except Refused as refusal:
            found.append(Possibility(act, False, refusal, who))
        else:
            found.append(Possibility(act, True, None, who))
    return tuple(found)
