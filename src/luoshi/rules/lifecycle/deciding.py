"""Reading the table for one act, or for all of them at once（判定）."""

from __future__ import annotations

from datetime import datetime

from luoshi.rules.lifecycle.acts import BY_LIST, WORDLESS, Act
from luoshi.rules.lifecycle.facts import Facts, Intent, Move, Possibility
from luoshi.rules.lifecycle.reading import standings
from luoshi.rules.lifecycle.standing import STANDING_NAMES, Standing
from luoshi.rules.lifecycle.states import STATE_NAMES, Kind, State
from luoshi.rules.lifecycle.table import ABOUT_WORDS, DUTIES, PERIODS, TABLE, Rule
from luoshi.rules.permissions import Actor
from luoshi.rules.refusals import Refused, declare, gettext_noop

_ = gettext_noop

declare(
    403,
    verifier_on_line=_(
        "You cannot verify this: your unit claims it, ordered it, or belongs to the same area or line."
        " A verifier comes from outside."
    ),
)
declare(
    409,
    duty_never_closed=_("A standing duty is reviewed and ended; it is never struck off."),
    only_duty=_("Only a standing duty has periods."),
    only_period=_("This belongs to a period of a standing duty."),
    off_system_act=_(
        "This is handled off the system: only its number, post, date and state are kept here, no words and no figures."
    ),
)


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
        rule = None if act in BY_LIST else TABLE.get((facts.state, act))
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
