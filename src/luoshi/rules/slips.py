"""督办单的规则: who may do what with a call to order, and when it may be issued at all.

A slip is proposed (by the clock or an office), approved by a person, answered by the unit within a limit, and ends
settled or withdrawn. Praise and blame (interview, circular) need the head of the supervising area, and never the one
who proposed them. Within one period a unit is met once, by one supervising side; more needs an approval that says why.

Sources: 政府督查工作条例 (2021): no repeated, multi-headed or unauthorised supervision; its frequency is controlled by
a plan; conclusions are answered. 整治形式主义为基层减负若干规定 (2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from luoshi.rules.escalation import PERSON_RUNGS, Rung
from luoshi.rules.lifecycle import speaks_for
from luoshi.rules.paths import directly_above, within
from luoshi.rules.permissions import Actor, Role
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop
declare(
    403,
    slip_not_yours=_("Your post cannot do this with a slip: it belongs to %(who)s."),
    slip_own_proposal=_("You proposed this yourself. Praise and blame are approved by somebody else."),
)
declare(
    409,
    slip_state=_("This cannot be done with a slip that is “%(state)s”."),
    already_supervised=_(
        "%(unit)s already had the slip %(number)s on %(on)s, and a unit is met once in %(days)s days."
        " Look at it first; the head may approve a second one with a reason."
    ),
    many_headed=_(
        "%(unit)s already had the slip %(number)s of %(by)s on %(on)s: several sides may not supervise one unit in"
        " %(days)s days. Look at it first; the head may approve a second one with a reason."
    ),
    repeat_by_head=_("A second slip within the period is approved by the head of the supervising area."),
    nothing_owed_now=_("Nothing it names is overdue any more. Let the proposal go."),
    slip_proposed_already=_("A slip for %(unit)s waits for its approval already."),
)
declare(
    422,
    slip_answer_missing=_("Write what was done, and by when the rest will be."),
    slip_tone=_("A circular says whether it praises or blames; nothing else does either."),
)

PERIOD_DAYS: Final = 30
"""Days within which a unit is met with supervision once, where no plan says otherwise."""
ANSWER_DAYS: Final = 5
"""Working days for an answer where the approval names no other number."""

NAMES: Mapping[Rung, str] = MappingProxyType(
    {
        Rung.SUPERVISE: _("Supervision slip"),
        Rung.INTERVIEW: _("Invitation to an interview"),
        Rung.CIRCULATE: _("Circular notice"),
    }
)


class Tone(StrEnum):
    """Whether it praises or blames（褒贬）; only a circular does."""

    NEITHER = ""
    PRAISE = "praise"
    BLAME = "blame"


TONES: Mapping[Tone, str] = MappingProxyType(
    {Tone.NEITHER: _("neither"), Tone.PRAISE: _("praise"), Tone.BLAME: _("criticism")}
)


class SlipState(StrEnum):
    """Where a slip stands（督办单状态）."""

    PROPOSED = "proposed"
    ISSUED = "issued"
    ANSWERED = "answered"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


STATE_NAMES: Mapping[SlipState, str] = MappingProxyType(
    {
        SlipState.PROPOSED: _("waits for approval"),
        SlipState.ISSUED: _("waits for the answer"),
        SlipState.ANSWERED: _("answered"),
        SlipState.SETTLED: _("settled"),
        SlipState.WITHDRAWN: _("withdrawn"),
        SlipState.DROPPED: _("not issued"),
    }
)
OPEN: Final = frozenset({SlipState.PROPOSED, SlipState.ISSUED, SlipState.ANSWERED})
COUNTS: Final = frozenset({SlipState.ISSUED, SlipState.ANSWERED, SlipState.SETTLED})
"""States in which a slip has met its unit; a withdrawn one is taken back and counts no more."""


class SlipAct(StrEnum):
    """What can be done with a slip; the value is the word in addresses."""

    APPROVE = "approve"
    DROP = "drop"
    ANSWER = "answer"
    SEND_BACK = "send-back"
    SETTLE = "settle"
    WITHDRAW = "withdraw"


ACT_NAMES: Mapping[SlipAct, str] = MappingProxyType(
    {
        SlipAct.APPROVE: _("Approve and issue"),
        SlipAct.DROP: _("Let it go"),
        SlipAct.ANSWER: _("Answer"),
        SlipAct.SEND_BACK: _("Ask again"),
        SlipAct.SETTLE: _("Settle"),
        SlipAct.WITHDRAW: _("Take the slip back"),
    }
)
ISSUING, HEAD_OF_ISSUER, ANSWERING = (
    _("the head or the supervision office of the supervising side"),
    _("the head of the supervising area"),
    _("the unit it is addressed to"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules need to know of a slip; made by ``Slip.facts()``, never by a door."""

    rung: Rung
    state: SlipState
    tone: Tone
    issuer_path: str
    issuer_area_path: str
    unit_path: str
    unit_area_path: str
    proposed_by_user: int | None = None

    @property
    def judges(self) -> bool:
        """Whether it praises or blames, so that only the head decides."""
        return self.rung in PERSON_RUNGS or self.tone is not Tone.NEITHER


