"""The table: who may do what when, where it leads, and what must hold（生命周期表）. Change the rule here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from luoshi.rules.lifecycle.acts import Act
from luoshi.rules.lifecycle.guards import (
    Guard,
    another_lead,
    application_stands,
    as_certified,
    asked_here,
    authority_in_force,
    children_done,
    claim_stands,
    date_moves,
    depth_approved,
    extension_waits,
    finding_open,
    gives_opinion,
    has_deadline,
    in_time_to_ask,
    lead_receives,
    made_on_behalf,
    may_object,
    may_still_decline,
    no_extension_waits,
    not_broken_down,
    not_insisted,
    not_own_subject,
    nothing_found,
    nothing_undecided,
    objection_waits,
    part_reopened,
    percent_in_range,
    period_over,
    report_stands,
    reported,
    request_waits,
    said_complete,
    says_why,
    second_hand,
    somebody_above,
    third_hand,
    verification_stands,
    was_reviewed,
)
from luoshi.rules.lifecycle.standing import Standing
from luoshi.rules.lifecycle.states import Kind, State

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
    for state in (s.ACCEPTED, s.APPLIED, s.VERIFIED, s.SUSPENDED):  # a post is handed over whatever its work waits for
        yield state, a.ASSIGN, Rule(LEAD_OWN)
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
    for state in (s.ACCEPTED, s.APPLIED, s.VERIFIED):  # drawn by lot with many others, and certified with them
        certified = (
            gives_opinion,
            reported,
            claim_stands,
            said_complete,
            children_done,
            nothing_undecided,
            nothing_found,
            as_certified,
            third_hand,
        )
        yield state, a.CERTIFY, Rule(ABOVE, s.CLOSED, guards=certified, kinds=TASKS)
    yield s.VERIFIED, a.RETURN, Rule(ISSUING, s.ACCEPTED, guards=(says_why,), kinds=TASKS)
    # after closing
    yield (
        s.CLOSED,
        a.LOOK_BACK,
        Rule(CHECKING, s.CLOSED, otherwise=s.ACCEPTED, guards=(percent_in_range, second_hand), kinds=TASKS),
    )
    yield s.CLOSED, a.REOPEN, Rule(ISSUING, s.ACCEPTED, guards=(says_why,), kinds=TASKS)
    yield s.CLOSED, a.UPHOLD, Rule(ISSUING, guards=(gives_opinion, part_reopened, third_hand), kinds=TASKS)
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
    for state in (s.ISSUED, s.ACCEPTED, s.SUSPENDED):
        yield state, a.RE_DATE, Rule(ABOVE, guards=(says_why, no_extension_waits, date_moves), kinds=TASKS)
    # upward questions, downward instructions, supporting units, short links
    for state in (s.ISSUED, s.ACCEPTED, s.SUSPENDED):
        yield state, a.REQUEST, Rule(LEAD, kinds=ALL)
        yield state, a.REPLY, Rule(ABOVE, guards=(gives_opinion, request_waits, asked_here), kinds=ALL)
        forwards = (says_why, request_waits, asked_here, somebody_above)
        yield state, a.FORWARD, Rule(ABOVE, guards=forwards, kinds=ALL)
        yield state, a.TAKE_BACK, Rule(LEAD_OWN, guards=(says_why, request_waits), kinds=ALL)
    for state in (s.ISSUED, s.ACCEPTED, s.APPLIED, s.VERIFIED, s.SUSPENDED):
        yield state, a.INSTRUCT, Rule(ABOVE, guards=(gives_opinion,), kinds=ALL)
    # reminding: the first rung of the ladder, also done by hand to just those who have not moved
    yield s.ISSUED, a.REMIND, Rule(ABOVE, kinds=ALL)
    yield s.ACCEPTED, a.REMIND, Rule(ABOVE | LEAD_OWN, kinds=ALL)
    # calls to order, and praise: proposed here, approved by a person on the slip itself
    for state in (s.ISSUED, s.ACCEPTED, s.APPLIED, s.VERIFIED, s.CLOSED):
        yield state, a.PROPOSE_SLIP, Rule(ABOVE, guards=(says_why,), kinds=ALL)
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

ABOUT_WORDS = frozenset({says_why, gives_opinion, reported, claim_stands, report_stands, said_complete})
"""Guards about what was written or reported; an off-system item holds neither (principle 10)."""