_FROM: Mapping[SlipAct, frozenset[SlipState]] = {
    SlipAct.APPROVE: frozenset({SlipState.PROPOSED}),
    SlipAct.DROP: frozenset({SlipState.PROPOSED}),
    SlipAct.ANSWER: frozenset({SlipState.ISSUED}),
    SlipAct.SEND_BACK: frozenset({SlipState.ANSWERED}),
    SlipAct.SETTLE: frozenset({SlipState.ISSUED, SlipState.ANSWERED}),
    SlipAct.WITHDRAW: frozenset({SlipState.ISSUED, SlipState.ANSWERED}),
}
_TO: Mapping[SlipAct, SlipState] = {
    SlipAct.APPROVE: SlipState.ISSUED,
    SlipAct.DROP: SlipState.DROPPED,
    SlipAct.ANSWER: SlipState.ANSWERED,
    SlipAct.SEND_BACK: SlipState.ISSUED,
    SlipAct.SETTLE: SlipState.SETTLED,
    SlipAct.WITHDRAW: SlipState.WITHDRAWN,
}


def heads(facts: Facts, actor: Actor) -> bool:
    """Whether the actor is the head of the supervising area."""
    return actor.role is Role.HEAD and actor.effective.unit_path in {facts.issuer_area_path, facts.issuer_path}


def issues(facts: Facts, actor: Actor) -> bool:
    """Whether the actor is the supervising side: its head or its office."""
    speaks = speaks_for(actor.effective, facts.issuer_path, facts.issuer_area_path)
    return heads(facts, actor) or (actor.role in (Role.HEAD, Role.OFFICE) and speaks)


def answers(facts: Facts, actor: Actor) -> bool:
    """Whether the actor speaks for the unit it is addressed to, or answers for it from directly above（代填）.

    Nobody answers what his own side asks.
    """
    seat = actor.effective
    own = speaks_for(seat, facts.unit_path, facts.unit_area_path)
    near = actor.role is not Role.HEAD and directly_above(seat.area_path, facts.unit_area_path)
    above = near and not within(facts.issuer_area_path, seat.area_path)
    return actor.role in (Role.HEAD, Role.OFFICE, Role.HANDLER) and (own or above)


def decide_slip(facts: Facts, act: SlipAct, *, actor: Actor) -> SlipState:
    """The state after an act on a slip, for whoever may do it.

    Raises:
        Refused: ``slip_state``, ``slip_not_yours``, ``slip_own_proposal``.
    """
    if facts.state not in _FROM[act]:
        raise Refused("slip_state", state=STATE_NAMES[facts.state])
    if act is SlipAct.ANSWER:
        if not answers(facts, actor):
            raise Refused("slip_not_yours", who=ANSWERING)
    elif act is SlipAct.APPROVE and facts.judges:
        if not heads(facts, actor):
            raise Refused("slip_not_yours", who=HEAD_OF_ISSUER)
        if facts.proposed_by_user == actor.user_id:
            raise Refused("slip_own_proposal")
    elif not issues(facts, actor):
        raise Refused("slip_not_yours", who=ISSUING)
    return _TO[act]


def possible(facts: Facts, *, actor: Actor) -> tuple[SlipAct, ...]:
    """What the actor may do with a slip now."""
    found = []
    for act in SlipAct:
        try:
            decide_slip(facts, act, actor=actor)
        except Refused:
            continue
        found.append(act)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A slip that met the same unit within the period: its number, day, and whose it was."""

    number: str
    on: date
    by: str
    same_side: bool


def period_begins(at: datetime, days: int) -> datetime:
    """From when slips count for the limit."""
    return at - timedelta(days=days)


def may_meet(earlier: Earlier | None, *, unit: str, days: int, reason: str, by_head: bool) -> None:
    """Refuse a second slip to a unit within the period unless the head approves it with a recorded reason（频次）.

    Raises:
        Refused: ``already_supervised``, ``many_headed``, ``repeat_by_head``.
    """
    if earlier is None:
        return
    if not reason.strip():
        code = "already_supervised" if earlier.same_side else "many_headed"
        raise Refused(code, unit=unit, number=earlier.number, on=str(earlier.on), by=earlier.by, days=days)
    if not by_head:
        raise Refused("repeat_by_head")
